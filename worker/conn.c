/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn - what services may do with a connection.
 *
 * All of it changes the row and buffers in slot memory only; the call that a
 * service runs in is undone as a whole if the worker dies (row.c).
 */
#include <errno.h>
#include <string.h>

#include "worker/conn.h"
#include "worker/state.h"

const void *
conn_shared(const struct conn *c)
{
	return c->w->shared[c->row->service];
}

size_t
conn_input(const struct conn *c, const char **p)
{
	const struct row *r = c->row;
	const struct slot *s = &c->w->slot;

	if (r->rx == r->eaten) {
		*p = "";
		return 0;
	}
	*p = slot_data(s, r->in_buf) + (r->eaten - s->bufs[r->in_buf].base);
	return (size_t)(r->rx - r->eaten);
}

void
conn_eat(struct conn *c, size_t n)
{
	uint64_t left = c->row->rx - c->row->eaten;

	c->row->eaten += n < left ? n : left;
}

bool
conn_ended(const struct conn *c)
{
	return c->row->flags & ROW_F_EOF;
}

bool
conn_room(const struct conn *c)
{
	const struct pool *p = &c->w->pool;
	uint64_t most = pool_left(p) > p->nbufs / 2 ? CONN_HIGH_WATER :
	    SLOT_BUF_SIZE;		/* nobody may use the pool up for all */

	return c->row->wx - c->row->tx < most;
}

/* The chain's last buffer if it has room, else a new one behind it; 0: none. */
static uint32_t
out_tail(struct conn *c)
{
	struct slot *s = &c->w->slot;
	struct row *r = c->row;
	uint32_t buf;

	if (r->out_head != 0 &&
	    r->wx - s->bufs[r->out_tail].base < SLOT_BUF_SIZE)
		return r->out_tail;
	buf = pool_take(&c->w->pool);
	if (buf == 0)
		return 0;
	s->bufs[buf].base = r->wx;
	s->bufs[buf].next = 0;
	if (r->out_head == 0)
		r->out_head = buf;
	else
		s->bufs[r->out_tail].next = buf;
	r->out_tail = buf;
	return buf;
}

int
conn_write(struct conn *c, const void *p, size_t n)
{
	const struct slot *s = &c->w->slot;
	const char *from = p;

	while (n > 0) {
		uint32_t buf = out_tail(c);
		size_t at, part;

		if (buf == 0) {
			conn_finish(c, REASON_ERROR);
			errno = ENOBUFS;
			return -1;
		}
		at = (size_t)(c->row->wx - s->bufs[buf].base);
		part = n < SLOT_BUF_SIZE - at ? n : SLOT_BUF_SIZE - at;
		memcpy(slot_data(s, buf) + at, from, part);
		c->row->wx += part;
		from += part;
		n -= part;
	}
	return 0;
}

void
conn_hold(struct conn *c, bool hold)
{
	if (hold)
		c->row->flags |= ROW_F_HOLD;
	else
		c->row->flags &= (uint8_t)~ROW_F_HOLD;
}

void
conn_timer(struct conn *c, int64_t ms)
{
	c->row->timer_ms = ms > 0 ? c->w->now_ms + ms : 0;
}

void
conn_request(struct conn *c)
{
	c->row->requests++;
	if (c->conf->max_requests > 0 &&
	    c->row->requests >= c->conf->max_requests)
		conn_finish(c, REASON_MAX_REQUESTS);
}

void
conn_finish(struct conn *c, enum reason why)
{
	if (c->row->state != ROW_OPEN)
		return;
	c->row->reason = (uint8_t)why;
	c->row->timer_ms = 0;
	c->row->state = ROW_FLUSH;
}
