/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reason: every reason has one name, and stands under one heading.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/reason.h"

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		const char *name = reasons[i].name;

		assert_non_null(name);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(name));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, reasons[k].name);
	}
}

/* The ledger balances only if nothing is booked nowhere. */
static void
test_classes(void **state)
{
	(void)state;
	assert_int_equal(reasons[REASON_NONE].class, REASON_C_NONE);
	for (int i = 1; i < REASON_COUNT; i++)
		assert_int_not_equal(reasons[i].class, REASON_C_NONE);
	assert_int_equal(reasons[REASON_CLIENT].class, REASON_C_CLOSED);
	assert_int_equal(reasons[REASON_ERROR].class, REASON_C_CLOSED);
	assert_int_equal(reasons[REASON_ACL].class, REASON_C_REJECTED);
	assert_int_equal(reasons[REASON_LIMIT].class, REASON_C_REJECTED);
	assert_int_equal(reasons[REASON_DESCRIPTORS].class,
	    REASON_C_REJECTED);
	assert_int_equal(reasons[REASON_HANDED].class, REASON_C_HANDED);
	assert_int_equal(reasons[REASON_CRASH].class, REASON_C_LOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
