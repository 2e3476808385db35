/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - the two clocks.  Whatever is waited for or measured uses the
 * monotonic one; the real one is for what people read.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Since an arbitrary moment; never steps back, stands while suspended. */
int64_t	 clock_mono_ms(void);
int64_t	 clock_mono_us(void);
/* Since 1970-01-01T00:00:00Z; may be set at any time, also backwards. */
int64_t	 clock_real_us(void);

#endif
