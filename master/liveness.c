/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liveness - facts for the policy: is it busy, in which turn, was it stopped.
 */
#include <signal.h>
#include <unistd.h>

#include "master/liveness.h"
#include "master/procinfo.h"
#include "master/slots.h"

enum { ABORT_MS = 2000 };		/* from SIGABRT to SIGKILL */

static bool
is_stopped(pid_t pid)
{
	struct procinfo p;

	return procinfo_get(pid, &p) == 0 &&
	    (p.state == 'T' || p.state == 't');
}

void
liveness_kill(struct master *m, unsigned i, const char *why, int sig)
{
	const struct slot *s = &m->slot[i];
	struct log_rec r;

	log_begin(&r, LOG_L_ERROR, LOG_WORKER_HANG, "%s", why);
	log_uint(&r, "slot", i + 1);
	log_int(&r, "worker_pid", slots_page(m, i)->worker.pid);
	log_uint(&r, "turns", s->head->turns);
	log_str(&r, "signal", sig == SIGKILL ? "KILL" : "ABRT");
	log_end(&r);
	proc_kill(&slots_page(m, i)->worker, sig,
	    getppid());
}

static int64_t
hung(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];

	bs->blamed = slots_page(m, i)->worker.births;
	if (bs->abort_ms == 0) {
		bs->abort_ms = m->now_ms + ABORT_MS;
		liveness_kill(m, i, "no progress within hang_timeout", SIGABRT);
	} else if (m->now_ms >= bs->abort_ms) {
		bs->abort_ms = m->now_ms + ABORT_MS;
		liveness_kill(m, i, "did not end by SIGABRT", SIGKILL);
	}
	return bs->abort_ms;
}

int64_t
liveness_look(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct slot_head *h = m->slot[i].head;
	uint32_t stops = slots_page(m, i)->worker.stops;
	struct liveness_verdict v;
	struct liveness_input in = {
		.busy = atomic_load(&h->busy) != 0,
		.interrupted = m->interrupted || stops != bs->stops,
		.turns = atomic_load(&h->turns),
		.now_ms = m->now_ms,
	};

	bs->stops = stops;
	if (!atomic_load(&h->watched) && !in.busy && bs->liveness.due_ms == 0)
		return INT64_MAX;
	/* Only a check that could say "hung" needs to know of a stop. */
	if (in.busy && bs->liveness.due_ms != 0 &&
	    in.now_ms >= bs->liveness.due_ms)
		in.stopped = is_stopped(slots_page(m, i)->worker.pid);
	v = liveness_check(&bs->liveness, &in, m->conf->hang_timeout_ms);
	if (v.what == LIVENESS_HUNG)
		return hung(m, i);
	bs->abort_ms = 0;
	if (v.what == LIVENESS_WATCH)
		return v.again_ms;
	atomic_store(&h->watched, 0);
	if (!atomic_load(&h->busy))
		return INT64_MAX;
	atomic_store(&h->watched, 1);		/* it wrote no byte */
	in.busy = true;
	in.turns = atomic_load(&h->turns);
	v = liveness_check(&bs->liveness, &in, m->conf->hang_timeout_ms);
	return v.what == LIVENESS_WATCH ? v.again_ms : INT64_MAX;
}
