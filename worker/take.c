/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * take - the taker's side: each connection is filled in, then published with
 * its number in one step, then served.
 *
 * While one is being taken the hand says so: a descriptor without a row is
 * then the giver's still, not a newcomer (recover.c closes our copy of it).
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fd.h"
#include "worker/acl.h"
#include "worker/channel.h"
#include "worker/conn_life.h"
#include "worker/move.h"
#include "worker/row.h"

enum { TAKE_AT_ONCE = 32 };

struct parcel {
	struct move_conn m;
	char bytes[SLOT_BUF_SIZE + MOVE_OUT_MAX];
};

static void
take_end(struct worker *w, unsigned i)
{
	struct slot_take *t = &w->slot.head->takes[i];

	w->engine->forget(w, w->take_fd[i]);
	w->watch[w->take_fd[i]].what = WATCH_NONE;
	fd_close(&w->take_fd[i]);
	atomic_store(&t->done, t->order);
	channel_tell(w, MSG_MOVED);
}

void
take_begin(struct worker *w, unsigned index, uint64_t order, int fd)
{
	struct slot_take *t;

	if (index >= SLOT_TAKES || w->retired) {
		fd_close(&fd);		/* the giver sees the end */
		return;
	}
	/* The last order is settled, or there would not be another one: only
	 * the end of its channel was not read yet. */
	if (w->take_fd[index] != -1)
		take_end(w, index);
	t = &w->slot.head->takes[index];
	t->seq = 0;
	row_order();
	atomic_store(&t->order, order);
	if (atomic_load(&t->barred) >= order ||
	    w->engine->set(w, fd, 0, ENGINE_IN, 1) == -1) {
		fd_close(&fd);
		atomic_store(&t->done, order);
		channel_tell(w, MSG_MOVED);
		return;
	}
	w->take_fd[index] = fd;
	w->watch[fd].what = WATCH_TAKE;
}

static bool
is_sound(const struct worker *w, const struct parcel *p, size_t len,
    const struct slot_take *t)
{
	const struct move_conn *m = &p->m;
	const struct row *r = &m->row;

	return len >= sizeof *m && m->version == MOVE_VERSION &&
	    m->row_size == sizeof *r && m->order == t->order &&
	    m->seq == t->seq + 1 && m->in_len <= SLOT_BUF_SIZE &&
	    m->out_len <= MOVE_OUT_MAX &&
	    len == sizeof *m + m->in_len + m->out_len &&
	    r->service < w->slot.nservices && r->rx - r->eaten == m->in_len &&
	    r->wx - r->tx == m->out_len && (r->state == ROW_OPEN ||
	    r->state == ROW_FLUSH || r->state == ROW_LINGER);
}

/* Bytes into buffers, a chain from position `base`; POOL_RESERVE holds them. */
static void
fill_chain(struct worker *w, const char *p, size_t n, uint64_t base,
    uint32_t *head, uint32_t *tail)
{
	uint32_t last = 0;

	*head = 0;
	while (n > 0) {
		size_t part = n < SLOT_BUF_SIZE ? n : SLOT_BUF_SIZE;
		uint32_t buf = pool_take(&w->pool);

		memcpy(slot_data(&w->slot, buf), p, part);
		w->slot.bufs[buf] = (struct slot_buf){ .base = base };
		if (last == 0)
			*head = buf;
		else
			w->slot.bufs[last].next = buf;
		last = buf;
		p += part;
		n -= part;
		base += part;
	}
	*tail = last;
}

static uint16_t
listener_for(const struct worker *w, unsigned service)
{
	for (unsigned i = 0; i < w->nlisteners; i++)
		if (w->args->listeners[i].service == service)
			return (uint16_t)i;
	return 0;
}

static void
publish(struct worker *w, const struct parcel *p, int fd, unsigned take)
{
	const struct move_conn *m = &p->m;
	struct row *r = &w->slot.rows[fd];
	uint32_t none;

	memcpy(r, &m->row, sizeof *r);
	r->state = ROW_FREE;
	r->gen = ++w->slot.head->next_gen;
	r->watch = 0;
	r->flags &= (uint8_t)~ROW_F_GIVEN;
	r->listener = listener_for(w, r->service);
	fill_chain(w, p->bytes, m->in_len, r->eaten, &r->in_buf, &none);
	fill_chain(w, p->bytes + m->in_len, m->out_len, r->tx, &r->out_head,
	    &r->out_tail);
	row_take_over(w, fd, (enum row_state)m->row.state, take, m->seq);
}

/* The config may have changed on the way: who is refused now is ended. */
static bool
is_admitted(const struct worker *w, const struct row *r)
{
	struct addr a;

	row_addr(r, &a);
	return acl_admits(&w->conf->services[r->service], &a.u.sa);
}

/* One connection.  1: taken, 0: none is there now, -1: this order is over. */
static int
take_one(struct worker *w, unsigned i, struct parcel *p)
{
	struct slot_take *t = &w->slot.head->takes[i];
	size_t nfds;
	ssize_t n;
	int fd = -1;

	/* The giver keeps what we do not take, and the master knows better. */
	if (w->open >= w->max_open || pool_left(&w->pool) < 2 * POOL_RESERVE)
		return -1;
	row_phase(w, HAND_TAKE);
	n = fd_recv(w->take_fd[i], p, sizeof *p, &fd, 1, &nfds);
	if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
		row_phase(w, HAND_NONE);
		return 0;
	}
	if (n <= 0 || nfds != 1 || (uint32_t)fd >= w->slot.nrows ||
	    w->slot.rows[fd].state != ROW_FREE ||
	    !is_sound(w, p, (size_t)n, t)) {
		fd_close(&fd);
		row_phase(w, HAND_NONE);
		return -1;
	}
	publish(w, p, fd, i);
	row_phase(w, HAND_NONE);
	if (is_admitted(w, &w->slot.rows[fd]))
		conn_adopt(w, fd);
	else
		conn_cut(w, fd, REASON_ACL);
	return 1;
}

void
take_read(struct worker *w, int fd)
{
	static struct parcel parcel;	/* 200 KB are too many for a stack */
	struct move_ack ack;
	int rc = 0;
	unsigned i = 0;

	while (i < SLOT_TAKES && w->take_fd[i] != fd)
		i++;
	if (i == SLOT_TAKES)
		return;
	for (int n = 0; n < TAKE_AT_ONCE; n++)
		if ((rc = take_one(w, i, &parcel)) != 1)
			break;
	ack.order = w->slot.head->takes[i].order;
	ack.seq = w->slot.head->takes[i].seq;
	/* Lost when the giver is gone: then the master settles it. */
	(void)!send(fd, &ack, sizeof ack, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (rc == -1)
		take_end(w, i);
}
