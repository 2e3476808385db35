/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim_master - the played master: one reconcile, which asks the real policies
 * and carries out what they say; the invariants are checked where it acts.
 */
#include "tests/unit/master/sim.h"

static void
sooner(struct sim *s, int64_t at_ms)
{
	if (at_ms < s->deadline_ms)
		s->deadline_ms = at_ms;
}

static void
reconcile_start(struct sim *s, int i)
{
	struct sim_slot *w = &s->slots[i];
	struct restart_verdict v;

	if (w->done || s->cutting)
		return;
	v = restart_next(&w->restart, &sim_restart_conf, s->now_ms);
	if (v.what == RESTART_START)
		sim_worker_start(s, i);
	else if (v.what == RESTART_WAIT)
		sooner(s, v.until_ms);
	if (v.what == RESTART_WAIT && v.until_ms > s->now_ms + 40000)
		sim_fail(s, "a wait longer than the rules know", i);
}

static void
reconcile_liveness(struct sim *s, int i, bool suspended)
{
	struct sim_slot *w = &s->slots[i];
	struct liveness_input in = {
		.busy = w->busy,
		.stopped = w->stopped,
		.interrupted = suspended || w->continued,
		.turns = w->turns,
		.now_ms = s->now_ms,
	};
	struct liveness_verdict v;

	if (!w->alive || w->killed)
		return;
	w->continued = false;
	v = liveness_check(&w->liveness, &in, SIM_HANG_TIMEOUT_MS);
	if (v.what == LIVENESS_REST)
		w->watched = false;
	else if (v.what == LIVENESS_WATCH)
		sooner(s, v.again_ms);
	else {
		if (!w->stuck || w->stopped ||
		    s->now_ms - w->stuck_ms < SIM_HANG_TIMEOUT_MS / 2)
			sim_fail(s, "taken for hung, but is not", i);
		w->killed = true;
		w->nhangs++;
		sim_plan(s, sim_random(s, 5), SIM_DEAD, i);
	}
}

static void
server_act(struct sim *s, enum maction action)
{
	int i;

	s->leaving |= action == MA_LEAVE || action == MA_CUT;
	s->cutting |= action == MA_CUT;
	if (action == MA_LEAVE)
		s->state_until_ms = s->now_ms + SIM_DRAIN_TIMEOUT_MS;
	else if (action == MA_CUT || action == MA_KILL)
		s->state_until_ms = s->now_ms + SIM_CUT_MS;
	else if (action == MA_EXIT)
		s->exited = true;
	for (i = 0; i < SIM_SLOTS; i++)
		if (action == MA_KILL && s->slots[i].alive)
			sim_plan(s, sim_random(s, 5), SIM_DEAD, i);
		else if (action == MA_LEAVE || action == MA_CUT)
			sim_worker_leave(s, i);
}

static void
server_event(struct sim *s, enum mevent event)
{
	struct verdict v = state_next(s->state, event);

	s->state = v.next;
	server_act(s, v.action);
	if (v.action == MA_DRAIN)	/* drain_delay is 0 here */
		server_event(s, ME_DELAY_OVER);
}

void
sim_reconcile(struct sim *s, bool suspended)
{
	bool left = false;
	int i;

	s->wakeups++;
	s->deadline_ms = SIM_NEVER;
	if (s->state_until_ms <= s->now_ms) {
		s->state_until_ms = SIM_NEVER;
		server_event(s, ME_TIMEOUT);
	}
	for (i = 0; i < SIM_SLOTS; i++) {
		reconcile_start(s, i);
		reconcile_liveness(s, i, suspended);
		left |= s->slots[i].alive || !(s->slots[i].done || s->cutting);
	}
	if (s->state == MS_STARTING && sim_serving(s))
		server_event(s, ME_READY);
	if (!left)
		server_event(s, ME_DRAINED);
	sooner(s, s->state_until_ms);
	if (s->deadline_ms <= s->now_ms)
		sim_fail(s, "a deadline that has passed: a busy loop", -1);
}

void
sim_tell(struct sim *s, enum mevent event)
{
	server_event(s, event);
	sim_reconcile(s, false);
}
