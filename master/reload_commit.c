/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload_commit - the flag first, then what follows from it: a master that
 * dies in here is followed by one that does the rest.
 */
#include "common/fd.h"
#include "master/listeners.h"
#include "master/reload_commit.h"
#include "master/reopen.h"
#include "master/retire.h"
#include "master/slots.h"

static void
switch_conf(struct master *m)
{
	struct book *b = m->book;
	struct conf *old = m->conf;

	if (m->conf_new == NULL)
		return;			/* a master before us came so far */
	if (b->generation != b->reload.generation)
		retire_generation(m, b->reload.generation);
	b->workers = conf_workers(m->conf_new);
	/* In this order: at each moment one of them names the new text. */
	if (b->fd[FD_CONF] != b->fd[FD_CONF_NEW])
		fd_close(&b->fd[FD_CONF]);
	b->fd[FD_CONF] = b->fd[FD_CONF_NEW];
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
