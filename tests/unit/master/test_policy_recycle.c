/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_recycle: each row is one look at a slot that was made at 1000 ms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "master/policy_recycle.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum { BORN = 1000, NEVER = -1 };

static const struct look {
	const char *name;
	struct recycle_conf conf;
	int64_t now_ms;
	uint64_t accepted, memory;
	uint32_t crashes, random;
	enum recycle_why why;
	int64_t again_ms;
} table[] = {
	{ "no limit: no timer", { 0, 0, 0 }, 99999999, 1 << 30, 1 << 30, 0, 0,
	    RECYCLE_NO, NEVER },
	{ "young", { 8000, 0, 0 }, 1001, 0, 0, 0, 0, RECYCLE_NO, 9000 },
	{ "young, with its own part", { 8000, 0, 0 }, 1001, 0, 0, 0, 700,
	    RECYCLE_NO, 8300 },
	{ "never earlier than by an eighth", { 8000, 0, 0 }, 1001, 0, 0, 0,
	    1000, RECYCLE_NO, 8000 },
	{ "one before", { 8000, 0, 0 }, 8999, 0, 0, 0, 0, RECYCLE_NO, 9000 },
	{ "old", { 8000, 0, 0 }, 9000, 0, 0, 0, 0, RECYCLE_AGE, 9000 },
	{ "old by its own part", { 8000, 0, 0 }, 8300, 0, 0, 0, 700,
	    RECYCLE_AGE, 8300 },
	{ "a tiny limit has no jitter", { 7, 0, 0 }, 1006, 0, 0, 0, 12345,
	    RECYCLE_NO, 1007 },
	{ "served less", { 0, 80, 0 }, 2000, 79, 0, 0, 0, RECYCLE_NO, 3000 },
	{ "served enough", { 0, 80, 0 }, 2000, 80, 0, 0, 0, RECYCLE_SERVED,
	    3000 },
	{ "served its own part", { 0, 80, 0 }, 2000, 75, 0, 0, 5,
	    RECYCLE_SERVED, 3000 },
	{ "small", { 0, 0, 5000 }, 50000, 0, 4999, 0, 0, RECYCLE_NO, 51000 },
	{ "big", { 0, 0, 5000 }, 50000, 0, 5000, 0, 0, RECYCLE_MEMORY, 51000 },
	{ "big from the start", { 0, 0, 5000 }, 10999, 0, 9000, 0, 0,
	    RECYCLE_NO, 11999 },
	{ "big after the start", { 0, 0, 5000 }, 11000, 0, 9000, 0, 0,
	    RECYCLE_MEMORY, 12000 },
	{ "looks for both, age is nearer", { 8000, 10, 0 }, 8500, 0, 0, 0, 0,
	    RECYCLE_NO, 9000 },
	{ "looks for both, age is far", { 8000, 10, 0 }, 2000, 0, 0, 0, 0,
	    RECYCLE_NO, 3000 },
	{ "crashed, not so often", { 0, 0, 0 }, 2000, 0, 0, 15, 0, RECYCLE_NO,
	    NEVER },
	{ "crashed so often", { 0, 0, 0 }, 2000, 0, 0, 16, 0, RECYCLE_CRASHED,
	    NEVER },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(table); i++) {
		const struct look *l = &table[i];
		struct recycle_slot s = { .born_ms = BORN, .now_ms = l->now_ms,
		    .accepted = l->accepted, .memory = l->memory,
		    .crashes = l->crashes, .random = l->random };
		struct recycle_verdict v = recycle_check(&s, &l->conf);
		int64_t again = l->again_ms == NEVER ? INT64_MAX : l->again_ms;

		if (v.why != l->why || v.again_ms != again)
			fail_msg("%s: %s, again at %lld", l->name,
			    recycle_why_name[v.why], (long long)v.again_ms);
	}
}

static void
test_spread(void **state)
{
	static const struct recycle_conf conf = { .max_worker_age_ms = 80000 };
	struct recycle_slot s = { .now_ms = 0 };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct recycle_verdict v;

		s.random = i * 2654435761U;
		v = recycle_check(&s, &conf);
		least = v.again_ms < least ? v.again_ms : least;
		most = v.again_ms > most ? v.again_ms : most;
	}
	assert_in_range(least, 70000, 70500);
	assert_in_range(most, 79500, 80000);
}

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < RECYCLE_NWHYS; i++)
		assert_true(strlen(recycle_why_name[i]) > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
