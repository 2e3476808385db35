/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transition - one function per action; the one setter of the state.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "master/control.h"
#include "master/listeners.h"
#include "master/notify.h"
#include "master/reconcile.h"
#include "master/reload.h"
#include "master/reopen.h"
#include "master/scale.h"
#include "master/slots.h"
#include "master/startup.h"
#include "master/transition.h"
#include "master/upgrade.h"

enum { CUT_MS = 2000 };			/* from "now" to SIGKILL */

/*
 * State and the signal that led there are one store: a master that dies behind
 * it is followed by one that neither forgets the signal nor takes it twice.
 * The deadline belongs to the state and is made anew (deeds).
 */
static void
master_goto(struct master *m, enum mstate next, const char *why)
{
	struct book *b = m->book;
	enum mstate was = b->state < MS_NSTATES ? (enum mstate)b->state : 0;
	struct log_rec r;

	if (next != was)
		b->deadline_ms = 0;
	b->state_since_ms = next != was ? m->now_ms : b->state_since_ms;
	atomic_store(&b->turn, m->ticket | (uint64_t)next);
	b->state = (uint32_t)next;
	if (next == was)
		return;
	log_begin(&r, LOG_L_INFO, LOG_MASTER_STATE, "%s", mstate_name[next]);
	log_str(&r, "state", mstate_name[was]);
	log_str(&r, "next", mstate_name[next]);
	log_str(&r, "reason", why);
	log_end(&r);
	notify_state(m, next);
}

/* Nobody accepts any more: the port is free for another, newcomers are
 * refused at once. */
static void
close_listeners(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED &&
		    !atomic_load(&m->slot[i].head->deaf))
			return;
	if (m->book->nlisteners > 0)
		listeners_close(m);
}

static void
leave_all(struct master *m, enum slot_wanted how)
{
	struct book *b = m->book;

	if (!b->shut)
		listeners_shut(m);
	b->shut = true;
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (b->slots[i].role != SLOT_UNUSED)
			slots_leave(m, i, how);
	close_listeners(m);
}

/*
 * What the state asks for, done again at every turn: so it does not matter
 * where in it the last master died.
 */
static void
deeds(struct master *m)
{
	struct book *b = m->book;
	int64_t limit = b->state == MS_DRAINING ? m->conf->drain_timeout_ms :
	    CUT_MS;

	if (b->state != MS_DRAINING && b->state != MS_STOPPING)
		return;
	reload_give_up(m, "the server stops");
	if (b->state == MS_STOPPING)
		b->leaving = true;
	if (!b->leaving) {
		if (b->delay_until_ms == 0)
			b->delay_until_ms = b->state_since_ms +
			    m->conf->drain_delay_ms;
		return;
	}
	b->delay_until_ms = 0;
	leave_all(m, b->state == MS_DRAINING ? SLOT_LEAVE : SLOT_LEAVE_NOW);
	if (b->deadline_ms == 0 && limit != 0)
		b->deadline_ms = m->now_ms + limit;
}

static void
act_kill(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			proc_kill(&slots_page(m, i)->worker, SIGKILL,
			    getppid());
	m->book->deadline_ms = m->now_ms + CUT_MS;
}

static void
act(struct master *m, enum maction action)
{
	switch (action) {
	case MA_SERVE:
		startup_announce(m);
		break;
	case MA_UPGRADE:
		upgrade_begin(m);
		break;
	case MA_RELOAD:
		reload_begin(m);
		break;
	case MA_SCALE:
		m->book->workers = (uint32_t)m->scale_to;
		break;
	case MA_REOPEN:
		reopen_log(m);
		break;
	case MA_LEAVE:
		m->book->leaving = true;
		break;
	case MA_KILL:
		act_kill(m);
		break;
	case MA_EXIT:
		startup_undo(m);	/* does not return */
		break;
	case MA_DRAIN: case MA_CUT:	/* the state says it: deeds() */
	case MA_ANSWER: case MA_IGNORE: case MA_REFUSE: case MA_NACTIONS:
		break;
	}
}

static void
log_refused(enum mevent ev, const char *why)
{
	enum log_event as = ev == ME_UPGRADE ? LOG_UPGRADE_FAILED :
	    ev == ME_RELOAD ? LOG_RELOAD_FAILED : LOG_CONFIG_WARNING;
	struct log_rec r;

	log_begin(&r, LOG_L_WARN, as, "%s was refused", mevent_name[ev]);
	log_str(&r, "reason", why);
	log_end(&r);
}

struct verdict
transition(struct master *m, enum mevent ev)
{
	struct verdict v = state_next((enum mstate)m->book->state, ev);

	if (v.action == MA_SCALE && scale_refuse(m, m->scale_to) != NULL)
		v = (struct verdict){ MA_REFUSE, v.next,
		    scale_refuse(m, m->scale_to) };
	if (v.action == MA_REFUSE)
		log_refused(ev, v.why);
	else if (v.action == MA_IGNORE)
		log_line(LOG_L_DEBUG, LOG_MASTER_STATE, "%s means nothing now",
		    mevent_name[ev]);
	if (v.action != MA_EXIT)
		master_goto(m, v.next, mevent_name[ev]);
	act(m, v.action);
	deeds(m);
	return v;
}

int64_t
transition_review(struct master *m)
{
	struct book *b = m->book;

	deeds(m);
	if (b->state == MS_STARTING && reconcile_all_ready(m))
		transition(m, ME_READY);
	if (b->state == MS_STARTING && reconcile_start_failed(m))
		startup_fail(m, "no worker could start; the log says why");
	if (b->delay_until_ms != 0 && b->delay_until_ms <= m->now_ms)
		transition(m, ME_DELAY_OVER);
	if (b->leaving && slots_count(m, SLOT_UNUSED) == BOOK_SLOTS)
		transition(m, ME_DRAINED);
	if (b->deadline_ms != 0 && b->deadline_ms <= m->now_ms)
		transition(m, ME_TIMEOUT);
	if (b->delay_until_ms != 0)
		return b->delay_until_ms;
	return b->deadline_ms != 0 ? b->deadline_ms : INT64_MAX;
}
