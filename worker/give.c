/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * give - the giver's side: a window of connections on their way at a time.
 *
 * A row on its way is not touched until it is acknowledged, or settled by the
 * master after one of the two has died.  What is left of the order follows
 * from the rows, so a dead giver's successor needs no memory of it.
 */
#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "worker/channel.h"
#include "worker/conn_life.h"
#include "worker/move.h"
#include "worker/row.h"

enum {
	GIVE_AT_ONCE = 32,		/* of one turn: clients wait too */
	GIVE_IOV = 3 + MOVE_OUT_MAX / SLOT_BUF_SIZE
};

static void
give_end(struct worker *w)
{
	struct slot_give *g = &w->slot.head->give;

	w->engine->forget(w, w->give.fd);
	w->watch[w->give.fd].what = WATCH_NONE;
	fd_close(&w->give.fd);
	w->given_up |= w->only_gives && w->give.seq == 0;
	atomic_store(&g->done, g->order);
	channel_tell(w, MSG_MOVED);
}

void
give_begin(struct worker *w, uint64_t order, int fd,
    const struct move_order *what)
{
	struct slot_give *g = &w->slot.head->give;

	if (w->give.fd != -1) {
		fd_close(&fd);		/* the taker sees the end */
		return;
	}
	atomic_store(&g->order, order);
	if (atomic_load(&g->barred) >= order ||
	    w->engine->set(w, fd, 0, ENGINE_IN, 1) == -1) {
		fd_close(&fd);
		atomic_store(&g->done, order);
		channel_tell(w, MSG_MOVED);
		return;
	}
	w->give = (struct give){ .fd = fd, .left = what->count };
	memcpy(w->give.map, what->map, sizeof w->give.map);
	w->watch[fd].what = WATCH_GIVE;
}

static bool
can_move(const struct worker *w, const struct row *r)
{
	return (r->state == ROW_OPEN || r->state == ROW_FLUSH ||
	    r->state == ROW_LINGER) && !(r->flags & ROW_F_GIVEN) &&
	    w->give.map[r->service] != MOVE_NOWHERE &&
	    r->wx - r->tx <= MOVE_OUT_MAX;
}

/* Input and output that wait, as they lie; returns how many pieces. */
static size_t
buffered_iov(const struct slot *s, const struct row *r,
    struct iovec iov[static GIVE_IOV - 1], struct move_conn *m)
{
	uint64_t at = r->tx;
	uint32_t buf = r->out_head;
	size_t n = 0;

	m->in_len = (uint32_t)(r->rx - r->eaten);
	m->out_len = (uint32_t)(r->wx - r->tx);
	if (m->in_len > 0)
		iov[n++] = (struct iovec){ slot_data(s, r->in_buf) +
		    (r->eaten - s->bufs[r->in_buf].base), m->in_len };
	for (; at < r->wx && n < GIVE_IOV - 1; buf = s->bufs[buf].next) {
		uint64_t end = s->bufs[buf].base + SLOT_BUF_SIZE;

		end = end < r->wx ? end : r->wx;
		iov[n++] = (struct iovec){ slot_data(s, buf) +
		    (at - s->bufs[buf].base), (size_t)(end - at) };
		at = end;
	}
	return n;
}

static int
send_conn(const struct worker *w, int fd)
{
	const struct row *r = &w->slot.rows[fd];
	struct move_conn m = { .version = MOVE_VERSION,
	    .row_size = sizeof *r, .order = w->slot.head->give.order,
	    .seq = r->given_seq };
	struct iovec iov[GIVE_IOV] = { { &m, sizeof m } };
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { .buf = { 0 } };
	struct msghdr msg = { .msg_iov = iov, .msg_control = &control,
	    .msg_controllen = sizeof control };

	memcpy(&m.row, r, sizeof m.row);
	m.row.service = w->give.map[r->service];
	msg.msg_iovlen = 1 + buffered_iov(&w->slot, r, iov + 1, &m);
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.hdr), &fd, sizeof fd);
	return sendmsg(w->give.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ?
	    -1 : 0;
}

/* Out of the engine first: the descriptor lives on in the other table, where
 * closing ours would not end its registration here. */
static bool
give_one(struct worker *w, int fd)
{
	struct row *r = &w->slot.rows[fd];

	r->watch = 0;
	row_order();
	w->engine->forget(w, fd);
	w->watch[fd] = (struct watch){ .what = WATCH_NONE };
	timers_clear(&w->timers, fd);
	r->given_seq = w->give.seq + 1;
	row_order();
	r->flags |= ROW_F_GIVEN;
	if (send_conn(w, fd) == 0) {
		w->give.seq++;
		w->give.ring[w->give.seq % GIVE_WINDOW] = fd;
		w->give.left--;
		return true;
	}
	/* Full: the next acknowledgement makes room.  Gone: its end is read. */
	r->flags &= (uint8_t)~ROW_F_GIVEN;
	w->give.blocked = true;
	conn_adopt(w, fd);
	return false;
}

bool
give_has_more(const struct worker *w)
{
	return w->give.fd != -1 && w->give.left > 0 && !w->give.blocked &&
	    w->give.cursor < w->slot.head->high &&
	    w->give.seq - w->give.acked < GIVE_WINDOW;
}

void
give_some(struct worker *w)
{
	for (int n = 0; n < GIVE_AT_ONCE && give_has_more(w); ) {
		if (!can_move(w, &w->slot.rows[w->give.cursor])) {
			w->give.cursor++;
			continue;
		}
		if (!give_one(w, (int)w->give.cursor))
			return;
		w->give.cursor++;
		n++;
	}
	if (w->give.fd != -1 && w->give.acked == w->give.seq &&
	    (w->give.left == 0 || w->give.cursor >= w->slot.head->high))
		give_end(w);
}

void
give_read(struct worker *w)
{
	struct move_ack ack;
	ssize_t n;

	while ((n = recv(w->give.fd, &ack, sizeof ack, MSG_DONTWAIT)) ==
	    sizeof ack) {
		if (ack.order != w->slot.head->give.order ||
		    ack.seq > w->give.seq)
			continue;	/* a lie acknowledges nothing */
		w->give.blocked = false;
		while (w->give.acked < ack.seq)
			conn_abandon(w, w->give.ring[++w->give.acked %
			    GIVE_WINDOW], REASON_MOVED, false);
	}
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		give_end(w);		/* rows on their way: to be settled */
}

void
give_settle(struct worker *w, uint64_t order, uint64_t seq)
{
	struct slot *s = &w->slot;

	if (order != s->head->give.order || w->give.fd != -1)
		return;
	for (uint32_t fd = 0; fd < s->head->high; fd++) {
		struct row *r = &s->rows[fd];

		if (r->state == ROW_FREE || !(r->flags & ROW_F_GIVEN))
			continue;
		if (r->given_seq <= seq) {
			conn_abandon(w, (int)fd, REASON_MOVED, false);
		} else {
			r->flags &= (uint8_t)~ROW_F_GIVEN;
			conn_adopt(w, (int)fd);
		}
	}
	channel_tell(w, MSG_MOVED);
}

void
move_recover(struct worker *w)
{
	struct slot_head *h = w->slot.head;

	atomic_store(&h->give.done, h->give.order);
	for (int i = 0; i < SLOT_TAKES; i++)
		atomic_store(&h->takes[i].done, h->takes[i].order);
}

bool
move_is_channel(const struct worker *w, int fd)
{
	return w->watch[fd].what == WATCH_GIVE ||
	    w->watch[fd].what == WATCH_TAKE;
}
