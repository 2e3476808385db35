/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redo - doing what a redo record says: by its maker, by the successor of a
 * dead one, or by the master for a slot that gets no successor.
 */
#include <stdatomic.h>

#include "common/redo.h"

uint64_t *
redo_counter(struct slot_counts *n, uint32_t counter)
{
	if (counter == 0)
		return &n->accepted;
	return counter == COUNTER_MOVED_IN ? &n->moved_in : &n->ended[counter];
}

void
redo_apply(struct slot *s)
{
	struct redo *d = &s->head->redo;

	if (!atomic_load_explicit(&d->armed, memory_order_relaxed))
		return;
	/* A wild write may have armed it: what points nowhere is dropped. */
	if (d->service < s->nservices && d->counter <= COUNTER_MOVED_IN &&
	    (d->counter != COUNTER_MOVED_IN || d->take < SLOT_TAKES) &&
	    d->fd >= 0 && (uint32_t)d->fd < s->nrows &&
	    d->state < ROW_NSTATES) {
		struct slot_counts *n = &s->counts[d->service];

		*redo_counter(n, d->counter) = d->value;
		if (d->counter == COUNTER_MOVED_IN)
			s->head->takes[d->take].seq = d->take_seq;
		n->requests = d->requests;
		n->bytes_in = d->bytes_in;
		n->bytes_out = d->bytes_out;
		s->rows[d->fd].state = (uint8_t)d->state;
	}
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&d->armed, 0, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}
