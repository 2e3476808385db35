/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retire - sums with a redo record, which is the book's retired_next.
 */
#include <string.h>

#include "common/move.h"
#include "common/redo.h"
#include "master/generations.h"
#include "master/moves.h"
#include "master/retire.h"
#include "master/slots.h"

enum { RETIRING_GENERATION = BOOK_SLOTS + 1 };	/* in book.retiring */

static void
sums_hold(struct master *m, uint32_t what)
{
	struct book *b = m->book;

	atomic_signal_fence(memory_order_seq_cst);
	b->retiring = what;
	atomic_signal_fence(memory_order_seq_cst);
	retire_again(m);
}

void
retire_again(struct master *m)
{
	struct book *b = m->book;

	if (b->retiring == 0)
		return;
	b->retired = b->retired_next;
	if (b->retiring == RETIRING_GENERATION)
		b->generation = b->reload.generation;
	else
		slots_release(m, b->retiring - 1);
	atomic_signal_fence(memory_order_seq_cst);
	b->retiring = 0;
}

static struct slot_counts *
counts_of(struct master *m, struct book_sums *sums, uint32_t generation,
    unsigned service)
{
	unsigned n = generations_map(m, generation, service,
	    m->book->generation);

	return n == MOVE_NOWHERE ? &sums->gone : &sums->service[n];
}

/* Open rows went down with the slot. */
static uint64_t
add_rows(struct master *m, const struct slot *s, uint32_t generation,
    enum reason how)
{
	uint64_t n = 0;

	for (uint32_t fd = 0; fd < s->nrows; fd++) {
		const struct row *r = &s->rows[fd];

		if (r->state == ROW_FREE || r->service >= s->nservices)
			continue;
		counts_of(m, &m->book->retired_next, generation,
		    r->service)->ended[how]++;
		n++;
	}
	return n;
}

void
retire_slot(struct master *m, unsigned i, enum reason how)
{
	struct book_slot *bs = &m->book->slots[i];
	struct book_sums *next = &m->book->retired_next;
	struct slot *s = &m->slot[i];
	uint64_t open;

	log_flush_batch(s->log);
	/* its last worker may have died in it */
	redo_apply(s);
	moves_end(m, i);
	*next = m->book->retired;
	for (uint32_t n = 0; n < s->nservices && n < BOOK_SERVICES; n++)
		counts_add(counts_of(m, next, bs->generation, n),
		    &s->counts[n]);
	next->cut += s->head->cut;
	open = add_rows(m, s, bs->generation, how);
	if (how == REASON_DRAIN)
		next->cut += open;
	else if (open > 0)
		log_line(LOG_L_ERROR, LOG_WORKER_CRASH, "slot %u is gone with "
		    "its descriptors: %llu connections lost", i + 1,
		    (unsigned long long)open);
	sums_hold(m, i + 1);
}

void
retire_generation(struct master *m, uint32_t to)
{
	struct book *b = m->book;

	memset(&b->retired_next, 0, sizeof b->retired_next);
	b->retired_next.cut = b->retired.cut;
	b->retired_next.gone = b->retired.gone;
	for (unsigned i = 0; i < BOOK_SERVICES; i++) {
		unsigned n = generations_map(m, b->generation, i, to);

		counts_add(n == MOVE_NOWHERE ? &b->retired_next.gone :
		    &b->retired_next.service[n], &b->retired.service[i]);
	}
	sums_hold(m, RETIRING_GENERATION);
}
