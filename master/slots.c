/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slots - each is memory, two channels and a keeper.
 *
 * Order of making: what the book names first, exists first; the keeper is
 * cloned last, with its pid stored by the kernel.  A master that dies halfway
 * leaves a record that the next one can end (slots_release).
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <bsd/stdlib.h>

#include "common/fd.h"
#include "master/handover.h"
#include "master/keeper.h"
#include "master/slots.h"

enum {
	/* in FLOOD_MS: nobody has that much to say */
	FLOOD_MSGS = 1000,
	FLOOD_MS = 1000
};

struct book_page *
slots_page(const struct master *m, unsigned i)
{
	return (struct book_page *)((char *)m->pages + (size_t)i * BOOK_PAGE);
}

/* Rows stop below the limit: a full table drops received descriptors. */
static uint32_t
rows_wanted(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    rl.rlim_cur <= 2 * SLOT_RESERVE)
		return SLOT_RESERVE;
	return rl.rlim_cur > 1 << 20 ? 1 << 20 :
	    (uint32_t)rl.rlim_cur - SLOT_RESERVE;
}

static int
channel_open(int flags, int *ours, int *theirs)
{
	int sp[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags,
	    0, sp) == -1)
		return -1;
	*ours = sp[0];
	*theirs = sp[1];
	return 0;
}

int
slots_map(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		struct book_slot *bs = &m->book->slots[i];

		if (bs->role == SLOT_UNUSED)
			continue;
		if (slot_map(&m->slot[i], bs->mem_fd, bs->nservices,
		    bs->nrows) == -1)
			return -1;
		/* No other slot's keeper, and so no worker, may see it. */
		madvise(m->slot[i].head, m->slot[i].size, MADV_DONTFORK);
	}
	return 0;
}

static void
keeper_spawn(struct master *m, unsigned i, const struct conf *conf,
    int keeper_end, int worker_end)
{
	struct book_slot *bs = &m->book->slots[i];
	struct keeper_args args = { .book = m->book, .number = i + 1,
	    .conf = conf, .slot = m->slot[i], .commons = m->commons,
	    .keeper_fd = keeper_end, .worker_fd = worker_end,
	    .uid = m->book->uid,
	    .gid = m->book->gid, .drop = m->book->drop };

	/* The one mapping of this table that the keeper gets with it. */
	madvise(m->slot[i].head, m->slot[i].size, MADV_DOFORK);
	if (proc_clone(&bs->keeper, CLONE_PARENT) == 0) {
		if (m->book->reload.upgrade && bs->generation ==
		    m->book->reload.generation &&
		    m->book->reload.step != RELOAD_NONE)
			handover_exec_keeper(m->book, i, keeper_end,
			    worker_end, m->book->reload.binary);
		keeper_main(&args);
	}
	madvise(m->slot[i].head, m->slot[i].size, MADV_DONTFORK);
}

static int
slot_index_free(const struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role == SLOT_UNUSED &&
		    !proc_alive(&m->book->slots[i].keeper) &&
		    !proc_alive(&slots_page(m, i)->worker))
			return (int)i;
	errno = ENOSPC;
	return -1;
}

int
slots_make(struct master *m, const struct conf *conf, uint32_t generation,
    enum book_role role)
{
	int i = slot_index_free(m), keeper_end = -1, worker_end = -1, saved;
	struct book_slot *bs;
	struct proc *worker;

	if (i == -1)
		return -1;
	bs = &m->book->slots[i];
	worker = &slots_page(m, (unsigned)i)->worker;
	/* A keeper killed before its clone(2) left a birth without a life. */
	atomic_store(&worker->deaths, worker->births);
	*bs = (struct book_slot){ .keeper_fd = -1, .worker_fd = -1,
	    .generation = generation, .keeper = bs->keeper,
	    .nrows = rows_wanted(), .nservices = (uint32_t)conf->nservices,
	    .born = worker->births, .dead = worker->births,
	    .born0 = worker->births, .made_ms = m->now_ms,
	    .random = arc4random() };
	bs->mem_fd = slot_create(&m->slot[i], bs->nservices, bs->nrows);
	if (bs->mem_fd == -1 ||
	    channel_open(0, &bs->keeper_fd, &keeper_end) == -1 ||
	    channel_open(SOCK_NONBLOCK, &bs->worker_fd, &worker_end) == -1)
		goto fail;
	bs->role = role;
	keeper_spawn(m, (unsigned)i, conf, keeper_end, worker_end);
	if (!proc_alive(&bs->keeper))
		goto fail;
	fd_close(&keeper_end);
	fd_close(&worker_end);
	if (m->commons->nslots <= (uint32_t)i)
		m->commons->nslots = (uint32_t)i + 1;
	return i;
fail:
	saved = errno;
	fd_close(&keeper_end);
	fd_close(&worker_end);
	slots_release(m, (unsigned)i);
	errno = saved;
	return -1;
}

void
slots_release(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];

	bs->role = SLOT_UNUSED;
	slot_unmap(&m->slot[i]);
	fd_close(&bs->mem_fd);
	fd_close(&bs->keeper_fd);
	fd_close(&bs->worker_fd);
	memset(&m->commons->load[i], 0, sizeof m->commons->load[i]);
}

unsigned
slots_count(const struct master *m, enum book_role role)
{
	unsigned n = 0;

	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		n += m->book->slots[i].role == (uint32_t)role;
	return n;
}

void
slots_wake(struct master *m, unsigned i)
{
	struct msg msg = { .version = MSG_VERSION, .type = MSG_LOOK };

	/* When it is full, the worker has been told often enough. */
	(void)!send(m->book->slots[i].worker_fd, &msg, sizeof msg,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
slots_ask_worker(struct master *m, unsigned i)
{
	struct msg msg = { .version = MSG_VERSION, .type = MSG_LIVE,
	    .number = (uint64_t)slots_page(m, i)->worker.deaths + 1 };

	(void)!send(m->book->slots[i].keeper_fd, &msg, sizeof msg,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
slots_leave(struct master *m, unsigned i, enum slot_wanted how)
{
	struct book_slot *bs = &m->book->slots[i];
	struct slot_head *h = m->slot[i].head;

	if (bs->wanted >= (uint32_t)how)
		return;
	/* what stands in the slot is not read */
	bs->wanted = (uint32_t)how;
	atomic_store(&h->wanted, (uint32_t)how);
	if (bs->leave_ms == 0)
		bs->leave_ms = m->now_ms;
	slots_wake(m, i);
}

static void
balance_wake(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role == SLOT_SERVING &&
		    !m->commons->load[i].accepting)
			slots_wake(m, i);
}

/* A worker may say anything: what has no meaning is dropped, who says too
 * much is not listened to. */
enum slots_said
slots_read(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct msg msg;
	ssize_t n;

	if (m->now_ms - bs->chan_since_ms > FLOOD_MS) {
		bs->chan_since_ms = m->now_ms;
		bs->chan_msgs = 0;
	}
	while (bs->chan_msgs < FLOOD_MSGS) {
		n = recv(bs->worker_fd, &msg, sizeof msg, MSG_DONTWAIT);
		if (n <= 0)
			return n == 0 ? SLOTS_END : SLOTS_ALL;
		bs->chan_msgs++;
		if (n == sizeof msg && msg.version == MSG_VERSION &&
		    msg.type == MSG_BALANCE)
			balance_wake(m);
	}
	return SLOTS_TOO_MUCH;
}

void
slots_drop_news(struct master *m, unsigned i)
{
	struct msg msg;

	for (int n = 0; n < FLOOD_MSGS; n++)
		if (recv(m->book->slots[i].worker_fd, &msg, sizeof msg,
		    MSG_DONTWAIT | MSG_TRUNC) <= 0)
			break;
	m->book->slots[i].chan_msgs = 0;
}

void
slots_hang_up(struct master *m, unsigned i)
{
	fd_close(&m->book->slots[i].worker_fd);
	fd_close(&m->book->slots[i].keeper_fd);
}

bool
slots_is_ready(const struct master *m, unsigned i)
{
	const struct book_slot *bs = &m->book->slots[i];

	return bs->role != SLOT_UNUSED && bs->ready == bs->born &&
	    bs->dead != bs->born && proc_alive(&slots_page(m, i)->worker);
}

uint64_t
slots_open(const struct master *m, unsigned i)
{
	struct ledger l;

	slot_ledger(&m->slot[i], &l);
	return l.open;
}
