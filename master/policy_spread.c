/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_spread - retiring slots first, then the highest above the mean.
 */
#include "master/policy_spread.h"

static bool
can_take(const struct spread_slot *s)
{
	return s->used && s->ready && !s->retiring &&
	    s->connections < s->capacity;
}

static bool
can_give(const struct spread_slot *s)
{
	return s->used && s->ready && !s->gives && s->connections > 0;
}

/* The one with the fewest connections, n: nobody can take. */
static size_t
lowest(const struct spread_slot *s, size_t n)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (can_take(&s[i]) &&
		    (best == n || s[i].connections < s[best].connections))
			best = i;
	return best;
}

static uint32_t
at_most(uint64_t count, uint64_t room)
{
	uint64_t n = count < room ? count : room;

	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* A share for each that can take, so that the next order finds another. */
static bool
spread_retiring(const struct spread_slot *s, size_t n, size_t to,
    struct spread_move *move)
{
	uint64_t takers = 0;

	for (size_t i = 0; i < n; i++)
		takers += can_take(&s[i]);
	for (size_t i = 0; i < n && takers > 0; i++) {
		if (!s[i].retiring || !can_give(&s[i]))
			continue;
		move->from = (unsigned)i;
		move->to = (unsigned)to;
		move->count = at_most((s[i].connections + takers - 1) / takers,
		    s[to].capacity - s[to].connections);
		return true;
	}
	return false;
}

bool
policy_spread(const struct spread_slot *s, size_t n, struct spread_move *move)
{
	size_t to = lowest(s, n), from = n;
	uint64_t sum = 0, serving = 0, mean, far;

	if (to == n)
		return false;
	if (spread_retiring(s, n, to, move))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (!s[i].used || !s[i].ready || s[i].retiring)
			continue;
		sum += s[i].connections;
		serving++;
		if (can_give(&s[i]) &&
		    (from == n || s[i].connections > s[from].connections))
			from = i;
	}
	if (from == n || serving < 2)
		return false;
	mean = sum / serving;
	far = mean / SPREAD_PART > SPREAD_SLACK ? mean / SPREAD_PART :
	    SPREAD_SLACK;
	if (s[from].connections <= mean + far || s[to].connections >= mean)
		return false;
	move->from = (unsigned)from;
	move->to = (unsigned)to;
	move->count = at_most(s[from].connections - mean,
	    mean - s[to].connections);
	return move->count > 0;
}
