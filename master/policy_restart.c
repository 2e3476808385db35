/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_restart - the rules of restart, see the header.
 *
 * The tokens are one number: the time at which the bucket is full again.  One
 * token costs one refill interval; a token is there as long as the bucket would
 * be full within RESTART_TOKENS - 1 intervals.  Zero is a full bucket.
 */
#include "master/policy_restart.h"

const char *const restart_why_name[RESTART_NWHYS] = {
	[RESTART_W_ALIVE] = "alive",
	[RESTART_W_FIRST] = "first",
	[RESTART_W_TOKEN] = "token",
	[RESTART_W_NO_TOKEN] = "no_token",
	[RESTART_W_BACKOFF] = "backoff",
};

static int64_t
max_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
refill_ms(const struct restart_conf *conf)
{
	return conf->restart_backoff_max_ms / RESTART_REFILL;
}

static int64_t
backoff_ms(const struct restart_conf *conf, uint32_t failures, uint32_t random)
{
	int64_t delay = conf->restart_backoff_min_ms;
	int64_t most = max_ms(conf->restart_backoff_max_ms, delay);
	uint32_t i;

	for (i = 1; i < failures && delay > 0 && delay < most; i++)
		delay = delay > most / 2 ? most : delay * 2;
	return delay + (int64_t)((uint64_t)(delay / 4) * random >> 32);
}

/* The longest wait that the rules can lead to. */
static int64_t
longest_ms(const struct restart_conf *conf)
{
	int64_t most = max_ms(conf->restart_backoff_min_ms,
	    conf->restart_backoff_max_ms);

	return max_ms(most + most / 4, RESTART_TOKENS * refill_ms(conf));
}

/*
 * The token was booked for start_ms: a start that comes later moves the
 * booking, else two starts could lie closer together than the tokens allow.
 */
void
restart_born(struct restart_state *st, int64_t now_ms)
{
	if (st->phase != RESTART_FRESH && st->phase != RESTART_DEAD)
		return;
	if (st->phase == RESTART_DEAD && now_ms > st->start_ms)
		st->full_ms += now_ms - st->start_ms;
	st->phase = RESTART_BORN;
}

void
restart_ready(struct restart_state *st, int64_t now_ms)
{
	if (st->phase != RESTART_BORN)
		return;
	st->phase = RESTART_READY;
	st->ready_ms = now_ms;
}

void
restart_died(struct restart_state *st, const struct restart_conf *conf,
    int64_t now_ms, uint32_t random)
{
	int64_t start = now_ms, token;

	if (st->phase != RESTART_BORN && st->phase != RESTART_READY)
		return;
	st->why = RESTART_W_TOKEN;
	if (st->phase == RESTART_READY) {
		if (now_ms - st->ready_ms >= conf->stable_after_ms)
			st->failures = 0;
	} else {
		if (st->failures < UINT32_MAX)
			st->failures++;
		st->why = RESTART_W_BACKOFF;
		start += backoff_ms(conf, st->failures, random);
	}
	token = st->full_ms - (RESTART_TOKENS - 1) * refill_ms(conf);
	if (token > start) {
		start = token;
		st->why = RESTART_W_NO_TOKEN;
	}
	st->restarts++;
	st->died_ms = now_ms;
	st->start_ms = start;
	st->full_ms = max_ms(st->full_ms, start) + refill_ms(conf);
	st->phase = RESTART_DEAD;
}

/*
 * The second bound holds a slot whose settings were changed while it waits to
 * the new ones; it counts from the death, so it comes nearer at each look.
 */
struct restart_verdict
restart_next(const struct restart_state *st, const struct restart_conf *conf,
    int64_t now_ms)
{
	struct restart_verdict v = { RESTART_NOTHING, RESTART_W_ALIVE, 0 };
	int64_t start = st->start_ms, last = st->died_ms + longest_ms(conf);

	if (st->phase == RESTART_BORN || st->phase == RESTART_READY)
		return v;
	if (st->phase == RESTART_FRESH) {
		v.what = RESTART_START;
		v.why = RESTART_W_FIRST;
		return v;
	}
	if (start > last)
		start = last;
	v.what = start <= now_ms ? RESTART_START : RESTART_WAIT;
	v.why = (enum restart_why)st->why;
	v.until_ms = start;
	return v;
}
