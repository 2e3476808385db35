/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_restart - when a slot gets its next worker (DESIGN section 3).
 *
 * Pure: events record what happened, restart_next() says what to do; no clock,
 * no syscall.  The state lies in the book, so a new master goes on with it.
 * A slot is never given up: every wait ends.  Every restart takes one of
 * RESTART_TOKENS tokens, of which one comes back each restart_backoff_max / 8;
 * a death after READY takes it at once, a failed start after its back-off.  So
 * no mixture of crashes starts a slot more often than 4 times at once and 16
 * times a minute with the default settings.
 */
#ifndef MASTER_POLICY_RESTART_H
#define MASTER_POLICY_RESTART_H

#include <stdint.h>

enum { RESTART_TOKENS = 4, RESTART_REFILL = 8 };

struct restart_conf {
	int64_t restart_backoff_min_ms;
	int64_t restart_backoff_max_ms;	/* 0: no limit on the rate */
	int64_t stable_after_ms;
};

enum restart_phase {
	RESTART_FRESH,			/* no worker yet; all bytes zero */
	RESTART_BORN,			/* there is one, not READY */
	RESTART_READY,
	RESTART_DEAD			/* there is none: waits for start_ms */
};

enum restart_why {
	RESTART_W_ALIVE,		/* nothing to do: a worker lives */
	RESTART_W_FIRST,		/* the slot's first worker */
	RESTART_W_TOKEN,		/* died after READY, a token was left */
	RESTART_W_NO_TOKEN,		/* waits for one to come back */
	RESTART_W_BACKOFF,		/* died before READY */
	RESTART_NWHYS
};
extern const char *const restart_why_name[RESTART_NWHYS];

/* Integers only, position-independent; zeroed is fresh. */
struct restart_state {
	uint32_t phase;			/* enum restart_phase */
	uint32_t failures;		/* failed starts, not yet forgotten */
	uint32_t restarts;		/* deaths in all, for status */
	uint32_t why;			/* enum restart_why of start_ms */
	int64_t ready_ms;
	int64_t died_ms;
	int64_t start_ms;		/* in RESTART_DEAD: not before */
	int64_t full_ms;		/* when all tokens will be back */
};

enum restart_what { RESTART_NOTHING, RESTART_START, RESTART_WAIT };

struct restart_verdict {
	enum restart_what what;
	enum restart_why why;
	int64_t until_ms;		/* RESTART_WAIT: ask again then */
};

/*
 * The events; now_ms is CLOCK_MONOTONIC.  Each may be told twice: what does
 * not fit the phase changes nothing.  random is any 32 random bits: up to a
 * quarter of the back-off is added, so that slots do not start in step.  A
 * start that could not even be made is a restart_born() and a restart_died().
 */
void	restart_born(struct restart_state *st, int64_t now_ms);
void	restart_ready(struct restart_state *st, int64_t now_ms);
void	restart_died(struct restart_state *st, const struct restart_conf *conf,
	    int64_t now_ms, uint32_t random);

struct restart_verdict
	restart_next(const struct restart_state *st,
	    const struct restart_conf *conf, int64_t now_ms);

#endif
