/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_liveness: each row is a series of looks at one worker with
 * hang_timeout 30 s, the last of which gives the verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "master/policy_liveness.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum { BUSY = 1, STOP = 2, SUSP = 4 };

struct look { int64_t at_s; int flags; uint64_t turn; };

struct series {
	const char *name;
	struct look looks[8];		/* ends at at_s 0 */
	enum liveness_what what;
	int64_t again_s;
};

static const struct series table[] = {
	{ "at rest: no timer", { { 1, 0, 5 } }, LIVENESS_REST, 0 },
	{ "at rest for ever: no timer", { { 1, 0, 5 }, { 9000, 0, 5 } },
	    LIVENESS_REST, 0 },
	{ "busy: half the timeout", { { 1, BUSY, 5 } }, LIVENESS_WATCH, 16 },
	{ "an early question changes nothing",
	    { { 1, BUSY, 5 }, { 15, BUSY, 5 } }, LIVENESS_WATCH, 16 },
	{ "at rest before the expiry: the timer stays",
	    { { 1, BUSY, 5 }, { 2, 0, 6 } }, LIVENESS_WATCH, 16 },
	{ "at rest at the expiry: it goes",
	    { { 1, BUSY, 5 }, { 16, 0, 6 } }, LIVENESS_REST, 0 },
	{ "stopped at rest: it goes too",
	    { { 1, BUSY, 5 }, { 16, STOP, 6 } }, LIVENESS_REST, 0 },
	{ "one check is no hang", { { 1, BUSY, 5 }, { 16, BUSY, 5 } },
	    LIVENESS_WATCH, 31 },
	{ "the same turn at two checks",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY, 5 } },
	    LIVENESS_HUNG, 0 },
	{ "hung is said again",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY, 5 },
	    { 32, BUSY, 5 } }, LIVENESS_HUNG, 0 },
	{ "the same turn, but the second check is to come",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 30, BUSY, 5 } },
	    LIVENESS_WATCH, 31 },
	{ "another turn at the second check",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY, 6 } },
	    LIVENESS_WATCH, 46 },
	{ "stuck in that other turn",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY, 6 },
	    { 46, BUSY, 6 } }, LIVENESS_HUNG, 0 },
	{ "at rest between two stuck looks: from the start",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, 0, 5 },
	    { 32, BUSY, 5 }, { 47, BUSY, 5 } }, LIVENESS_WATCH, 62 },
	{ "a late expiry counts once",
	    { { 1, BUSY, 5 }, { 500, BUSY, 5 } }, LIVENESS_WATCH, 515 },
	{ "stopped at the second check",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | STOP, 5 } },
	    LIVENESS_WATCH, 46 },
	{ "the first expiry after SIGCONT is ignored",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | STOP, 5 },
	    { 46, BUSY, 5 }, { 61, BUSY, 5 } }, LIVENESS_WATCH, 76 },
	{ "but not the ones after it",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | STOP, 5 },
	    { 46, BUSY, 5 }, { 61, BUSY, 5 }, { 76, BUSY, 5 } },
	    LIVENESS_HUNG, 0 },
	{ "a stop seen between two checks counts",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 20, BUSY | STOP, 5 },
	    { 22, BUSY, 5 }, { 31, BUSY, 5 } }, LIVENESS_WATCH, 46 },
	{ "stopped for ever is never hung",
	    { { 1, BUSY, 5 }, { 16, BUSY | STOP, 5 }, { 31, BUSY | STOP, 5 },
	    { 46, BUSY | STOP, 5 }, { 61, BUSY | STOP, 5 },
	    { 76, BUSY | STOP, 5 } }, LIVENESS_WATCH, 91 },
	{ "the first expiry after a suspend is ignored",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | SUSP, 5 } },
	    LIVENESS_WATCH, 46 },
	{ "and the check before it forgotten",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | SUSP, 5 },
	    { 46, BUSY, 5 } }, LIVENESS_WATCH, 61 },
	{ "a suspend seen between two checks counts",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 20, BUSY | SUSP, 5 },
	    { 31, BUSY, 5 } }, LIVENESS_WATCH, 46 },
	{ "stuck after the suspend",
	    { { 1, BUSY, 5 }, { 16, BUSY, 5 }, { 31, BUSY | SUSP, 5 },
	    { 46, BUSY, 5 }, { 61, BUSY, 5 } }, LIVENESS_HUNG, 0 },
	{ "stopped when the timer is armed",
	    { { 1, BUSY | STOP, 5 }, { 16, BUSY, 5 }, { 31, BUSY, 5 } },
	    LIVENESS_WATCH, 46 },
};

static struct liveness_verdict
look(struct liveness_state *st, const struct look *l, int64_t timeout_ms)
{
	struct liveness_input in = {
		.busy = (l->flags & BUSY) != 0,
		.stopped = (l->flags & STOP) != 0,
		.interrupted = (l->flags & SUSP) != 0,
		.turns = l->turn,
		.now_ms = l->at_s * 1000,
	};

	return liveness_check(st, &in, timeout_ms);
}

static void
test_table(void **state)
{
	const struct look *l;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(table); i++) {
		struct liveness_state st = { 0 };
		struct liveness_verdict v = { LIVENESS_REST, 0 };

		for (l = table[i].looks; l->at_s != 0; l++)
			v = look(&st, l, 30000);
		if (v.what != table[i].what ||
		    v.again_ms != table[i].again_s * 1000)
			fail_msg("%s: verdict %d, again %lld", table[i].name,
			    (int)v.what, (long long)v.again_ms);
	}
}

static void
test_off(void **state)
{
	static const struct look stuck = { 1, BUSY, 5 };
	static const struct look later = { 99, BUSY, 5 };
	struct liveness_state st = { 0 };

	(void)state;
	assert_int_equal(look(&st, &stuck, 0).what, LIVENESS_REST);
	assert_int_equal(look(&st, &later, 0).what, LIVENESS_REST);
	/* Switched off while it watches: the timer goes. */
	assert_int_equal(look(&st, &stuck, 30000).what, LIVENESS_WATCH);
	assert_int_equal(look(&st, &later, 0).what, LIVENESS_REST);
	assert_int_equal(st.due_ms, 0);
}

/* The smallest timeout still waits a millisecond between its checks. */
static void
test_smallest(void **state)
{
	static const struct look stuck = { 1, BUSY, 5 };
	struct liveness_state st = { 0 };
	struct liveness_verdict v = look(&st, &stuck, 1);

	(void)state;
	assert_int_equal(v.what, LIVENESS_WATCH);
	assert_int_equal(v.again_ms, 1001);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_smallest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
