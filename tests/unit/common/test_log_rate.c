/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of log_rate_ok: one per period, and the count of the others.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/log.h"

static const struct step {
	int64_t now_ms;
	bool ok;
	uint64_t suppressed;
} steps[] = {
	{ 5000, true, 0 },		/* the first at once */
	{ 5000, false, 0 },
	{ 5001, false, 0 },
	{ 5999, false, 0 },
	{ 6000, true, 3 },
	{ 6999, false, 0 },
	{ 90000, true, 1 },
	{ 91000, true, 0 },
};

static void
test_steps(void **state)
{
	struct log_rate rate = { 0, 0 };
	uint64_t suppressed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		suppressed = 99;
		assert_int_equal(log_rate_ok(&rate, steps[i].now_ms, 1000,
		    &suppressed), steps[i].ok);
		assert_int_equal(suppressed, steps[i].suppressed);
	}
}

static void
test_every_0_is_no_limit(void **state)
{
	struct log_rate rate = { 0, 0 };
	uint64_t suppressed;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_true(log_rate_ok(&rate, 7, 0, &suppressed));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_every_0_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
