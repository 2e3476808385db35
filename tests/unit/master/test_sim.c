/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policies and the state table run together for simulated hours.
 *
 * SIM_SEED=N runs that one seed instead of the fixed ones; a failure prints
 * the seed.  What must hold at every instant is checked by the simulation
 * itself: never two workers of a slot, at most 20 starts a minute, no hang
 * verdict for one that works, is stopped or slept, no deadline in the past.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/master/sim.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum { SEEDS = 12 };
#define EVERYTHING { .stillborn = 20, .crash = 50, .hang = 50, \
	.life_ms = 60000 }
static const int64_t minute = 60000, hour = 3600000;

struct scenario {
	const char *name;
	struct sim_fate fate;
	bool alone;			/* it is slot 0's alone */
	bool stops, suspends;
	bool any_time;			/* the end comes then, or in the first
					 * seconds; else after an hour */
	void (*end)(struct sim *s);
};

/* The fates change to good ones: within the longest back-off all serve. */
static void
end_heal(struct sim *s)
{
	int i;

	for (i = 0; i < SIM_SLOTS; i++)
		s->slots[i].fate = (struct sim_fate){ .idle = true };
	s->stops = s->suspends = false;
	sim_run(s, s->now_ms + 2 * hour);
	if (!sim_serving(s))
		sim_fail(s, "not serving though all is well", -1);
}

/* And then, without work, nothing wakes the master again. */
static void
end_silence(struct sim *s)
{
	uint64_t before;

	end_heal(s);
	sim_run(s, s->now_ms + hour);
	before = s->wakeups;
	if (s->deadline_ms != SIM_NEVER)
		sim_fail(s, "a deadline without a reason", -1);
	sim_run(s, s->now_ms + 24 * hour);
	if (s->wakeups != before)
		sim_fail(s, "the master woke though nothing happened", -1);
}

static void
stop_within(struct sim *s, enum mevent event, int64_t limit_ms)
{
	int64_t begin = s->now_ms;
	int i;

	sim_tell(s, event);
	sim_run(s, s->now_ms + hour);
	if (!s->exited)
		sim_fail(s, "the stop did not end", -1);
	if (s->now_ms - begin > limit_ms)
		sim_fail(s, "the stop took too long", -1);
	for (i = 0; i < SIM_SLOTS; i++)
		if (s->slots[i].alive)
			sim_fail(s, "exited with a worker alive", i);
}

static void
end_stop(struct sim *s)
{
	s->suspends = false;
	stop_within(s, ME_STOP, SIM_DRAIN_TIMEOUT_MS + 2 * SIM_CUT_MS);
}

static void
end_stop_now(struct sim *s)
{
	stop_within(s, ME_STOP_NOW, 2 * SIM_CUT_MS);
}

static void
end_stop_twice(struct sim *s)
{
	sim_tell(s, ME_STOP);
	stop_within(s, ME_STOP, 2 * SIM_CUT_MS);
}

/* Slot 0 had its trouble, the others never noticed. */
static void
end_others_unaffected(struct sim *s)
{
	int i;

	for (i = 1; i < SIM_SLOTS; i++)
		if (s->slots[i].nstarts != 1 || !s->slots[i].ready)
			sim_fail(s, "was disturbed by slot 0", i);
	if (s->slots[0].nstarts < 100)
		sim_fail(s, "was given up", 0);
	end_heal(s);
}

/* Hangs are found, and no later than hang_timeout and the kill. */
static void
end_hangs_found(struct sim *s)
{
	int i;

	for (i = 0; i < SIM_SLOTS; i++) {
		if (s->slots[i].nhangs < 3)
			sim_fail(s, "hangs were not found", i);
		if (s->slots[i].longest_stuck_ms > SIM_HANG_TIMEOUT_MS + 5)
			sim_fail(s, "a hang was found late", i);
	}
	end_silence(s);
}

static const struct scenario scenarios[] = {
	{ .name = "all idle", .fate = { .idle = true }, .end = end_silence },
	{ .name = "all at work", .end = end_silence },
	{ .name = "stopped and asleep", .stops = true, .suspends = true,
	    .any_time = true, .end = end_heal },
	{ .name = "always stillborn", .fate = { .stillborn = 100 },
	    .end = end_silence },
	{ .name = "crash at READY", .fate = { .crash = 100, .life_ms = 1 },
	    .end = end_silence },
	{ .name = "half stillborn, half crash",
	    .fate = { .stillborn = 50, .crash = 100, .life_ms = 10 },
	    .end = end_silence },
	{ .name = "crash now and then",
	    .fate = { .stillborn = 10, .crash = 50, .life_ms = 600000 },
	    .stops = true, .suspends = true, .end = end_silence },
	{ .name = "one slot loops", .alone = true,
	    .fate = { .stillborn = 40, .crash = 100, .life_ms = 50 },
	    .end = end_others_unaffected },
	{ .name = "one slot loops, the machine sleeps", .alone = true,
	    .fate = { .crash = 100, .life_ms = 5000 },
	    .stops = true, .suspends = true, .end = end_others_unaffected },
	{ .name = "hangs", .fate = { .hang = 100, .life_ms = 300000 },
	    .end = end_hangs_found },
	{ .name = "hangs among stops",
	    .fate = { .hang = 100, .life_ms = 300000 },
	    .stops = true, .suspends = true, .any_time = true,
	    .end = end_heal },
	{ .name = "stop while all is well", .any_time = true, .end = end_stop },
	{ .name = "stop among everything", .fate = EVERYTHING,
	    .stops = true, .suspends = true, .any_time = true,
	    .end = end_stop },
	{ .name = "stop now among everything", .fate = EVERYTHING,
	    .stops = true, .any_time = true, .end = end_stop_now },
	{ .name = "stop twice among everything", .fate = EVERYTHING,
	    .stops = true, .any_time = true, .end = end_stop_twice },
	{ .name = "stop of a server that never started",
	    .fate = { .stillborn = 100 }, .any_time = true, .end = end_stop },
};

static void
run_scenario(const struct scenario *sc, uint64_t seed)
{
	struct sim s;

	sim_init(&s, sc->name, seed, &sc->fate, sc->alone ? 1 : SIM_SLOTS);
	s.stops = sc->stops;
	s.suspends = sc->suspends;
	if (sc->suspends)
		sim_plan(&s, minute, SIM_SUSPEND, -1);
	sim_run(&s, sc->any_time ? s.now_ms +
	    sim_random(&s, seed % 2 == 0 ? 3000 : 2 * hour) : hour);
	sc->end(&s);
}

static void
test_scenarios(void **state)
{
	const char *one = getenv("SIM_SEED");
	uint64_t seed = one == NULL ? 1 : strtoull(one, NULL, 10), n;
	size_t i;

	(void)state;
	for (n = 0; n < (one == NULL ? SEEDS : 1); n++, seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		for (i = 0; i < nitems(scenarios); i++)
			run_scenario(&scenarios[i], seed);
	}
}

/* A server takes no refused event amiss and logs files again at any time. */
static void
test_refused(void **state)
{
	static const struct sim_fate idle = { .idle = true };
	static const enum mevent events[] = {
		ME_REOPEN, ME_READY
	};
	struct sim s;
	size_t i;

	(void)state;
	sim_init(&s, "refused", 1, &idle, SIM_SLOTS);
	sim_run(&s, minute);
	for (i = 0; i < nitems(events); i++)
		sim_tell(&s, events[i]);
	assert_int_equal(s.state, MS_RUNNING);
	assert_true(sim_serving(&s));
	assert_int_equal(s.deadline_ms, SIM_NEVER);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
