/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_time - moments as text without libc's time zone code, which takes locks
 * and reads files: neither is wanted in a freshly cloned process.
 */
#ifndef COMMON_LOG_TIME_H
#define COMMON_LOG_TIME_H

#include <stddef.h>
#include <stdint.h>

enum {
	LOG_TIME_RFC3339 = 27,		/* 2026-01-02T03:04:05.123456Z */
	LOG_TIME_CLOCK = 12		/* 03:04:05.123 */
};

/* Both write exactly that many bytes and no NUL.  What lies before 1970 is
 * shown as its first moment, what lies behind 9999 as its last. */
void	 log_time_rfc3339(char dst[static LOG_TIME_RFC3339], int64_t real_us);
void	 log_time_clock(char dst[static LOG_TIME_CLOCK], int64_t real_us);

/* How far local time is east of UTC at that moment, in seconds.  Asks libc. */
int32_t	 log_time_east_s(int64_t real_us);

#endif
