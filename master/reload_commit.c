/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload_commit - the flag first, then what follows from it: a master that
 * dies in here is followed by one that does the rest.
 */
#include <string.h>

#include "common/fd.h"
#include "common/move.h"
#include "master/generations.h"
#include "master/listeners.h"
#include "master/reload_commit.h"
#include "master/reopen.h"
#include "master/slots.h"

/* Counters of slots that are gone follow their services to new numbers. */
static void
move_retired(struct master *m, uint32_t from, uint32_t to)
{
	struct slot_counts old[BOOK_SERVICES];

	memcpy(old, m->book->retired, sizeof old);
	memset(m->book->retired, 0, sizeof old);
	for (unsigned i = 0; i < BOOK_SERVICES; i++) {
		unsigned n = generations_map(m, from, i, to);

		counts_add(n == MOVE_NOWHERE ? &m->book->retired_gone :
		    &m->book->retired[n], &old[i]);
	}
}

static void
switch_conf(struct master *m)
{
	struct book *b = m->book;
	struct conf *old = m->conf;

	if (b->generation == b->reload.generation)
		return;			/* a master before us came so far */
	move_retired(m, b->generation, b->reload.generation);
	fd_close(&b->fd[FD_CONF]);
	b->fd[FD_CONF] = b->fd[FD_CONF_NEW];
	b->workers = conf_workers(m->conf_new);
	b->generation = b->reload.generation;
	b->fd[FD_CONF_NEW] = -1;
	m->conf = m->conf_new;
	m->conf_new = NULL;
	conf_free(&old);
}

void
reload_commit(struct master *m)
{
	struct book *b = m->book;

	b->reload.committed = true;
	switch_conf(m);
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		struct book_slot *bs = &b->slots[i];

		if (bs->role == SLOT_FRESH)
			bs->role = SLOT_SERVING;
		else if (bs->role == SLOT_SERVING &&
		    bs->generation != b->generation)
			bs->role = SLOT_RETIRING;
	}
	listeners_retire(m, m->conf);
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (b->slots[i].role == SLOT_RETIRING)
			slots_leave(m, i, SLOT_RETIRE);
	reopen_if_changed(m);
	b->reload.commit_ms = m->now_ms;
	b->reload.step = RELOAD_MOVING;
}
