/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd_sweep - closing all descriptors but those named.
 */
#ifndef COMMON_FD_SWEEP_H
#define COMMON_FD_SWEEP_H

#include <stddef.h>

enum { FD_SWEEP_MAX = 2048 };

/* Borrows keep; its entries may be -1 and in any order.  0, or -1 with errno:
 * EINVAL (n > FD_SWEEP_MAX), or of close_range(2). */
int	fd_sweep(const int *keep, size_t n);

#endif
