/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim - a server of four slots on a simulated clock.
 *
 * The policies and the state table are the real ones; workers, keepers and the
 * master's loop are played.  The played master wakes only for what would wake
 * the real one: a byte, a READY, a death, a signal, its deadline.  The seed
 * decides everything.  A broken invariant fails the running cmocka test.
 */
#ifndef TESTS_UNIT_MASTER_SIM_H
#define TESTS_UNIT_MASTER_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/policy_liveness.h"
#include "master/policy_restart.h"
#include "master/state.h"

enum {
	SIM_SLOTS = 4, SIM_EVENTS = 128, SIM_STARTS_A_MINUTE = 20,
	SIM_HANG_TIMEOUT_MS = 30000, SIM_DRAIN_TIMEOUT_MS = 30000,
	SIM_CUT_MS = 2000
};
#define SIM_NEVER INT64_MAX

/* How a slot's workers live, in parts of a hundred. */
struct sim_fate {
	int stillborn;			/* die before READY */
	int crash;			/* of the others: crash while READY */
	int hang;			/* of the others: hang while READY */
	int64_t life_ms;		/* the longest life of those */
	bool idle;			/* no work comes */
};

enum sim_kind {
	SIM_READY, SIM_WORK, SIM_DONE,	/* of a worker's own making */
	SIM_CRASH, SIM_HANG, SIM_LEFT,
	SIM_DEAD,			/* it was killed */
	SIM_STOP, SIM_CONT,		/* somebody stops a worker */
	SIM_SUSPEND			/* the machine sleeps */
};

struct sim_event {
	int64_t at_ms;
	uint64_t order;			/* of equals, the first comes first */
	enum sim_kind kind;
	int slot;
	uint32_t life;			/* void once the worker is another */
};

struct sim_slot {
	struct sim_fate fate;
	struct restart_state restart;	/* what the book holds */
	struct liveness_state liveness;
	bool busy, watched;		/* what the slot's memory holds */
	uint64_t turns;
	bool alive, ready, stuck, stopped, killed, done;
	uint32_t life;
	bool continued;			/* noted, until looked at */
	int64_t cont_ms;		/* when a stopped one goes on */
	int64_t stuck_ms;		/* since; later if stopped since */
	int64_t starts_ms[SIM_STARTS_A_MINUTE];	/* a ring */
	uint32_t nstarts, nhangs;
	int64_t longest_stuck_ms;	/* undisturbed, until killed */
};

struct sim {
	const char *name;
	uint64_t seed, random;
	int64_t now_ms, deadline_ms;	/* of the played master */
	uint64_t order, wakeups;
	struct sim_event queue[SIM_EVENTS];
	size_t nqueue;
	struct sim_slot slots[SIM_SLOTS];
	enum mstate state;
	int64_t state_until_ms;		/* the state's own deadline */
	bool leaving, cutting, exited;
	bool stops, suspends;		/* whether they happen */
};

/* The first nfates slots get that fate, the others live on.  seed 0 is made 1;
 * name is borrowed. */
void	 sim_init(struct sim *s, const char *name, uint64_t seed,
	    const struct sim_fate *fate, int nfates);
/* Runs to that instant, or until the server has exited. */
void	 sim_run(struct sim *s, int64_t until_ms);
void	 sim_tell(struct sim *s, enum mevent event);
void	 sim_plan(struct sim *s, int64_t in_ms, enum sim_kind kind, int slot);
/* Uniform in [0, below). */
int64_t	 sim_random(struct sim *s, int64_t below);
/* Fails the test, with the scenario, the seed and the time. */
void	 sim_fail(const struct sim *s, const char *what, int slot)
	    __attribute__((noreturn));
bool	 sim_serving(const struct sim *s);	/* every slot is READY */

/* Between the files of sim.  The events return true if they wake the master. */
extern const struct restart_conf sim_restart_conf;
void	 sim_reconcile(struct sim *s, bool suspended);
void	 sim_worker_start(struct sim *s, int slot);
void	 sim_worker_leave(struct sim *s, int slot);
bool	 sim_worker_event(struct sim *s, int slot, enum sim_kind kind);
bool	 sim_outside_event(struct sim *s, const struct sim_event *e);

#endif
