/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim - the clock: a queue of events and the master's deadline.
 *
 * Every change of a worker is an event of the queue; an event for a worker
 * that is stopped waits for its SIGCONT, one for a dead worker is dropped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/master/sim.h"

const struct restart_conf sim_restart_conf = {
	.restart_backoff_min_ms = 100,
	.restart_backoff_max_ms = 30000,
	.stable_after_ms = 60000,
};

void
sim_fail(const struct sim *s, const char *what, int slot)
{
	fail_msg("%s, seed %llu, at %lld ms, slot %d: %s", s->name,
	    (unsigned long long)s->seed, (long long)s->now_ms, slot, what);
	abort();
}

int64_t
sim_random(struct sim *s, int64_t below)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (int64_t)((s->random * 0x2545f4914f6cdd1dU >> 33) %
	    (uint64_t)below);
}

void
sim_plan(struct sim *s, int64_t in_ms, enum sim_kind kind, int slot)
{
	struct sim_event *e = &s->queue[s->nqueue];

	if (s->nqueue == SIM_EVENTS)
		sim_fail(s, "the event queue is full", slot);
	e->at_ms = s->now_ms + in_ms;
	e->order = s->order++;
	e->kind = kind;
	e->slot = slot;
	e->life = slot < 0 ? 0 : s->slots[slot].life;
	s->nqueue++;
}

bool
sim_serving(const struct sim *s)
{
	int i;

	for (i = 0; i < SIM_SLOTS; i++)
		if (!s->slots[i].alive || !s->slots[i].ready)
			return false;
	return true;
}

/*
 * The worst that a sleep of the machine can do: the clock has jumped, and
 * nobody has run meanwhile.
 */
static void
machine_sleeps(struct sim *s)
{
	int64_t sleep = 1 + sim_random(s, 4 * SIM_HANG_TIMEOUT_MS);
	size_t i;

	for (i = 0; i < s->nqueue; i++)
		s->queue[i].at_ms += sleep;
	for (i = 0; i < SIM_SLOTS; i++)
		s->slots[i].cont_ms += sleep;
	s->now_ms += sleep;
	for (i = 0; i < SIM_SLOTS; i++)
		s->slots[i].stuck_ms = s->now_ms;
	sim_plan(s, sim_random(s, 1800000), SIM_SUSPEND, -1);
}

static void
handle(struct sim *s, const struct sim_event *e)
{
	struct sim_slot *w = &s->slots[e->slot < 0 ? 0 : e->slot];
	bool wake;

	if (e->kind == SIM_SUSPEND) {
		if (!s->suspends)
			return;
		machine_sleeps(s);
		sim_reconcile(s, true);
		return;
	}
	if (!w->alive || e->life != w->life)
		return;
	if (e->kind >= SIM_DEAD)
		wake = sim_outside_event(s, e);
	else if (w->stopped) {
		sim_plan(s, w->cont_ms - s->now_ms, e->kind, e->slot);
		return;
	} else
		wake = sim_worker_event(s, e->slot, e->kind);
	if (wake)
		sim_reconcile(s, false);
}

static size_t
earliest(const struct sim *s)
{
	size_t i, best = 0;

	for (i = 1; i < s->nqueue; i++)
		if (s->queue[i].at_ms < s->queue[best].at_ms ||
		    (s->queue[i].at_ms == s->queue[best].at_ms &&
		    s->queue[i].order < s->queue[best].order))
			best = i;
	return best;
}

void
sim_run(struct sim *s, int64_t until_ms)
{
	struct sim_event e;
	size_t i;

	while (!s->exited) {
		i = earliest(s);
		if (s->deadline_ms <= until_ms &&
		    (s->nqueue == 0 || s->deadline_ms < s->queue[i].at_ms)) {
			if (s->deadline_ms > s->now_ms)
				s->now_ms = s->deadline_ms;
			sim_reconcile(s, false);
			continue;
		}
		if (s->nqueue == 0 || s->queue[i].at_ms > until_ms)
			break;
		e = s->queue[i];
		s->queue[i] = s->queue[--s->nqueue];
		s->now_ms = e.at_ms;
		handle(s, &e);
	}
	if (!s->exited)
		s->now_ms = until_ms;
}

void
sim_init(struct sim *s, const char *name, uint64_t seed,
    const struct sim_fate *fate, int nfates)
{
	int i;

	memset(s, 0, sizeof *s);
	s->name = name;
	s->seed = s->random = seed == 0 ? 1 : seed;
	s->now_ms = 1000;
	s->state_until_ms = s->deadline_ms = SIM_NEVER;
	for (i = 0; i < nfates; i++)
		s->slots[i].fate = *fate;
	sim_reconcile(s, false);
}
