/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_life - one turn of one connection.
 *
 * A turn takes the row in hand, moves bytes and calls the service until the
 * socket, the service or the round limit says enough, and settles: what the
 * engine waits for and when to look again follow from the row alone.
 */
#include <errno.h>
#include <string.h>

#include "worker/close.h"
#include "worker/conn_io.h"
#include "worker/conn_life.h"
#include "worker/conn_log.h"
#include "worker/row.h"
#include "worker/service/service.h"

enum { ROUNDS = 4 };			/* receives of one turn: others wait */

static struct conn
conn_of(struct worker *w, int fd)
{
	struct row *r = &w->slot.rows[fd];
	const struct conf_service *conf = &w->conf->services[r->service];

	return (struct conn){ .w = w, .row = r, .fd = fd, .conf = conf,
	    .service = w->service[r->service] };
}

/* In use, and not on its way to another slot. */
static bool
is_ours(const struct row *r)
{
	return r->state != ROW_FREE && !(r->flags & ROW_F_GIVEN);
}

static void
conn_call(struct conn *c, enum hand_call call, void (*op)(struct conn *))
{
	row_call_begin(c->w, c->row, call);
	op(c);
	row_call_commit(c->w);
	conn_input_trim(c);
}

/*
 * What a call is made for is taken back in the call, so that it is still owed
 * when the call is undone; so is what the log says of it.
 */
static void
call_open(struct conn *c)
{
	c->row->flags &= (uint8_t)~ROW_F_FRESH;
	conn_log_open(c);
	c->service->open(c);
}

static void
call_timer(struct conn *c)
{
	c->row->timer_ms = 0;
	c->service->timer(c);
}

static bool
wants_input(const struct conn *c)
{
	const struct row *r = c->row;

	return r->state == ROW_OPEN && conn_room(c) &&
	    !(r->flags & (ROW_F_EOF | ROW_F_HOLD)) &&
	    r->rx - r->eaten < SLOT_BUF_SIZE;
}

static void
put_off(struct conn *c)
{
	struct worker *w = c->w;

	if (w->later_next[c->fd] != 0)
		return;
	w->later_next[c->fd] = w->later_head;
	w->later_head = (uint32_t)c->fd;
}

/* Too few buffers for what a call may write: waits for others' output. */
static bool
is_starved(struct conn *c)
{
	if (pool_left(&c->w->pool) >= POOL_RESERVE)
		return false;
	put_off(c);
	return true;
}

/*
 * Receives and calls the service; true: there may be more to do.  `ready` is
 * whether the socket may have input; a call is made without, once, if `owed`.
 */
static bool
serve_once(struct conn *c, bool *ready, bool owed)
{
	enum io_result got = IO_DRY;

	if (c->row->state != ROW_OPEN || is_starved(c))
		return false;
	if (c->row->flags & ROW_F_FRESH)
		conn_call(c, HAND_C_OPEN, call_open);
	if (*ready && wants_input(c)) {
		uint64_t before = c->row->rx;

		got = conn_receive(c);
		owed |= c->row->rx != before;
	}
	*ready = got == IO_MORE;
	if (got == IO_BROKEN) {
		close_broken(c, errno);
		return false;
	}
	if (got == IO_EOF) {
		c->row->flags |= ROW_F_EOF;
		owed = true;
	}
	if (owed && c->row->state == ROW_OPEN &&
	    !(c->row->flags & ROW_F_HOLD))
		conn_call(c, HAND_C_INPUT, c->service->input);
	return *ready;
}

/*
 * Sends; true if there is room now that the service may have waited for: it
 * had none, or input waits, which others' room, made meanwhile, lets it eat.
 */
static bool
flush_once(struct conn *c)
{
	const struct row *r = c->row;
	bool had_room = conn_room(c);
	uint64_t before = r->tx;

	if (c->row->tx < c->row->wx && conn_flush(c) == IO_BROKEN) {
		close_broken(c, errno);
		return false;
	}
	return r->state == ROW_OPEN && conn_room(c) &&
	    (!had_room || (r->tx != before && r->eaten < r->rx));
}

/* What to wait for, and until when. */
static void
conn_settle(struct conn *c)
{
	struct worker *w = c->w;
	struct watch *watch = &w->watch[c->fd];
	uint32_t events = 0;
	bool fresh = watch->what == WATCH_NONE;

	if ((wants_input(c) && w->later_next[c->fd] == 0) ||
	    c->row->state == ROW_LINGER)
		events |= ENGINE_IN;
	if (c->row->tx < c->row->wx && c->row->state != ROW_LINGER)
		events |= ENGINE_OUT;
	if (fresh || watch->events != events) {
		if (w->engine->set(w, c->fd, c->row->gen, events,
		    fresh) == -1) {
			close_broken(c, errno);
			close_now(c);
			return;
		}
		watch->what = WATCH_CONN;
		watch->events = (uint8_t)events;
		c->row->watch = (uint16_t)(ROW_WATCHED | events);
	}
	timers_set(&w->timers, c->fd, close_deadline(c));
}

/* What was sent to us before we leave is answered first. */
static void
rest_ends(struct conn *c)
{
	if (wants_input(c) && conn_input_waits(c))
		put_off(c);
	else
		conn_finish(c, REASON_DRAIN);
}

static void
conn_turn(struct conn *c, bool ready, bool owed)
{
	bool more = true;

	for (int round = 0; round < ROUNDS && (more || owed); round++) {
		more = serve_once(c, &ready, owed);
		owed = flush_once(c);
	}
	if (owed)			/* others first: no event would tell */
		put_off(c);
	if (c->w->leaving && close_is_at_rest(c))
		rest_ends(c);
	if (close_advance(c))
		conn_settle(c);
}

/* Whether input waits that the service has not seen, or may now eat. */
static bool
is_owed(const struct conn *c)
{
	return c->row->eaten < c->row->rx || (c->row->flags & ROW_F_EOF);
}

void
conn_begin(struct worker *w, int fd, unsigned listener,
    const struct sockaddr *sa, socklen_t len)
{
	struct conn c;

	row_fill(w, fd, listener, sa, len);
	row_open(w, fd);
	if (w->only_gives)
		return;			/* who takes it serves it */
	c = conn_of(w, fd);
	row_take(w, fd);
	conn_turn(&c, true, false);
	row_release(w);
}

void
conn_event(struct worker *w, int fd, uint32_t gen, uint32_t events)
{
	struct conn c = conn_of(w, fd);

	if (!is_ours(c.row))
		return;
	if (c.row->gen != gen) {	/* its last user's; or, if the engine */
		w->watch[fd].what = WATCH_NONE;	/* thinks so for ever, a lie */
		conn_settle(&c);
		return;
	}
	row_take(w, fd);
	if ((events & ENGINE_ERR) && !(events & ENGINE_IN) &&
	    c.row->state != ROW_LINGER)
		close_broken(&c, close_socket_error(fd));
	conn_turn(&c, events & ENGINE_IN, false);
	row_release(w);
}

void
conn_resume(struct worker *w, int fd)
{
	struct conn c = conn_of(w, fd);

	if (!is_ours(c.row))
		return;
	row_take(w, fd);
	flush_once(&c);
	conn_turn(&c, true, is_owed(&c));
	row_release(w);
}

void
conn_expire(struct worker *w, int fd)
{
	struct conn c = conn_of(w, fd);

	if (!is_ours(c.row))
		return;
	row_take(w, fd);
	if (!close_overdue(&c) && c.row->timer_ms != 0 &&
	    c.row->timer_ms <= w->now_ms && !is_starved(&c)) {
		conn_call(&c, HAND_C_TIMER, call_timer);
		conn_turn(&c, true, is_owed(&c));
	} else {
		conn_turn(&c, false, false);
	}
	row_release(w);
}

void
conn_drain(struct worker *w, int fd)
{
	struct conn c = conn_of(w, fd);

	if (!is_ours(c.row))
		return;
	row_take(w, fd);
	conn_turn(&c, true, false);
	row_release(w);
}

void
conn_cut(struct worker *w, int fd, enum reason why)
{
	struct conn c = conn_of(w, fd);

	if (!is_ours(c.row))
		return;
	row_take(w, fd);
	if (c.row->state != ROW_LINGER)
		w->slot.head->cut++;
	conn_finish(&c, why);
	/* Unread input would turn what was sent into a reset. */
	if (!(c.row->flags & ROW_F_RESET))
		conn_drop_input(&c, LINGER_BYTES);
	close_now(&c);
	row_release(w);
}

void
conn_adopt(struct worker *w, int fd)
{
	struct conn c = conn_of(w, fd);

	if (w->only_gives)
		return;
	if (c.row->state != ROW_OPEN || is_owed(&c) ||
	    (c.row->flags & ROW_F_FRESH) || c.row->tx < c.row->wx)
		conn_resume(w, fd);
	else
		conn_settle(&c);
}

void
conn_abandon(struct worker *w, int fd, enum reason why, bool reset)
{
	struct conn c = conn_of(w, fd);

	c.row->reason = (uint8_t)why;
	if (reset)
		c.row->flags |= ROW_F_RESET;
	close_now(&c);
}

void
conn_reject(struct worker *w, int fd, unsigned listener,
    const struct sockaddr *sa, socklen_t len, enum reason why)
{
	row_fill(w, fd, listener, sa, len);
	w->slot.rows[fd].reason = (uint8_t)why;
	row_open(w, fd);
	conn_abandon(w, fd, why, false);
}

bool
conn_any_later(const struct worker *w)
{
	return w->later_head != LATER_END &&
	    pool_left(&w->pool) >= 2 * POOL_RESERVE;
}

void
conn_resume_later(struct worker *w)
{
	uint32_t next = w->later_head;

	if (!conn_any_later(w))
		return;
	w->later_head = LATER_END;	/* who is put off again waits a turn */
	while (next != LATER_END) {
		int fd = (int)next;

		next = w->later_next[fd];
		w->later_next[fd] = 0;
		conn_resume(w, fd);
	}
}
