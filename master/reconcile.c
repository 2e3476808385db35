/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reconcile - one slot at a time: what happened is noted, what is due is done.
 */
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/stdlib.h>

#include "master/giving.h"
#include "master/liveness.h"
#include "master/note.h"
#include "master/quarantine.h"
#include "master/reconcile.h"
#include "master/recycle.h"
#include "master/retire.h"
#include "master/slots.h"

enum {
	START_FAILURES = 3,		/* of a slot, before the first READY */
	LOOK_AGAIN_MS = 1000,		/* while a worker starts */
	MAKE_AGAIN_MS = 500		/* after a slot could not be made */
};

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct restart_conf
restart_conf(const struct master *m)
{
	return (struct restart_conf){
		.restart_backoff_min_ms = m->conf->restart_backoff_min_ms,
		.restart_backoff_max_ms = m->conf->restart_backoff_max_ms,
		.stable_after_ms = m->conf->stable_after_ms,
	};
}

static bool
is_leaving(const struct master *m, unsigned i)
{
	return m->book->slots[i].wanted != SLOT_SERVE;
}

static void
wake_siblings(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			slots_wake(m, i);
}

/* Births and deaths that were not acted upon yet. */
static void
note_news(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct book_page *page = slots_page(m, i);
	struct restart_conf rc = restart_conf(m);
	struct slot_head *h = m->slot[i].head;

	/* Without a pid clone(2) has not made it yet. */
	if (bs->born != page->worker.births && page->worker.pid > 0) {
		note_birth(m, i);
		if (page->worker.births != bs->give_life)
			restart_born(&bs->restart, m->now_ms);
		memset(&bs->liveness, 0, sizeof bs->liveness);
		/* what the dead said is not its fault */
		bs->chan_msgs = 0;
		bs->born = page->worker.births;
	}
	/* Also of one that is dead by now: a short life is no failed start. */
	if (bs->ready != bs->born && h->state != SLOT_STARTING) {
		if (!giving_lives(m, i)) {
			note_ready(m, i);
			restart_ready(&bs->restart, m->now_ms);
		}
		bs->ready = bs->born;
	}
	if (proc_alive(&page->worker) || bs->dead == page->worker.deaths)
		return;
	note_death(m, i);
	quarantine_note(m, i);
	/* Ended by us for what it did, it died of what it had in hand. */
	h->death = bs->blamed == page->worker.deaths ? SIGABRT :
	    page->worker.status;
	atomic_store(&h->state, SLOT_STARTING);
	atomic_store(&h->busy, 0);
	atomic_store(&m->commons->load[i].ready, 0);
	atomic_store(&m->commons->load[i].accepting, 0);
	bs->crashes += note_is_fault(page->worker.status);
	if (!giving_lives(m, i)) {
		restart_died(&bs->restart, &rc, m->now_ms, arc4random());
		bs->last_status = page->worker.status;
	}
	wake_siblings(m);		/* those who stayed out must accept */
	bs->dead = page->worker.deaths;	/* last: a new master does it again */
}

/* clone refused the birth we asked for: a failed start. */
static bool
start_refused(struct master *m, unsigned i)
{
	struct book_page *page = slots_page(m, i);
	struct book_slot *bs = &m->book->slots[i];
	struct restart_conf rc = restart_conf(m);
	struct log_rec r;

	if (page->failed == 0 || page->failed != page->worker.deaths + 1)
		return false;
	log_begin(&r, LOG_L_WARN, LOG_WORKER_BACKOFF, "no process to be had");
	log_uint(&r, "slot", i + 1);
	log_errno(&r, page->failed_errno);
	log_end(&r);
	if (!giving_refused(m, i)) {
		restart_born(&bs->restart, m->now_ms);
		restart_died(&bs->restart, &rc, m->now_ms, arc4random());
	}
	page->failed = 0;
	return true;
}

/* No worker lives: the policy says when the next one does. */
static int64_t
worker_wanted(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct restart_conf rc = restart_conf(m);
	struct restart_verdict v;

	start_refused(m, i);
	v = restart_next(&bs->restart, &rc, m->now_ms);
	/* To leave takes no token: clients wait for that. */
	if (v.what == RESTART_START || (v.what == RESTART_WAIT &&
	    v.why == RESTART_W_NO_TOKEN && is_leaving(m, i))) {
		giving_ask(m, i);
		/* asked again, if lost */
		return m->now_ms + LOOK_AGAIN_MS;
	}
	if (v.what != RESTART_WAIT)
		return INT64_MAX;
	if (bs->restart.why != RESTART_W_TOKEN &&
	    bs->backoff_noted != bs->restart.restarts) {
		note_backoff(m, i, v.until_ms, restart_why_name[v.why]);
		bs->backoff_noted = bs->restart.restarts;
	}
	return sooner(v.until_ms, giving_begin(m, i));
}

/* Gives away what it has until the next start is due. */
static int64_t
worker_gives(struct master *m, unsigned i)
{
	struct restart_conf rc = restart_conf(m);
	struct restart_verdict v = restart_next(&m->book->slots[i].restart,
	    &rc, m->now_ms);

	if (v.what == RESTART_WAIT)
		return v.until_ms;
	giving_end(m, i);
	return m->now_ms + LOOK_AGAIN_MS;
}

static int64_t
worker_lives(struct master *m, unsigned i)
{
	struct book_page *page = slots_page(m, i);
	struct book_slot *bs = &m->book->slots[i];
	int64_t until;

	if (bs->ready == bs->born && giving_lives(m, i))
		return sooner(liveness_look(m, i), worker_gives(m, i));
	if (bs->ready == bs->born)
		return liveness_look(m, i);
	until = page->worker.born_ms + m->conf->start_timeout_ms;
	if (m->conf->start_timeout_ms == 0)
		return INT64_MAX;
	if (m->now_ms < until)
		return until;
	liveness_kill(m, i, "not READY within start_timeout", SIGKILL);
	return m->now_ms + LOOK_AGAIN_MS;
}

/* What it took by an order that broke is still to be told to the giver. */
static bool
is_asked(const struct master *m, unsigned i)
{
	for (unsigned n = 0; n < BOOK_SLOTS; n++)
		if (m->book->slots[n].role != SLOT_UNUSED &&
		    m->book->slots[n].give_open &&
		    m->book->slots[n].give_to == i)
			return true;
	return false;
}

/* Left in order, or has nothing left to leave with: the slot is done. */
static bool
is_done(const struct master *m, unsigned i)
{
	const struct proc *w = &slots_page(m, i)->worker;
	const struct book_slot *bs = &m->book->slots[i];

	if (proc_alive(w))
		return false;
	if (!proc_alive(&bs->keeper))
		return true;		/* the table died with both */
	if (m->book->state == MS_STOPPING)
		return true;		/* killed: what it had is cut */
	return is_leaving(m, i) && slots_open(m, i) == 0 && !is_asked(m, i);
}

/* The keeper is dead: its worker serves on, leaves, and is not followed. */
static void
keeper_lost(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct log_rec r;

	if (bs->role != SLOT_SERVING)
		return;
	log_begin(&r, LOG_L_WARN, LOG_WORKER_EXIT,
	    "keeper ended: the slot is replaced");
	log_uint(&r, "slot", i + 1);
	log_int(&r, "keeper_pid", bs->keeper.pid);
	log_int(&r, "status", bs->keeper.status);
	log_end(&r);
	bs->role = SLOT_RETIRING;
	slots_leave(m, i, SLOT_RETIRE);
}

/* A keeper's table holds the listeners: the slot is gone when it is. */
static bool
keeper_lives_on(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];

	bs->role = SLOT_RETIRING;
	proc_kill(&bs->keeper, SIGKILL,
	    getppid());
	return proc_alive(&bs->keeper);
}

/* What could not move by drain_timeout is cut. */
static int64_t
retire_limit(struct master *m, unsigned i)
{
	const struct book_slot *bs = &m->book->slots[i];
	int64_t until = bs->leave_ms + m->conf->drain_timeout_ms;

	if (bs->role != SLOT_RETIRING || m->conf->drain_timeout_ms == 0 ||
	    bs->wanted == SLOT_LEAVE_NOW)
		return INT64_MAX;
	if (m->now_ms >= until)
		slots_leave(m, i, SLOT_LEAVE_NOW);
	return until;
}

static int64_t
reconcile_slot(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];

	note_news(m, i);
	if (!proc_alive(&bs->keeper))
		keeper_lost(m, i);
	if (is_done(m, i)) {
		note_news(m, i);	/* its end may have come meanwhile */
		if (keeper_lives_on(m, i))
			return INT64_MAX;	/* the anchor tells its end */
		retire_slot(m, i, m->book->state == MS_STOPPING ?
		    REASON_DRAIN : REASON_CRASH);
		return INT64_MAX;
	}
	if (proc_alive(&slots_page(m, i)->worker))
		return sooner(worker_lives(m, i), retire_limit(m, i));
	return worker_wanted(m, i);
}

/* Of the two, the one to go: it is replaced, or has less to give away. */
static unsigned
surplus(const struct master *m, unsigned a, unsigned b)
{
	const struct book_slot *s = m->book->slots;

	if ((s[a].recycle != 0) != (s[b].recycle != 0))
		return s[a].recycle != 0 ? a : b;
	return slots_open(m, b) < slots_open(m, a) ? b : a;
}

/* One worker fewer: a slot gives what it has, once the others can take it. */
static void
retire_surplus(struct master *m, unsigned want)
{
	while (slots_count(m, SLOT_SERVING) > want + recycle_waits(m, want)) {
		unsigned best = BOOK_SLOTS;

		for (unsigned i = 0; i < BOOK_SLOTS; i++)
			if (m->book->slots[i].role == SLOT_SERVING)
				best = best == BOOK_SLOTS ? i :
				    surplus(m, best, i);
		if (best == BOOK_SLOTS)
			return;
		m->book->slots[best].role = SLOT_RETIRING;
		slots_leave(m, best, SLOT_RETIRE);
	}
}

int64_t
reconcile(struct master *m)
{
	unsigned want = m->book->leaving ? 0 : m->book->workers;
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			next = sooner(next, reconcile_slot(m, i));
	if (!m->book->leaving) {
		next = sooner(next, recycle_review(m));
		retire_surplus(m, want);
		want += recycle_waits(m, want);
	}
	for (unsigned n = slots_count(m, SLOT_SERVING); n < want; n++) {
		int i = slots_make(m, m->conf, m->book->generation,
		    SLOT_SERVING);

		if (i == -1)
			return sooner(next, m->now_ms + MAKE_AGAIN_MS);
		recycle_succeed(m, (unsigned)i);
		next = sooner(next, reconcile_slot(m, (unsigned)i));
	}
	return next;
}

bool
reconcile_all_ready(const struct master *m)
{
	unsigned ready = 0;

	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct book_slot *bs = &m->book->slots[i];

		ready += bs->role == SLOT_SERVING && bs->born != 0 &&
		    bs->ready == bs->born && bs->dead != bs->born &&
		    !giving_lives(m, i) && bs->recycle == 0;
	}
	return ready == m->book->workers;
}

bool
reconcile_start_failed(const struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role == SLOT_SERVING &&
		    m->book->slots[i].restart.failures >= START_FAILURES)
			return true;
	return false;
}
