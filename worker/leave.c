/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leave - orders to leave, and leaving.
 *
 * The master has closed the listeners to newcomers by then, where it may (SYN
 * filter), so the queue is finite: it is taken twice, the second time after a
 * handshake that was under way has had time to end.
 */
#include "worker/accept.h"
#include "worker/channel.h"
#include "worker/conn_life.h"
#include "worker/leave.h"
#include "worker/share.h"

enum { SECOND_PASS_MS = 50 };

static void
each_open(struct worker *w, void (*op)(struct worker *, int))
{
	for (uint32_t fd = 0; fd < w->slot.head->high && w->open > 0; fd++)
		if (w->slot.rows[fd].state != ROW_FREE)
			op(w, (int)fd);
}

static void
cut(struct worker *w, int fd)
{
	conn_cut(w, fd, REASON_DRAIN);
}

/* No more newcomers: siblings take them, or the server stops. */
static void
retire(struct worker *w)
{
	w->retired = true;
	share_ready(w, false);
	atomic_store(&w->slot.head->state, SLOT_LEAVING);
	if (accept_gone(w))
		w->second_pass_ms = w->now_ms + SECOND_PASS_MS;
}

static void
leave_begin(struct worker *w)
{
	w->leaving = true;
	accept_queue(w);
	w->second_pass_ms = w->now_ms + SECOND_PASS_MS;
	each_open(w, conn_drain);
}

void
leave_review(struct worker *w)
{
	uint32_t wanted = atomic_load(&w->slot.head->wanted);

	if (w->orphaned && wanted < SLOT_LEAVE)
		wanted = SLOT_LEAVE;		/* nobody is left to order it */
	if (w->only_gives) {
		w->given_up |= wanted >= SLOT_LEAVE || w->args->birth ==
		    atomic_load(&w->slot.head->give_over);
		return;			/* a worker that serves sees to it */
	}
	if (wanted != SLOT_SERVE && !w->retired)
		retire(w);
	if (wanted >= SLOT_LEAVE && !w->leaving)
		leave_begin(w);
	if (w->second_pass_ms != 0 &&
	    (wanted == SLOT_LEAVE_NOW || w->second_pass_ms <= w->now_ms)) {
		w->second_pass_ms = 0;
		accept_gone(w);
		if (w->leaving) {
			accept_queue(w);
			accept_close(w);
			channel_tell(w, MSG_MOVED);
		}
	}
	if (wanted == SLOT_LEAVE_NOW)
		each_open(w, cut);
}

bool
leave_is_done(const struct worker *w)
{
	return w->given_up || (w->retired && w->second_pass_ms == 0 &&
	    w->open == 0 && w->give.fd == -1);
}

int64_t
leave_next(const struct worker *w)
{
	return w->second_pass_ms != 0 ? w->second_pass_ms : INT64_MAX;
}
