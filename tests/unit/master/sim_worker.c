/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim_worker - the played workers: born, READY, at work, stuck, stopped, dead.
 *
 * What a worker tells the master is the return value of its events, and what
 * it stores in its slot; the master sees nothing else of it.
 */
#include "tests/unit/master/sim.h"

void
sim_worker_leave(struct sim *s, int i)
{
	int64_t longest = 2 * SIM_DRAIN_TIMEOUT_MS;

	if (s->cutting)
		longest = SIM_CUT_MS / 2;
	if (s->slots[i].alive && s->slots[i].ready)
		sim_plan(s, sim_random(s, longest), SIM_LEFT, i);
}

void
sim_worker_start(struct sim *s, int i)
{
	struct sim_slot *w = &s->slots[i];
	int64_t *start = &w->starts_ms[w->nstarts % SIM_STARTS_A_MINUTE];

	if (w->alive)
		sim_fail(s, "a second worker", i);
	if (w->nstarts >= SIM_STARTS_A_MINUTE && *start > s->now_ms - 60000)
		sim_fail(s, "more than 20 starts in a minute", i);
	*start = s->now_ms;
	w->nstarts++;
	w->life++;
	w->alive = true;
	w->ready = w->busy = w->watched = w->stuck = false;
	w->stopped = w->continued = w->killed = false;
	w->liveness = (struct liveness_state){ .due_ms = 0 };
	restart_born(&w->restart, s->now_ms);
	sim_plan(s, sim_random(s, 200), sim_random(s, 100) < w->fate.stillborn ?
	    SIM_CRASH : SIM_READY, i);
}

static void
worker_ready(struct sim *s, int i)
{
	struct sim_slot *w = &s->slots[i];
	int64_t dice = sim_random(s, 100);

	w->ready = true;
	restart_ready(&w->restart, s->now_ms);
	if (dice < w->fate.crash)
		sim_plan(s, sim_random(s, w->fate.life_ms), SIM_CRASH, i);
	else if (dice < w->fate.crash + w->fate.hang)
		sim_plan(s, sim_random(s, w->fate.life_ms), SIM_HANG, i);
	if (!w->fate.idle)
		sim_plan(s, sim_random(s, 2000), SIM_WORK, i);
	if (s->stops)
		sim_plan(s, sim_random(s, 600000), SIM_STOP, i);
	if (s->leaving)
		sim_worker_leave(s, i);
}

static void
worker_died(struct sim *s, int i)
{
	struct sim_slot *w = &s->slots[i];
	int64_t stuck = s->now_ms - w->stuck_ms;

	if (w->stuck && stuck > w->longest_stuck_ms)
		w->longest_stuck_ms = stuck;
	w->alive = w->ready = w->stuck = false;
	w->life++;
	restart_died(&w->restart, &sim_restart_conf, s->now_ms,
	    (uint32_t)sim_random(s, INT64_C(1) << 31) * 2);
}

/* Returns true if the master is told: a byte, for the first unwatched turn. */
static bool
worker_wakes(struct sim_slot *w)
{
	bool tell = !w->watched;

	w->busy = w->watched = true;
	w->turns++;
	return tell;
}

static void
worker_stop(struct sim *s, int i)
{
	struct sim_slot *w = &s->slots[i];
	int64_t stop;

	if (!s->stops)
		return;
	stop = 1 + sim_random(s, 4 * SIM_HANG_TIMEOUT_MS);
	w->stopped = true;
	w->cont_ms = s->now_ms + stop;
	sim_plan(s, stop, SIM_CONT, i);
}

/* Returns true if the event wakes the master. */
bool
sim_worker_event(struct sim *s, int i, enum sim_kind kind)
{
	struct sim_slot *w = &s->slots[i];

	if (kind == SIM_READY)
		worker_ready(s, i);
	else if (kind == SIM_WORK && !w->stuck) {
		sim_plan(s, 1 + sim_random(s, sim_random(s, 50) == 0 ?
		    SIM_HANG_TIMEOUT_MS / 2 - 1 : 100), SIM_DONE, i);
		return worker_wakes(w);
	} else if (kind == SIM_DONE && !w->stuck) {
		w->busy = false;
		if (!w->fate.idle)
			sim_plan(s, 1 + sim_random(s, sim_random(s, 20) == 0 ?
			    120000 : 3000), SIM_WORK, i);
		return false;
	} else if (kind == SIM_HANG) {
		w->stuck = true;
		w->stuck_ms = s->now_ms;
		return worker_wakes(w);
	} else if (kind == SIM_LEFT && !w->stuck) {
		w->done = true;
		worker_died(s, i);
	} else if (kind == SIM_CRASH && !w->stuck)
		worker_died(s, i);
	else
		return false;
	return true;
}

/* The same for what is done to a worker, whether it runs or not. */
bool
sim_outside_event(struct sim *s, const struct sim_event *e)
{
	struct sim_slot *w = &s->slots[e->slot];

	if (e->kind == SIM_STOP) {
		worker_stop(s, e->slot);
		return false;
	}
	if (e->kind == SIM_CONT) {
		w->stopped = false;
		w->continued = true;
		w->stuck_ms = s->now_ms;
		sim_plan(s, sim_random(s, 600000), SIM_STOP, e->slot);
		return false;
	}
	worker_died(s, e->slot);
	return true;
}
