/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/clock: units, and that the monotonic clock never steps back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "common/clock.h"

static void
test_units_agree(void **state)
{
	int64_t us, ms, real_s;
	time_t t;

	(void)state;
	us = clock_mono_us();
	ms = clock_mono_ms();
	assert_in_range(ms - us / 1000, 0, 10000);
	t = time(NULL);
	real_s = clock_real_us() / 1000000;
	assert_in_range(real_s - t + 1, 0, 11);
}

static void
test_mono_never_steps_back(void **state)
{
	int64_t last = 0, now;
	int i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		now = clock_mono_us();
		assert_true(now >= last);
		last = now;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_agree),
		cmocka_unit_test(test_mono_never_steps_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
