/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close - the way from the service's last word to close(2), and time limits.
 */
#include <sys/socket.h>
#include <errno.h>
#include <unistd.h>

#include "worker/close.h"
#include "worker/conn_io.h"
#include "worker/conn_log.h"
#include "worker/row.h"
#include "worker/service/service.h"
#include "worker/state.h"

enum {
	LINGER_MS = 2000		/* a client that does not end is left */
};

bool
close_is_at_rest(const struct conn *c)
{
	const struct row *r = c->row;

	return r->state == ROW_OPEN && r->rx == r->eaten && r->tx == r->wx &&
	    c->service->at_rest(c);
}

int
close_socket_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof err;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err != 0 ? err : ECONNRESET;	/* hung up without a word */
}

void
close_broken(struct conn *c, int errnum)
{
	if (c->row->state == ROW_OPEN || c->row->reason == REASON_NONE)
		c->row->reason = errnum == ECONNRESET || errnum == EPIPE ?
		    REASON_RESET : REASON_ERROR;
	c->row->state = ROW_CLOSING;
}

/* The row's buffers go back; a row that is CLOSING owns none. */
static void
buffers_free(struct conn *c)
{
	struct row *r = c->row;
	struct slot *s = &c->w->slot;
	uint32_t buf = r->out_head, tail = r->out_tail;

	if (r->in_buf != 0 && r->in_buf != s->head->hand.in_buf)
		pool_give(&c->w->pool, r->in_buf);
	while (buf != 0) {
		uint32_t next = buf == tail ? 0 : s->bufs[buf].next;

		pool_give(&c->w->pool, buf);
		buf = next;
	}
	r->in_buf = r->out_head = r->out_tail = 0;
}

void
close_now(struct conn *c)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct worker *w = c->w;
	struct row *r = c->row;

	r->state = ROW_CLOSING;
	row_order();
	if (w->watch[c->fd].what != WATCH_NONE)
		w->engine->forget(w, c->fd);
	w->watch[c->fd] = (struct watch){ .what = WATCH_NONE };
	timers_clear(&w->timers, c->fd);
	buffers_free(c);
	if (r->reason != REASON_MOVED)	/* it goes on elsewhere */
		conn_log_close(c);
	if (r->flags & ROW_F_RESET)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	else if (!(r->flags & (ROW_F_EOF | ROW_F_SHUT)) &&
	    r->reason != REASON_MOVED)
		shutdown(c->fd, SHUT_WR);	/* cut: unread input waits */
	row_order();
	close(c->fd);
	row_end(w, c->fd);
}

static void
linger_begin(struct conn *c)
{
	struct row *r = c->row;

	shutdown(c->fd, SHUT_WR);
	r->flags |= ROW_F_SHUT;
	r->since_ms = c->w->now_ms;
	r->linger_rx = r->rx;
	row_order();
	r->state = ROW_LINGER;
}

bool
close_advance(struct conn *c)
{
	struct row *r = c->row;

	if (r->state == ROW_FLUSH && r->tx == r->wx) {
		if (r->flags & ROW_F_EOF)
			r->state = ROW_CLOSING;	/* both sides have ended */
		else
			linger_begin(c);
		if (r->state == ROW_LINGER && c->w->watch[c->fd].events == 0)
			return true;		/* the engine will tell */
	}
	if (r->state == ROW_LINGER) {
		uint64_t had = r->rx - r->linger_rx;

		if (had >= LINGER_BYTES || conn_drop_input(c,
		    (size_t)(LINGER_BYTES - had)) != IO_DRY)
			r->state = ROW_CLOSING;
	}
	if (r->state != ROW_CLOSING)
		return true;
	close_now(c);
	return false;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a == 0 || b < a ? b : a;
}

/* The nearest limit of an open connection, and what it is called. */
static int64_t
open_limit(const struct conn *c, enum reason *why)
{
	const struct conf_service *s = c->conf;
	const struct row *r = c->row;
	int64_t at = 0, lifetime = r->opened_ms + s->max_lifetime_ms;

	if (r->tx < r->wx) {
		*why = REASON_WRITE_TIMEOUT;
		at = s->write_timeout_ms ?
		    r->active_ms + s->write_timeout_ms : 0;
	} else if (r->timer_ms != 0 || (r->flags & ROW_F_HOLD)) {
		at = 0;			/* the service works on it */
	} else if (r->rx == 0) {
		*why = REASON_FIRST_BYTE_TIMEOUT;
		at = s->first_byte_timeout_ms ?
		    r->opened_ms + s->first_byte_timeout_ms : 0;
	} else {
		*why = REASON_IDLE_TIMEOUT;
		at = s->idle_timeout_ms ? r->active_ms + s->idle_timeout_ms : 0;
	}
	if (s->max_lifetime_ms != 0 && (at == 0 || lifetime < at)) {
		*why = REASON_LIFETIME;
		at = lifetime;
	}
	return at;
}

static int64_t
limit(const struct conn *c, enum reason *why)
{
	const struct row *r = c->row;

	*why = r->reason;
	switch (atomic_load_explicit(&r->state, memory_order_relaxed)) {
	case ROW_OPEN:
		return open_limit(c, why);
	case ROW_FLUSH:
		*why = REASON_WRITE_TIMEOUT;
		return c->conf->write_timeout_ms == 0 ? 0 :
		    r->active_ms + c->conf->write_timeout_ms;
	default:
		return r->since_ms + LINGER_MS;
	}
}

int64_t
close_deadline(const struct conn *c)
{
	enum reason why;
	int64_t at = limit(c, &why);

	/* A timer that waits for buffers is asked for when there are some. */
	if (c->row->state == ROW_OPEN && c->row->timer_ms != 0 &&
	    c->w->later_next[c->fd] == 0)
		at = sooner(at, c->row->timer_ms);
	return at;
}

bool
close_overdue(struct conn *c)
{
	enum reason why;
	int64_t at = limit(c, &why);

	if (at == 0 || at > c->w->now_ms)
		return false;
	if (why == REASON_WRITE_TIMEOUT) {
		/* It does not read: a reset frees what the kernel holds. */
		c->row->reason = REASON_WRITE_TIMEOUT;
		c->row->flags |= ROW_F_RESET;
		c->row->state = ROW_CLOSING;
	} else if (c->row->state == ROW_OPEN) {
		conn_finish(c, why);
	} else {
		c->row->state = ROW_CLOSING;
	}
	return true;
}
