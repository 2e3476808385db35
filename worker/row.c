/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row - the hand and the redo record.
 *
 * The hand says which row may be half changed; the redo record makes a row's
 * birth and end one step with their counters.  See common/slot.h for what
 * recovery makes of them.
 */
#include <string.h>

#include "common/addr.h"
#include "common/bug.h"
#include "common/redo.h"
#include "worker/row.h"

void
row_phase(struct worker *w, enum hand_phase phase)
{
	row_order();
	atomic_store_explicit(&w->slot.head->hand.phase, phase,
	    memory_order_relaxed);
	row_order();
}

void
row_take(struct worker *w, int fd)
{
	w->slot.head->hand.fd = fd;
	w->slot.head->hand.call = HAND_C_NONE;
	row_phase(w, HAND_IO);
}

void
row_release(struct worker *w)
{
	row_phase(w, HAND_NONE);
}

void
row_call_begin(struct worker *w, const struct row *r, enum hand_call call)
{
	struct hand *h = &w->slot.head->hand;

	h->calls++;
	memcpy(&h->image, r, sizeof h->image);
	h->call = call;
	h->log_len = atomic_load_explicit(&w->slot.log->len,
	    memory_order_relaxed);
	row_phase(w, HAND_CALL);
}

void
row_call_commit(struct worker *w)
{
	row_phase(w, HAND_IO);
	w->slot.head->hand.call = HAND_C_NONE;
}

static void
redo_arm(struct worker *w)
{
	row_order();
	atomic_store_explicit(&w->slot.head->redo.armed, 1,
	    memory_order_relaxed);
	row_order();
	redo_apply(&w->slot);
}

static void
load_publish(struct worker *w)
{
	atomic_store_explicit(&w->load->connections, w->open,
	    memory_order_relaxed);
}

void
row_fill(struct worker *w, int fd, unsigned listener,
    const struct sockaddr *sa, socklen_t len)
{
	struct slot_head *h = w->slot.head;
	struct row *r = &w->slot.rows[fd];
	struct addr a = { .len = len };

	memcpy(&a.u, sa, len < sizeof a.u ? len : sizeof a.u);
	*r = (struct row){
		.state = ROW_FREE,
		.family = (uint8_t)a.u.sa.sa_family,
		.gen = ++h->next_gen,
		.service = (uint16_t)w->args->listeners[listener].service,
		.listener = (uint16_t)listener,
		.id = (uint64_t)w->args->number << 40 | ++h->next_id,
		.opened_ms = w->now_ms,
		.active_ms = w->now_ms,
		.flags = ROW_F_FRESH,
	};
	switch (r->family) {
	case AF_INET:
		memcpy(r->ip, &a.u.sin.sin_addr, 4);
		r->port = ntohs(a.u.sin.sin_port);
		break;
	case AF_INET6:
		memcpy(r->ip, &a.u.sin6.sin6_addr, 16);
		r->port = ntohs(a.u.sin6.sin6_port);
		break;
	default:
		r->flags |= ROW_F_STREAM;
		break;
	}
}

/* The row comes to be, by accept or from another slot. */
static void
row_publish(struct worker *w, int fd, enum row_state state, uint32_t counter)
{
	struct slot_head *h = w->slot.head;
	const struct row *r = &w->slot.rows[fd];
	struct slot_counts *n = &w->slot.counts[r->service];

	if ((uint32_t)fd >= h->high)
		h->high = (uint32_t)fd + 1;
	h->redo.fd = fd;
	h->redo.state = state;
	h->redo.service = r->service;
	h->redo.counter = counter;
	h->redo.value = *redo_counter(n, counter) + 1;
	h->redo.requests = n->requests;
	h->redo.bytes_in = n->bytes_in;
	h->redo.bytes_out = n->bytes_out;
	redo_arm(w);
	w->open++;
	load_publish(w);
}

void
row_open(struct worker *w, int fd)
{
	bool refused = w->slot.rows[fd].reason != REASON_NONE;

	/* One that is refused is never open, whoever may have to close it. */
	row_publish(w, fd, refused ? ROW_CLOSING : ROW_OPEN, 0);
}

void
row_take_over(struct worker *w, int fd, enum row_state state, unsigned take,
    uint64_t seq)
{
	w->slot.head->redo.take = take;
	w->slot.head->redo.take_seq = seq;
	row_publish(w, fd, state, COUNTER_MOVED_IN);
}

void
row_end(struct worker *w, int fd)
{
	struct slot_head *h = w->slot.head;
	const struct row *r = &w->slot.rows[fd];
	const struct slot_counts *n = &w->slot.counts[r->service];

	if (r->reason == REASON_NONE || r->reason >= REASON_COUNT)
		bug("a connection ends without a reason");
	h->redo.fd = fd;
	h->redo.state = ROW_FREE;
	h->redo.service = r->service;
	h->redo.counter = r->reason;
	h->redo.value = n->ended[r->reason] + 1;
	h->redo.requests = n->requests;
	h->redo.bytes_in = n->bytes_in;
	h->redo.bytes_out = n->bytes_out;
	/* else its row carries them on */
	if (r->reason != REASON_MOVED) {
		h->redo.requests += r->requests;
		h->redo.bytes_in += r->rx;
		h->redo.bytes_out += r->tx;
	}
	redo_arm(w);
	w->open--;
	load_publish(w);
}
