/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_recycle - when a slot that serves is replaced by a fresh one.
 *
 * Pure.  Limits of age and of connections served are reached a little early, by
 * up to an eighth, at a point of its own for each slot: slots that started
 * together are not all due together.
 */
#ifndef MASTER_POLICY_RECYCLE_H
#define MASTER_POLICY_RECYCLE_H

#include <stdint.h>

enum {
	RECYCLE_CRASHES = 16,		/* of its workers */
	RECYCLE_LOOK_MS = 1000,		/* at what changes without telling */
	RECYCLE_YOUNG_MS = 10000	/* memory of a start is no reason */
};

enum recycle_why {
	RECYCLE_NO, RECYCLE_AGE, RECYCLE_SERVED, RECYCLE_MEMORY,
	RECYCLE_CRASHED, RECYCLE_NWHYS
};
extern const char *const recycle_why_name[RECYCLE_NWHYS];

struct recycle_conf {			/* 0: no limit */
	int64_t max_worker_age_ms;
	uint64_t max_worker_connections_served, max_worker_memory;
};

struct recycle_slot {
	int64_t born_ms, now_ms;	/* the slot's, not its worker's */
	uint64_t accepted, memory;
	uint32_t crashes;
	uint32_t random;		/* any 32 bits, the same at each look */
};

struct recycle_verdict {
	enum recycle_why why;		/* RECYCLE_NO: look again then, */
	int64_t again_ms;		/* INT64_MAX: no need */
};

struct recycle_verdict
	recycle_check(const struct recycle_slot *s,
	    const struct recycle_conf *conf);

#endif
