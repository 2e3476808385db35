/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * balance: one row per border of the rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "worker/balance.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

struct line {
	const char *name;
	uint32_t own;
	bool accepting;
	struct balance_sibling siblings[4];
	size_t n;
	bool want;
};

static const struct line table[] = {
	{ "alone", 5000, true, { { 0, false, false } }, 0, true },
	{ "alone, came back", 5000, false, { { 0, false, false } }, 0, true },
	{ "siblings that are not ready do not count", 5000, true,
	    { { 0, false, true }, { 0, false, true } }, 2, true },
	{ "the last ready one died: return", 5000, false,
	    { { 0, false, true } }, 1, true },
	{ "nobody accepts: stay", 5000, true, { { 0, true, false } }, 1, true },
	{ "nobody accepts: return", 5000, false,
	    { { 0, true, false }, { 9, true, false } }, 2, true },
	{ "small numbers: 8 above is no reason", 8, true,
	    { { 0, true, true } }, 1, true },
	{ "9 above nothing", 9, true, { { 0, true, true } }, 1, false },
	{ "8 above three", 18, true, { { 10, true, true }, { 10, true, true },
	    { 10, true, true } }, 3, true },
	{ "8 above, more than 1/8", 24, true, { { 16, true, true } }, 1, true },
	{ "9 above, more than 1/8", 25, true, { { 16, true, true } }, 1,
	    false },
	{ "9 above, less than 1/8", 809, true, { { 800, true, true } }, 1,
	    true },
	{ "exactly 1/8", 900, true, { { 800, true, true } }, 1, true },
	{ "one more than 1/8", 901, true, { { 800, true, true } }, 1, false },
	{ "the mean of the ready, all of them", 901, true,
	    { { 700, true, true }, { 900, true, false }, { 0, false, true } },
	    3, false },
	{ "the mean is not rounded", 27, true,
	    { { 19, true, true }, { 18, true, true } }, 2, false },
	{ "out, and above the mean", 801, false, { { 800, true, true } }, 1,
	    false },
	{ "out, and at the mean", 800, false, { { 800, true, true } }, 1,
	    true },
	{ "out, below it by a part of one", 19, false,
	    { { 19, true, true }, { 20, true, false } }, 2, true },
	{ "out, all empty", 0, false, { { 0, true, true } }, 1, true },
	{ "the largest numbers", UINT32_MAX, true,
	    { { UINT32_MAX, true, true }, { UINT32_MAX, true, true } }, 2,
	    true },
	{ "the largest against none", UINT32_MAX, true,
	    { { 0, true, true }, { 0, true, true } }, 2, false },
};

static void
test_table(void **state)
{
	const struct line *t;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(table); i++) {
		t = &table[i];
		if (balance_accept(t->own, t->accepting, t->siblings, t->n) !=
		    t->want)
			fail_msg("%s: not %d", t->name, (int)t->want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
