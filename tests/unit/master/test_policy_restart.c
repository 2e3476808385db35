/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_restart: each row is a short life story of one slot under the default
 * settings, and what must follow it; then the rates of whole minutes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "master/policy_restart.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

static const struct restart_conf dflt = {
	.restart_backoff_min_ms = 100,
	.restart_backoff_max_ms = 30000,
	.stable_after_ms = 60000,
};

enum op { END, BORN, READY, DIED };
struct step { enum op op; int64_t at_ms; };

struct story {
	const char *name;
	struct step steps[14];
	int64_t ask_ms;
	enum restart_what what;
	enum restart_why why;
	int64_t until_ms;		/* for RESTART_WAIT */
};

static const struct story stories[] = {
	{ .name = "a fresh slot starts", .ask_ms = 5,
	    .what = RESTART_START, .why = RESTART_W_FIRST },
	{ .name = "one starting is left alone", .steps = { { BORN, 5 } },
	    .ask_ms = 90000, .what = RESTART_NOTHING, .why = RESTART_W_ALIVE },
	{ .name = "one ready is left alone",
	    .steps = { { BORN, 5 }, { READY, 6 } },
	    .ask_ms = 90000, .what = RESTART_NOTHING, .why = RESTART_W_ALIVE },
	{ .name = "died after ready: at once",
	    .steps = { { BORN, 5 }, { READY, 6 }, { DIED, 7 } },
	    .ask_ms = 7, .what = RESTART_START, .why = RESTART_W_TOKEN },
	{ .name = "died before ready: the smallest delay",
	    .steps = { { BORN, 5 }, { DIED, 7 } }, .ask_ms = 7,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF, .until_ms = 107 },
	{ .name = "waits up to the last millisecond",
	    .steps = { { BORN, 5 }, { DIED, 7 } }, .ask_ms = 106,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF, .until_ms = 107 },
	{ .name = "the delay is over",
	    .steps = { { BORN, 5 }, { DIED, 7 } }, .ask_ms = 107,
	    .what = RESTART_START, .why = RESTART_W_BACKOFF },
	{ .name = "the delay doubles",
	    .steps = { { BORN, 5 }, { DIED, 7 }, { BORN, 107 }, { DIED, 110 },
	    { BORN, 310 }, { DIED, 400 } }, .ask_ms = 400,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF, .until_ms = 800 },
	{ .name = "a short life after ready forgets nothing",
	    .steps = { { BORN, 5 }, { DIED, 7 }, { BORN, 107 },
	    { READY, 110 }, { DIED, 60109 }, { BORN, 60109 },
	    { DIED, 60200 } }, .ask_ms = 60200,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF,
	    .until_ms = 60400 },
	{ .name = "stable_after forgets the failures",
	    .steps = { { BORN, 5 }, { DIED, 7 }, { BORN, 107 },
	    { READY, 110 }, { DIED, 60110 }, { BORN, 60110 },
	    { DIED, 60200 } }, .ask_ms = 60200,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF,
	    .until_ms = 60300 },
	{ .name = "a long start is not a stable life",
	    .steps = { { BORN, 5 }, { DIED, 7 }, { BORN, 107 },
	    { DIED, 99000 } }, .ask_ms = 99000,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF,
	    .until_ms = 99200 },
	{ .name = "the fourth token",
	    .steps = { { BORN, 0 }, { READY, 0 }, { DIED, 0 }, { BORN, 0 },
	    { READY, 0 }, { DIED, 0 }, { BORN, 0 }, { READY, 0 },
	    { DIED, 0 }, { BORN, 0 }, { READY, 0 }, { DIED, 0 } },
	    .ask_ms = 0, .what = RESTART_START, .why = RESTART_W_TOKEN },
	{ .name = "events told twice count once",
	    .steps = { { BORN, 5 }, { BORN, 6 }, { DIED, 7 }, { DIED, 50 },
	    { READY, 51 } }, .ask_ms = 51,
	    .what = RESTART_WAIT, .why = RESTART_W_BACKOFF, .until_ms = 107 },
	{ .name = "nor does a second birth undo READY",
	    .steps = { { BORN, 5 }, { READY, 6 }, { BORN, 7 }, { DIED, 8 } },
	    .ask_ms = 8, .what = RESTART_START, .why = RESTART_W_TOKEN },
	{ .name = "a death without a birth is no death",
	    .steps = { { DIED, 5 }, { READY, 6 } }, .ask_ms = 7,
	    .what = RESTART_START, .why = RESTART_W_FIRST },
};

static void
tell(struct restart_state *st, const struct step *s)
{
	if (s->op == BORN)
		restart_born(st, s->at_ms);
	else if (s->op == READY)
		restart_ready(st, s->at_ms);
	else
		restart_died(st, &dflt, s->at_ms, 0);
}

static void
test_stories(void **state)
{
	const struct story *t;
	const struct step *s;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(stories); i++) {
		struct restart_state st = { 0 };
		struct restart_verdict v;

		t = &stories[i];
		for (s = t->steps; s->op != END; s++)
			tell(&st, s);
		v = restart_next(&st, &dflt, t->ask_ms);
		if (v.what != t->what || v.why != t->why ||
		    (v.what == RESTART_WAIT && v.until_ms != t->until_ms))
			fail_msg("%s: what %d why %s until %lld", t->name,
			    (int)v.what, restart_why_name[v.why],
			    (long long)v.until_ms);
	}
}

/* Starts when allowed, dies in the same millisecond; returns the n-th wait. */
static int64_t
crash(struct restart_state *st, const struct restart_conf *conf, int64_t *now,
    bool ready, uint32_t random)
{
	struct restart_verdict v;
	int64_t before = *now;

	restart_born(st, *now);
	if (ready)
		restart_ready(st, *now);
	restart_died(st, conf, *now, random);
	v = restart_next(st, conf, *now);
	if (v.what == RESTART_WAIT)
		*now = v.until_ms;
	assert_int_equal(restart_next(st, conf, *now).what, RESTART_START);
	return *now - before;
}

static void
test_tokens(void **state)
{
	struct restart_state st = { 0 };
	int64_t now = 1000;
	int i;

	(void)state;
	for (i = 0; i < RESTART_TOKENS; i++)
		assert_int_equal(crash(&st, &dflt, &now, true, 0), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(crash(&st, &dflt, &now, true, 0), 3750);
	assert_int_equal(st.restarts, RESTART_TOKENS + 10);
	assert_int_equal(st.why, RESTART_W_NO_TOKEN);
	now += 2 * 3750;		/* alive that long: two are back */
	restart_born(&st, now - 2 * 3750);
	restart_ready(&st, now - 2 * 3750);
	restart_died(&st, &dflt, now, 0);
	assert_int_equal(restart_next(&st, &dflt, now).what, RESTART_START);
	assert_int_equal(crash(&st, &dflt, &now, true, 0), 0);
	assert_int_equal(crash(&st, &dflt, &now, true, 0), 3750);
}

static void
test_backoff(void **state)
{
	static const struct restart_conf fast = { 100, 1000, 60000 };
	static const struct restart_conf odd = { 500, 200, 60000 };
	static const int64_t waits[] = { 100, 200, 400, 800, 1000, 1000 };
	struct restart_state st = { 0 }, so = { 0 };
	int64_t now = 0, wait;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(waits); i++)
		assert_int_equal(crash(&st, &fast, &now, false, 0), waits[i]);
	wait = crash(&st, &fast, &now, false, UINT32_MAX);
	assert_in_range(wait, 1249, 1250);
	wait = crash(&st, &fast, &now, false, UINT32_MAX / 2);
	assert_in_range(wait, 1124, 1125);
	for (i = 0; i < 3; i++)		/* min above max: min is kept */
		assert_int_equal(crash(&so, &odd, &now, false, 0), 500);
}

/* A start that comes late takes its token late, so the next is no closer. */
static void
test_late_start(void **state)
{
	struct restart_state st = { 0 };
	int64_t now = 0, begin;
	int i;

	(void)state;
	for (i = 0; i <= RESTART_TOKENS; i++)
		crash(&st, &dflt, &now, true, 0);
	begin = now += 3000;
	crash(&st, &dflt, &now, true, 0);
	assert_int_equal(now - begin, 3750);
}

static void
test_changed_settings(void **state)
{
	static const struct restart_conf quick = { 10, 80, 1000 };
	struct restart_state st = { 0 };
	struct restart_verdict v;
	int64_t now = 0;
	int i;

	(void)state;
	for (i = 0; i < 12; i++)
		crash(&st, &dflt, &now, false, 0);
	restart_born(&st, now);
	restart_died(&st, &dflt, now, 0);
	assert_int_equal(restart_next(&st, &dflt, now).until_ms, now + 30000);
	v = restart_next(&st, &quick, now);
	assert_int_equal(v.what, RESTART_WAIT);
	assert_int_equal(v.until_ms, now + 100);
	assert_int_equal(restart_next(&st, &quick, now + 100).what,
	    RESTART_START);
}

/*
 * An hour of a service that always crashes, in each mixture of deaths before
 * and after READY (one bit of mix each) and of late starts.  No minute holds
 * more than 20 starts, and there is always a next one.
 */
static void
one_hour(uint32_t mix, int64_t late_ms)
{
	struct restart_state st = { 0 };
	int64_t at[2000], now = 0;
	size_t n = 0, first = 0;

	while (now < 3600000) {
		if (n >= nitems(at))
			fail_msg("mix %08x: %zu starts", mix, n);
		at[n++] = now;
		while (at[first] <= now - 60000)
			first++;
		if (n - first > 20)
			fail_msg("mix %08x late %lld: %zu starts in the minute "
			    "to %lld", mix, (long long)late_ms, n - first,
			    (long long)now);
		crash(&st, &dflt, &now, mix >> n % 32 & 1, 0);
		now += late_ms;
	}
	assert_true(n > 100);
}

static void
test_rate(void **state)
{
	uint32_t mix = 1;
	int i;

	(void)state;
	one_hour(0, 0);
	one_hour(UINT32_MAX, 0);
	for (i = 0; i < 200; i++) {
		mix = mix * 1664525 + 1013904223;
		one_hour(mix, i % 4 * 7);
		one_hour(UINT32_MAX << i % 32, i % 4 * 7);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_late_start),
		cmocka_unit_test(test_changed_settings),
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
