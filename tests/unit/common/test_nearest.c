/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_nearest - the distance of words, and when a guess is worth making.
 */
#include "tests/unit/common/conf_help.h"

#include <limits.h>

#include "common/nearest.h"

static void
test_distance(void **state)
{
	static const struct { const char *a, *b; unsigned d; } rows[] = {
		{ "", "", 0 }, { "", "abc", 3 }, { "abc", "abc", 0 },
		{ "abc", "abd", 1 }, { "abc", "ab", 1 }, { "abc", "abcd", 1 },
		{ "abc", "acb", 1 },		/* a swap is one slip */
		{ "ab", "ba", 1 }, { "kitten", "sitting", 3 },
		{ "ca", "abc", 3 },		/* alignment, not Damerau's 2 */
		{ "listen", "lissten", 1 }, { "workers", "wrokers", 1 },
		{ "restart", "reload", 4 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		assert_int_equal(nearest_distance(rows[i].a, rows[i].b),
		    rows[i].d);
		assert_int_equal(nearest_distance(rows[i].b, rows[i].a),
		    rows[i].d);
	}
}

static void
test_long_words(void **state)
{
	char at[64], above[65];

	(void)state;
	memset(at, 'x', 63);
	at[63] = '\0';
	memset(above, 'x', 64);
	above[64] = '\0';
	assert_int_equal(nearest_distance(at, at), 0);
	assert_int_equal(nearest_distance(at, ""), 63);
	assert_true(nearest_distance(above, above) == UINT_MAX);
	assert_true(nearest_distance("", above) == UINT_MAX);
}

static void
test_try(void **state)
{
	static const char *const known[] = {
		"reload", "restart", "run", "status", "stop", "start",
	};
	static const struct { const char *word, *best; } rows[] = {
		{ "relaod", "reload" }, { "reloda", "reload" },
		{ "strat", "start" },		/* nearer than restart */
		{ "statsu", "status" }, { "sotp", "stop" }, { "rn", "run" },
		{ "xyzzy", NULL }, { "", NULL }, { "restartstatus", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		struct nearest n = { .word = rows[i].word };

		for (size_t j = 0; j < NITEMS(known); j++)
			nearest_try(&n, known[j]);
		if (rows[i].best == NULL)
			assert_null(n.best);
		else
			assert_string_equal(n.best, rows[i].best);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
