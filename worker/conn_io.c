/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_io - recv, sendmsg and what must be stored in which order around them.
 */
#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <string.h>

#include "worker/conn_io.h"
#include "worker/row.h"
#include "worker/state.h"

enum { OUT_IOV = 8 };			/* buffers of one sendmsg */

/*
 * The buffer to receive into, with room for at least one byte; 0: none.  A row
 * without input borrows the worker's, whose base says beforehand where its
 * first byte belongs: a successor that finds bytes missing finds them there.
 */
static uint32_t
input_buffer(struct conn *c)
{
	struct slot *s = &c->w->slot;
	struct row *r = c->row;
	uint32_t buf;

	if (r->in_buf == 0) {
		buf = s->head->hand.in_buf;
		s->bufs[buf].base = r->rx;
		row_order();
		return buf;
	}
	if (r->rx - s->bufs[r->in_buf].base < SLOT_BUF_SIZE)
		return r->in_buf;
	if (r->rx - r->eaten == SLOT_BUF_SIZE)
		return 0;
	/* Eaten bytes lie before the rest: the rest moves to a new buffer. */
	buf = pool_take(&c->w->pool);
	if (buf == 0)
		return 0;
	memcpy(slot_data(s, buf), slot_data(s, r->in_buf) +
	    (r->eaten - s->bufs[r->in_buf].base), r->rx - r->eaten);
	s->bufs[buf].base = r->eaten;
	row_order();
	pool_give(&c->w->pool, r->in_buf);
	r->in_buf = buf;
	return buf;
}

enum io_result
conn_receive(struct conn *c)
{
	struct slot *s = &c->w->slot;
	struct row *r = c->row;
	uint32_t buf = input_buffer(c);
	size_t at, room;
	ssize_t n;

	if (buf == 0)
		return IO_FULL;
	at = (size_t)(r->rx - s->bufs[buf].base);
	room = SLOT_BUF_SIZE - at;
	n = recv(c->fd, slot_data(s, buf) + at, room, MSG_DONTWAIT);
	if (n == 0)
		return IO_EOF;
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? IO_DRY : IO_BROKEN;
	r->in_buf = buf;
	row_order();
	r->rx += (uint64_t)n;
	r->active_ms = c->w->now_ms;
	return (size_t)n == room ? IO_MORE : IO_DRY;
}

void
conn_input_trim(struct conn *c)
{
	struct hand *h = &c->w->slot.head->hand;
	struct row *r = c->row;
	uint32_t buf = r->in_buf;

	if (buf == 0)
		return;
	if (r->eaten == r->rx) {
		r->in_buf = 0;
		row_order();
		if (buf != h->in_buf)
			pool_give(&c->w->pool, buf);
	} else if (buf == h->in_buf) {
		/* The row keeps it; POOL_RESERVE leaves another one. */
		h->in_buf = pool_take(&c->w->pool);
	}
}

void
conn_output_trim(struct worker *w, struct row *r)
{
	struct slot *s = &w->slot;

	while (r->out_head != 0) {
		uint32_t buf = r->out_head;
		uint64_t end = s->bufs[buf].base + SLOT_BUF_SIZE;

		if (r->tx < r->wx && r->tx < end)
			break;
		/* Behind wx a `next` means nothing. */
		r->out_head = end < r->wx ? s->bufs[buf].next : 0;
		row_order();
		pool_give(&w->pool, buf);
	}
}

/* The chain as an iovec; returns how many, and the bytes in *total. */
static size_t
output_iov(const struct conn *c, struct iovec iov[static OUT_IOV],
    size_t *total)
{
	const struct slot *s = &c->w->slot;
	const struct row *r = c->row;
	uint64_t at = r->tx;
	uint32_t buf = r->out_head;
	size_t n = 0;

	for (*total = 0; at < r->wx && n < OUT_IOV; buf = s->bufs[buf].next) {
		uint64_t end = s->bufs[buf].base + SLOT_BUF_SIZE;

		end = end < r->wx ? end : r->wx;
		iov[n].iov_base = slot_data(s, buf) + (at - s->bufs[buf].base);
		iov[n].iov_len = (size_t)(end - at);
		*total += iov[n++].iov_len;
		at = end;
	}
	return n;
}

static ssize_t
output_send(const struct conn *c, size_t *total)
{
	struct iovec iov[OUT_IOV];
	struct msghdr msg = { .msg_iov = iov };

	msg.msg_iovlen = output_iov(c, iov, total);
	if (msg.msg_iovlen == 1)		/* the common case is cheaper */
		return send(c->fd, iov[0].iov_base, iov[0].iov_len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	return sendmsg(c->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

enum io_result
conn_flush(struct conn *c)
{
	struct row *r = c->row;
	size_t total;
	ssize_t n;

	while (r->tx < r->wx) {
		n = output_send(c, &total);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR ?
			    IO_DRY : IO_BROKEN;
		r->tx += (uint64_t)n;
		r->active_ms = c->w->now_ms;
		conn_output_trim(c->w, r);
		if ((size_t)n < total)
			return IO_DRY;
	}
	return IO_MORE;
}

bool
conn_input_waits(const struct conn *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

enum io_result
conn_drop_input(struct conn *c, size_t max)
{
	struct slot *s = &c->w->slot;
	char *to = slot_data(s, s->head->hand.in_buf);
	ssize_t n;

	for (size_t got = 0; got < max; got += (size_t)n) {
		n = recv(c->fd, to, SLOT_BUF_SIZE, MSG_DONTWAIT);
		if (n == 0)
			return IO_EOF;
		if (n == -1)
			return errno == EAGAIN || errno == EINTR ?
			    IO_DRY : IO_BROKEN;
		c->row->rx += (uint64_t)n;
		c->row->eaten = c->row->rx;
	}
	return IO_FULL;
}
