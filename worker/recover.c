/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover - from a dead worker's slot to a consistent one.
 *
 * A successor may be killed in here too: every step leaves a slot from which
 * this file starts again with the same result.  The hand stays as it was found
 * until all that depends on it is done.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/redo.h"
#include "worker/conn_io.h"
#include "worker/conn_life.h"
#include "worker/move.h"
#include "worker/newcomer.h"
#include "worker/recover.h"
#include "worker/row.h"
#include "worker/tcp_pos.h"

enum { SAME_CALL_MAX = 3 };		/* lives that one call may cost */

/* True if the last worker died of what it was doing, not of being killed. */
static bool
death_was_a_fault(const struct slot_head *h)
{
	int status = h->death;

	if (!WIFSIGNALED(status))
		return false;
	switch (WTERMSIG(status)) {
	case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE: case SIGABRT:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

/* True if the call in hand was the last one of several workers.  Counted once
 * a call: a successor may end before it gets there. */
static bool
call_kills_again(struct slot_head *h)
{
	const struct row *r = &h->hand.image;
	struct slot_again *a = &h->again;

	if (a->calls != h->hand.calls) {
		if (a->id != r->id || a->rx != r->rx)
			a->deaths = 0;
		a->id = r->id;
		a->rx = r->rx;
		a->deaths++;
		row_order();
		a->calls = h->hand.calls;
	}
	return a->deaths >= SAME_CALL_MAX;
}

/* True if what is in hand made the worker end: by a fault, by an end of itself
 * in the middle of a call, or by being killed in that call each time. */
static bool
hand_is_guilty(struct slot_head *h)
{
	int status = h->death;

	if (death_was_a_fault(h))
		return true;
	if (h->hand.phase != HAND_CALL)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) != WORKER_EXIT_START)
		return true;
	return call_kills_again(h);
}

/* The descriptor in hand, -1: none, or what is there is no row. */
static int
hand_fd(const struct slot *s)
{
	const struct hand *h = &s->head->hand;

	if (h->phase == HAND_NONE || h->phase == HAND_TAKE || h->fd < 0 ||
	    (uint32_t)h->fd >= s->nrows)
		return -1;
	return s->rows[h->fd].state == ROW_FREE ? -1 : h->fd;
}

/* A service's call was cut short: as if it had not been made. */
static void
call_undo(struct slot *s)
{
	struct hand *h = &s->head->hand;
	uint32_t len = s->log->len;

	if (h->phase != HAND_CALL)
		return;
	memcpy(&s->rows[h->fd], &h->image, sizeof h->image);
	if (h->log_len < len)
		s->log->len = h->log_len;
	h->log_len = UINT32_MAX;	/* once: later records are recovery's */
}

/* The output side: what the socket took is cut off; false: unexplained. */
static bool
output_explain(struct row *r, uint64_t taken)
{
	if (taken == r->wx + 1 && r->state >= ROW_FLUSH) {
		r->flags |= ROW_F_SHUT;		/* our FIN counts one */
		taken--;
	}
	if (taken < r->tx || taken > r->wx)
		return false;
	r->tx = taken;
	return true;
}

/* The input side: what was read lies in the buffer it was read into. */
static bool
input_explain(struct slot *s, struct row *r, uint64_t consumed)
{
	uint32_t buf = r->in_buf != 0 ? r->in_buf : s->head->hand.in_buf;

	if (r->state != ROW_OPEN) {
		r->rx = r->eaten = consumed;	/* was dropped */
		return true;
	}
	if (consumed == r->rx)
		return true;
	if (consumed < r->rx || buf == 0 || buf >= s->nbufs ||
	    s->bufs[buf].base > r->eaten ||
	    consumed - s->bufs[buf].base > SLOT_BUF_SIZE)
		return false;
	r->in_buf = buf;
	row_order();
	r->rx = consumed;
	return true;
}

/* False: what happened to the row in hand cannot be explained. */
static bool
hand_explain(struct slot *s, int fd)
{
	struct row *r = &s->rows[fd];
	struct tcp_pos pos;

	if (r->state == ROW_CLOSING)
		return true;
	if (r->state != ROW_OPEN) {		/* its input is dropped */
		r->eaten = r->rx;
		r->in_buf = 0;
	}
	if ((r->flags & ROW_F_STREAM) && r->state != ROW_OPEN &&
	    r->tx == r->wx)
		return true;
	if (r->flags & ROW_F_STREAM)		/* no positions: only a call */
		return s->head->hand.phase == HAND_CALL;	/* moves none */
	if (tcp_pos_get(fd, &pos) == -1)
		return false;
	if (pos.dead)				/* the next recv(2) says so */
		return true;
	return input_explain(s, r, pos.consumed) &&
	    output_explain(r, pos.taken);
}

/* Marks the buffers that a row owns; false: its chain makes no sense. */
static bool
buffers_claim(struct worker *w, struct row *r)
{
	struct slot *s = &w->slot;
	uint64_t end, from;
	uint32_t buf;

	if (r->eaten > r->rx || r->tx > r->wx)
		return false;
	if (r->eaten == r->rx)
		r->in_buf = 0;
	else if (!pool_mark(&w->pool, r->in_buf) ||
	    s->bufs[r->in_buf].base > r->eaten ||
	    r->rx - s->bufs[r->in_buf].base > SLOT_BUF_SIZE)
		return false;
	/* The chain may begin with buffers whose bytes have left.  Positions
	 * only rise, so that a chain without an end has one here. */
	for (buf = r->out_head, from = 0; buf != 0 && buf < s->nbufs; ) {
		end = s->bufs[buf].base + SLOT_BUF_SIZE;
		if (end <= from)
			return false;
		if (r->tx < r->wx && r->tx < end)
			break;
		buf = end < r->wx ? s->bufs[buf].next : 0;
		from = end;
	}
	r->out_head = r->tx == r->wx ? 0 : buf;
	for (uint64_t at = r->tx; at < r->wx; at = end) {
		if (!pool_mark(&w->pool, buf) || s->bufs[buf].base > at)
			return false;
		end = s->bufs[buf].base + SLOT_BUF_SIZE;
		if (end <= at)
			return false;
		r->out_tail = buf;
		buf = s->bufs[buf].next;
	}
	return true;
}

/* A time that is yet to come was written by accident. */
static void
times_check(const struct worker *w, struct row *r)
{
	int64_t *const past[] = { &r->opened_ms, &r->active_ms, &r->since_ms };

	for (size_t i = 0; i < sizeof past / sizeof past[0]; i++)
		if (*past[i] < 0 || *past[i] > w->now_ms)
			*past[i] = w->now_ms;
}

/*
 * A row's life is counted with its state, so a difference means a row that was
 * wiped out, or made, by a wild write: it is lost, or was never accepted.  Said
 * as an error, and only behind a fault: after anything else it is our bug, and
 * the audit must show it.
 */
static void
ledger_mend(struct slot *s, struct recovery *rec)
{
	struct ledger l;
	uint64_t in, out;

	slot_ledger(s, &l);
	in = l.accepted + l.moved_in;
	out = l.closed + l.rejected + l.handed + l.open + l.lost + l.moved_out;
	if (in == out || !death_was_a_fault(s->head))
		return;
	log_line(LOG_L_ERROR, LOG_WORKER_CRASH, "the crash spoiled rows: the "
	    "ledger is mended by %lld", (long long)(in - out));
	if (out < in) {
		s->counts[0].ended[REASON_CRASH] += in - out;
		rec->lost += (uint32_t)(in - out);
	} else {
		s->counts[0].accepted += out - in;
	}
}

/* A row that ends says why. */
static bool
has_reason(const struct row *r)
{
	return r->reason != REASON_NONE && r->reason < REASON_COUNT;
}

/* Closes what a crash broke, or what was about to be closed anyway. */
static void
row_finish(struct worker *w, struct recovery *rec, int fd)
{
	struct row *r = &w->slot.rows[fd];
	bool was_closing = r->state == ROW_CLOSING && has_reason(r);

	r->in_buf = r->out_head = 0;		/* unclaimed buffers are free */
	rec->lost += !was_closing;
	if (was_closing)
		conn_abandon(w, fd, r->reason, false);
	else
		conn_abandon(w, fd, REASON_CRASH, true);
}

static void
row_recover(struct worker *w, struct recovery *rec, int fd, bool in_hand)
{
	struct row *r = &w->slot.rows[fd];

	if (r->service >= w->slot.nservices)
		r->service = 0;
	times_check(w, r);
	if (r->state >= ROW_CLOSING ||
	    (r->state != ROW_OPEN && !has_reason(r)) ||
	    fcntl(fd, F_GETFD) == -1 ||
	    (in_hand && rec->guilty) ||
	    (in_hand && !hand_explain(&w->slot, fd)) ||
	    !buffers_claim(w, r))
		row_finish(w, rec, fd);
}

void
recover_rows(struct worker *w, struct recovery *rec)
{
	struct slot *s = &w->slot;
	uint32_t high;
	int held;

	rec->began_us = clock_mono_us();
	rec->successor = s->head->high > 0;
	redo_apply(s);
	held = hand_fd(s);
	rec->guilty = held != -1 && hand_is_guilty(s->head);
	rec->held = held;
	if (death_was_a_fault(s->head))
		s->head->engine_fd = 0;	/* swept with what nobody owns */
	if (held != -1)
		call_undo(s);
	if (s->head->high > s->nrows)
		s->head->high = s->nrows;
	high = s->head->high;
	for (uint32_t fd = 0; fd < high; fd++)
		if (s->rows[fd].state != ROW_FREE)
			w->open++;
	for (uint32_t fd = 0; fd < high; fd++)
		if (s->rows[fd].state != ROW_FREE)
			row_recover(w, rec, (int)fd, (int)fd == held);
	ledger_mend(s, rec);
	rec->nnewcomers = newcomer_sweep(w);
	pool_rebuilt(&w->pool);
	move_recover(w);
	row_release(w);
	s->head->hand.in_buf = pool_take(&w->pool);
}

/* What the dead worker's engine waits for still holds, but for the row in
 * hand, which may have been in between. */
static void
watches_keep(struct worker *w, const struct recovery *rec)
{
	for (uint32_t fd = 0; fd < w->slot.head->high; fd++) {
		struct row *r = &w->slot.rows[fd];

		if (r->state == ROW_FREE || !(r->watch & ROW_WATCHED))
			continue;
		/* One that is on its way was taken out of the engine first. */
		r->flags &= (uint8_t)~ROW_F_GIVEN;
		if (!rec->engine_kept || (int)fd == rec->held)
			r->watch = 0;
		else
			w->watch[fd] = (struct watch){ .what = WATCH_CONN,
			    .events = (uint8_t)r->watch };
	}
}

void
recover_resume(struct worker *w, struct recovery *rec)
{
	struct slot *s = &w->slot;
	uint32_t high = s->head->high, adopted = 0;

	watches_keep(w, rec);
	for (uint32_t fd = 0; fd < high; fd++)
		if (s->rows[fd].state != ROW_FREE &&
		    !(s->rows[fd].flags & ROW_F_GIVEN)) {
			adopted++;
			conn_adopt(w, (int)fd);
		}
	newcomer_begin(w, rec->nnewcomers);
	s->head->adopted = adopted;
	s->head->newcomers = rec->nnewcomers;
	s->head->adopt_us = (uint64_t)(clock_mono_us() - rec->began_us);
	s->head->crash.signo = 0;
}
