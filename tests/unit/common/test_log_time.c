/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log_time: known moments, and every day against libc.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <time.h>

#include "common/log_time.h"

static const struct row {
	int64_t us;
	const char *rfc3339, *clock;
} rows[] = {
	{ 0, "1970-01-01T00:00:00.000000Z", "00:00:00.000" },
	{ -1, "1970-01-01T00:00:00.000000Z", "00:00:00.000" },
	{ 951782399999999, "2000-02-28T23:59:59.999999Z", "23:59:59.999" },
	{ 951782400000000, "2000-02-29T00:00:00.000000Z", "00:00:00.000" },
	{ 1767323045123456, "2026-01-02T03:04:05.123456Z", "03:04:05.123" },
	{ 4107542400000001, "2100-03-01T00:00:00.000001Z", "00:00:00.000" },
	{ 253402300799999999, "9999-12-31T23:59:59.999999Z", "23:59:59.999" },
	{ INT64_MAX, "9999-12-31T23:59:59.999999Z", "23:59:59.999" },
};

static void
test_rows(void **state)
{
	char text[LOG_TIME_RFC3339 + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(text, '#', sizeof(text));
		log_time_rfc3339(text, rows[i].us);
		assert_int_equal(text[LOG_TIME_RFC3339], '#');
		assert_memory_equal(text, rows[i].rfc3339, LOG_TIME_RFC3339);
		memset(text, '#', sizeof(text));
		log_time_clock(text, rows[i].us);
		assert_int_equal(text[LOG_TIME_CLOCK], '#');
		assert_memory_equal(text, rows[i].clock, LOG_TIME_CLOCK);
	}
}

/* Each day of 400 years and some, as gmtime_r has it. */
static void
test_every_day(void **state)
{
	char text[LOG_TIME_RFC3339], want[40];
	struct tm tm;
	time_t t;
	int64_t day;

	(void)state;
	for (day = 0; day < 366 * 410; day++) {
		t = (time_t)(day * 86400 + day % 86400);
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
		log_time_rfc3339(text, (int64_t)t * 1000000);
		assert_memory_equal(text, want, strlen(want));
	}
}

static void
test_east(void **state)
{
	(void)state;
	setenv("TZ", "TEST-05:30", 1);	/* POSIX: five and a half east */
	tzset();
	assert_int_equal(log_time_east_s(0), 19800);
	setenv("TZ", "TEST+03", 1);
	tzset();
	assert_int_equal(log_time_east_s(0), -10800);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_east),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
