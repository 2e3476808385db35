/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - clock_gettime(2) as integers.  It cannot fail for these clocks, and
 * needs no system call where the kernel offers its vDSO.
 */
#include <time.h>

#include "common/clock.h"

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_mono_ms(void)
{
	return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t
clock_real_us(void)
{
	return clock_us(CLOCK_REALTIME);
}
