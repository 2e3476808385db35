/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_liveness - the rules of liveness, see the header.
 *
 * The timer is kept until it expires even if the worker is found at rest
 * before, so that a worker that is briefly busy again and again costs one
 * wake-up per half hang_timeout and not one per turn.
 */
#include "master/policy_liveness.h"

static struct liveness_verdict
watch_until(struct liveness_state *st, int64_t due_ms)
{
	struct liveness_verdict v = { LIVENESS_WATCH, due_ms };

	st->due_ms = due_ms;
	return v;
}

static struct liveness_verdict
rest(struct liveness_state *st)
{
	struct liveness_verdict v = { LIVENESS_REST, 0 };

	*st = (struct liveness_state){ .due_ms = 0 };
	return v;
}

struct liveness_verdict
liveness_check(struct liveness_state *st, const struct liveness_input *in,
    int64_t hang_timeout_ms)
{
	struct liveness_verdict hung = { LIVENESS_HUNG, 0 };
	int64_t half = hang_timeout_ms > 1 ? hang_timeout_ms / 2 : 1;
	bool excused = in->stopped || in->interrupted || st->pardon != 0;

	if (hang_timeout_ms <= 0 || (st->due_ms == 0 && !in->busy))
		return rest(st);
	if (st->due_ms == 0)
		st->due_ms = in->now_ms + half;
	if (in->now_ms < st->due_ms) {
		st->pardon = excused;
		return watch_until(st, st->due_ms);
	}
	if (!in->busy)
		return rest(st);
	if (excused) {
		st->pardon = in->stopped;
		st->seen = 0;
		return watch_until(st, in->now_ms + half);
	}
	if (st->seen && st->turns == in->turns)
		return hung;
	st->seen = 1;
	st->turns = in->turns;
	return watch_until(st, in->now_ms + half);
}
