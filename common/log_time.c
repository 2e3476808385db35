/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_time - see the header.  The calendar is computed as in Howard Hinnant's
 * "chrono-Compatible Low-Level Date Algorithms" (civil_from_days): years begin
 * in March, eras of 400 years repeat.
 */
#include <string.h>
#include <time.h>

#include "common/log_time.h"

static const int64_t us_per_s = 1000000;
/* 9999-12-31T23:59:59.999999Z */
static const int64_t last_us = 253402300799999999;

/* digits of value, with leading zeros. */
static void
put_digits(char *dst, unsigned int digits, uint32_t value)
{
	while (digits-- > 0) {
		dst[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

static int64_t
clamp(int64_t real_us)
{
	if (real_us < 0)
		return 0;
	return real_us > last_us ? last_us : real_us;
}

static void
put_date(char *dst, uint32_t days)
{
	uint32_t z, era, doe, yoe, doy, mp, month;

	z = days + 719468;		/* since 0000-03-01 */
	era = z / 146097;
	doe = z % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = mp < 10 ? mp + 3 : mp - 9;
	put_digits(dst, 4, yoe + era * 400 + (month <= 2));
	put_digits(dst + 5, 2, month);
	put_digits(dst + 8, 2, doy - (153 * mp + 2) / 5 + 1);
}

static void
put_clock(char *dst, uint32_t second_of_day)
{
	put_digits(dst, 2, second_of_day / 3600);
	put_digits(dst + 3, 2, second_of_day / 60 % 60);
	put_digits(dst + 6, 2, second_of_day % 60);
}

void
log_time_rfc3339(char dst[static LOG_TIME_RFC3339], int64_t real_us)
{
	int64_t us = clamp(real_us), s = us / us_per_s;

	memcpy(dst, "0000-00-00T00:00:00.000000Z", LOG_TIME_RFC3339);
	put_date(dst, (uint32_t)(s / 86400));
	put_clock(dst + 11, (uint32_t)(s % 86400));
	put_digits(dst + 20, 6, (uint32_t)(us % us_per_s));
}

void
log_time_clock(char dst[static LOG_TIME_CLOCK], int64_t real_us)
{
	int64_t us = clamp(real_us), s = us / us_per_s;

	memcpy(dst, "00:00:00.000", LOG_TIME_CLOCK);
	put_clock(dst, (uint32_t)(s % 86400));
	put_digits(dst + 9, 3, (uint32_t)(us % us_per_s) / 1000);
}

int32_t
log_time_east_s(int64_t real_us)
{
	time_t t = (time_t)(real_us / us_per_s);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return (int32_t)tm.tm_gmtoff;
}
