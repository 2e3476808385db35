/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * giving - the order in the book comes first, then in the slot, then to the
 * keeper: a master that dies in between is followed by one that asks again.
 */
#include "master/giving.h"
#include "master/slots.h"

enum {
	GIVE_AFTER_MS = 1000,		/* a short wait is over before that */
	ASK_AGAIN_MS = 1000
};

bool
giving_lives(const struct master *m, unsigned i)
{
	const struct book_slot *bs = &m->book->slots[i];

	return bs->give_life != 0 && slots_page(m, i)->worker.births ==
	    bs->give_life;
}

static bool
somebody_takes(const struct master *m, unsigned i)
{
	for (unsigned n = 0; n < BOOK_SLOTS; n++) {
		const struct book_slot *bs = &m->book->slots[n];

		if (n != i && bs->role == SLOT_SERVING &&
		    slots_is_ready(m, n) && !giving_lives(m, n) &&
		    slots_open(m, n) < bs->nrows - SLOT_RESERVE)
			return true;
	}
	return false;
}

void
giving_ask(struct master *m, unsigned i)
{
	atomic_store(&m->slot[i].head->give_life, m->book->slots[i].give_life);
	slots_ask_worker(m, i);
}

int64_t
giving_begin(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	uint32_t next = slots_page(m, i)->worker.deaths + 1;
	int64_t at = bs->restart.died_ms + GIVE_AFTER_MS;

	if (bs->give_life != next) {
		if (bs->gave == bs->restart.restarts || m->book->leaving ||
		    bs->role == SLOT_FRESH || slots_open(m, i) == 0)
			return INT64_MAX;
		if (at > m->now_ms)
			return at;
		if (!somebody_takes(m, i))
			return m->now_ms + ASK_AGAIN_MS;
		bs->gave = bs->restart.restarts;
		bs->give_life = next;
	}
	giving_ask(m, i);
	return m->now_ms + ASK_AGAIN_MS;
}

void
giving_end(struct master *m, unsigned i)
{
	atomic_store(&m->slot[i].head->give_over, m->book->slots[i].give_life);
	slots_wake(m, i);
}

bool
giving_refused(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];

	if (bs->give_life != slots_page(m, i)->worker.deaths + 1)
		return false;
	/* The same number is the next worker's that serves. */
	bs->give_life = 0;
	atomic_store(&m->slot[i].head->give_life, 0);
	return true;
}
