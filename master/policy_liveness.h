/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_liveness - tells a hung worker from a busy, stopped or sleeping one
 * (DESIGN section 3), without a wake-up while nobody works.
 *
 * A worker that leaves its wait sets busy; the first to find `watched` 0 sets
 * it and writes one byte to the master, which begins to ask here.  A check is
 * an expiry of the timer; questions before it change nothing but the memory of
 * stops and suspends, so reconcile may ask at any time.  Pure.
 */
#ifndef MASTER_POLICY_LIVENESS_H
#define MASTER_POLICY_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: no timer.  Zero it whenever the slot gets another worker. */
struct liveness_state {
	int64_t due_ms;			/* of the timer, 0: none */
	uint64_t turns;			/* at the last check, if seen */
	uint32_t seen;			/* the last check found it busy */
	uint32_t pardon;		/* the next check does not count */
};

/* What is true of the worker now. */
struct liveness_input {
	bool busy;
	bool stopped;			/* /proc state T or t */
	bool interrupted;		/* since the last look: the machine
					 * slept, or it stopped and went on */
	uint64_t turns;
	int64_t now_ms;			/* CLOCK_MONOTONIC, > 0 */
};

enum liveness_what {
	LIVENESS_REST,			/* healthy and idle: no timer */
	LIVENESS_WATCH,			/* ask again at again_ms */
	LIVENESS_HUNG			/* said at each look until zeroed */
};

struct liveness_verdict {
	enum liveness_what what;
	int64_t again_ms;
};

/*
 * hang_timeout_ms 0: off.  Hung is who is busy in the same turn at two checks
 * hang_timeout / 2 apart; the first check after a suspend or a SIGCONT does
 * not count, nor does one that finds it stopped, nor any before.  On
 * LIVENESS_REST the caller stores watched = 0, then looks at busy again: a
 * worker that set it in between wrote no byte.
 */
struct liveness_verdict
	liveness_check(struct liveness_state *st,
	    const struct liveness_input *in, int64_t hang_timeout_ms);

#endif
