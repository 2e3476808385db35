/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * note - records about workers.  What they say of themselves lies in a slot
 * that a wild write may have spoiled: every index is checked.
 */
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "master/generations.h"
#include "master/giving.h"
#include "master/note.h"
#include "master/slots.h"

bool
note_is_fault(int status)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
	    SIGSYS };

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (WIFSIGNALED(status) && WTERMSIG(status) == faults[i])
			return true;
	return false;
}

static void
begin(const struct master *m, unsigned i, struct log_rec *r,
    enum log_level level, enum log_event ev, const char *msg)
{
	log_begin(r, level, ev, "%s", msg);
	log_uint(r, "slot", i + 1);
	log_int(r, "worker_pid", slots_page(m, i)->worker.pid);
}

void
note_birth(const struct master *m, unsigned i)
{
	struct log_rec r;

	begin(m, i, &r, LOG_L_INFO, LOG_WORKER_START, giving_lives(m, i) ?
	    "worker started, to give connections away" : "worker started");
	log_int(&r, "keeper_pid", m->book->slots[i].keeper.pid);
	log_end(&r);
}

void
note_ready(const struct master *m, unsigned i)
{
	const struct proc *p = &slots_page(m, i)->worker;
	struct log_rec r;

	begin(m, i, &r, LOG_L_INFO, LOG_WORKER_READY, "worker serves");
	log_int(&r, "duration_ms", m->now_ms - p->born_ms);
	log_end(&r);
}

const struct row *
note_culprit(const struct slot *s)
{
	const struct hand *h = &s->head->hand;
	const struct row *r;

	if (h->phase == HAND_NONE || h->fd < 0 || (uint32_t)h->fd >= s->nrows)
		return NULL;
	r = h->phase == HAND_CALL ? &h->image : &s->rows[h->fd];
	return r->state == ROW_FREE || r->state >= ROW_NSTATES ||
	    r->service >= s->nservices ? NULL : r;
}

static void
name_culprit(const struct master *m, struct log_rec *r, const struct slot *s,
    uint32_t generation)
{
	const struct row *row = note_culprit(s);
	uint32_t call = s->head->hand.call;
	char client[ADDR_TEXT_MAX];

	unsigned n;

	if (row == NULL)
		return;
	n = generations_map(m, generation, row->service, m->book->generation);
	if (n < m->conf->nservices)
		log_str(r, "service", m->conf->services[n].name);
	log_uint(r, "conn", row->id);
	log_str(r, "client", row_client(row, client));
	log_str(r, "phase", call < HAND_NCALLS ? hand_call_name[call] : "none");
}

/* The input in hand, if the config lets the log show it; crash_bytes of it. */
static void
show_input(const struct master *m, struct log_rec *r, const struct slot *s)
{
	const struct row *row = note_culprit(s);
	uint64_t n, at;

	if (row == NULL || m->conf->crash_bytes == 0 || row->in_buf == 0 ||
	    row->in_buf >= s->nbufs)
		return;
	n = row->rx - row->eaten;
	at = row->eaten - s->bufs[row->in_buf].base;
	if (at >= SLOT_BUF_SIZE || n > SLOT_BUF_SIZE - at)
		return;			/* spoiled */
	log_bytes(r, "data", slot_data(s, row->in_buf) + at, n,
	    m->conf->crash_bytes);
}

static void
name_signal(struct log_rec *r, int sig)
{
	const char *name = sigabbrev_np(sig);

	log_str(r, "signal", name != NULL ? name : "unknown");
}

/* No fault, but what was in hand is to blame. */
static bool
was_made_to_end(const struct master *m, unsigned i, int status)
{
	if (note_is_fault(status))
		return false;
	return m->book->slots[i].blamed == slots_page(m, i)->worker.deaths ||
	    (WIFEXITED(status) && m->slot[i].head->hand.phase == HAND_CALL);
}

void
note_death(const struct master *m, unsigned i)
{
	const struct slot *s = &m->slot[i];
	int status = slots_page(m, i)->worker.status;
	bool left = WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    (m->book->slots[i].wanted != SLOT_SERVE || giving_lives(m, i));
	enum log_level level = left ? LOG_L_INFO : LOG_L_WARN;
	struct log_rec r;

	if (note_is_fault(status)) {
		begin(m, i, &r, LOG_L_ERROR, LOG_WORKER_CRASH,
		    "worker crashed");
		name_signal(&r, WTERMSIG(status));
		if (s->head->crash.signo != 0 && s->head->crash.code > 0) {
			char addr[32];

			snprintf(addr, sizeof addr, "0x%llx",
			    (unsigned long long)s->head->crash.addr);
			log_str(&r, "address", addr);
		}
		name_culprit(m, &r, s, m->book->slots[i].generation);
		show_input(m, &r, s);
		log_str(&r, "hint", "only the connection in hand is reset; "
		    "core_dumps = true keeps a core file");
	} else if (WIFSIGNALED(status)) {
		begin(m, i, &r, level, LOG_WORKER_EXIT, "worker was killed");
		name_signal(&r, WTERMSIG(status));
	} else {
		begin(m, i, &r, level, LOG_WORKER_EXIT,
		    left ? "worker has left" : "worker ended unasked");
		log_int(&r, "exit_code", WEXITSTATUS(status));
	}
	if (was_made_to_end(m, i, status))
		name_culprit(m, &r, s, m->book->slots[i].generation);
	log_int(&r, "duration_ms",
	    m->now_ms - slots_page(m, i)->worker.born_ms);
	log_end(&r);
}

void
note_backoff(const struct master *m, unsigned i, int64_t until_ms,
    const char *why)
{
	struct log_rec r;

	log_begin(&r, LOG_L_WARN, LOG_WORKER_BACKOFF,
	    "the next worker waits; connections stay open");
	log_uint(&r, "slot", i + 1);
	log_int(&r, "wait_ms", until_ms - m->now_ms);
	log_str(&r, "reason", why);
	log_end(&r);
}
