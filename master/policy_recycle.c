/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_recycle - the rules of recycling, see the header.
 *
 * What moves in is not counted as served: else a slot that took over what
 * another had would be due at once, and the next one too.
 */
#include <stdbool.h>

#include "master/policy_recycle.h"

enum { JITTER_PART = 8 };

const char *const recycle_why_name[RECYCLE_NWHYS] = {
	[RECYCLE_NO] = "no",
	[RECYCLE_AGE] = "max_worker_age",
	[RECYCLE_SERVED] = "max_worker_connections_served",
	[RECYCLE_MEMORY] = "max_worker_memory",
	[RECYCLE_CRASHED] = "crashes",
};

static uint64_t
a_little_less(uint64_t limit, uint32_t random)
{
	return limit - random % (limit / JITTER_PART + 1);
}

static bool
is_too_big(const struct recycle_slot *s, uint64_t limit)
{
	return limit != 0 && s->memory >= limit &&
	    s->now_ms - s->born_ms >= RECYCLE_YOUNG_MS;
}

struct recycle_verdict
recycle_check(const struct recycle_slot *s, const struct recycle_conf *conf)
{
	struct recycle_verdict v = { RECYCLE_NO, INT64_MAX };
	uint64_t served = conf->max_worker_connections_served;

	if (conf->max_worker_age_ms > 0)
		v.again_ms = s->born_ms + (int64_t)a_little_less(
		    (uint64_t)conf->max_worker_age_ms, s->random);
	if (s->crashes >= RECYCLE_CRASHES)
		v.why = RECYCLE_CRASHED;
	else if (v.again_ms <= s->now_ms)
		v.why = RECYCLE_AGE;
	else if (served != 0 && s->accepted >= a_little_less(served, s->random))
		v.why = RECYCLE_SERVED;
	else if (is_too_big(s, conf->max_worker_memory))
		v.why = RECYCLE_MEMORY;
	if ((served != 0 || conf->max_worker_memory != 0) &&
	    v.again_ms - s->now_ms > RECYCLE_LOOK_MS)
		v.again_ms = s->now_ms + RECYCLE_LOOK_MS;
	return v;
}
