/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recycle - what the policy wants to know of a slot, and the mark.
 */
#include "master/giving.h"
#include "master/policy_recycle.h"
#include "master/procinfo.h"
#include "master/recycle.h"
#include "master/slots.h"

static struct recycle_conf
recycle_conf(const struct master *m)
{
	return (struct recycle_conf){
		.max_worker_age_ms = m->conf->max_worker_age_ms,
		.max_worker_connections_served =
		    m->conf->max_worker_connections_served,
		.max_worker_memory = m->conf->max_worker_memory,
	};
}

/* /proc is asked only if there is a limit. */
static struct recycle_slot
facts(const struct master *m, unsigned i, const struct recycle_conf *conf)
{
	const struct book_slot *bs = &m->book->slots[i];
	const struct proc *p = &slots_page(m, i)->worker;
	struct recycle_slot s = { .born_ms = bs->made_ms, .now_ms = m->now_ms,
	    .crashes = bs->crashes, .random = bs->random };
	struct procinfo info;

	for (uint32_t n = 0; n < m->slot[i].nservices; n++)
		s.accepted += m->slot[i].counts[n].accepted;
	if (conf->max_worker_memory != 0 && proc_alive(p) &&
	    procinfo_get(p->pid, &info) == 0)
		s.memory = (uint64_t)info.rss_bytes;
	return s;
}

static void
mark(struct master *m, unsigned i, enum recycle_why why)
{
	struct log_rec r;

	m->book->slots[i].recycle = (uint32_t)why;
	log_begin(&r, LOG_L_INFO, LOG_WORKER_EXIT, "the slot is replaced; its "
	    "connections move");
	log_uint(&r, "slot", i + 1);
	log_str(&r, "reason", recycle_why_name[why]);
	log_end(&r);
}

static bool
is_marked(const struct master *m, unsigned i)
{
	return m->book->slots[i].role == SLOT_SERVING &&
	    m->book->slots[i].recycle != 0;
}

/* Other changes come first, and one slot after the other. */
static bool
is_quiet(const struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (is_marked(m, i))
			return false;
	return m->book->state == MS_RUNNING &&
	    slots_count(m, SLOT_SERVING) == m->book->workers;
}

int64_t
recycle_review(struct master *m)
{
	struct recycle_conf conf = recycle_conf(m);
	int64_t next = INT64_MAX;

	if (!is_quiet(m))
		return INT64_MAX;	/* what ends that wakes us up */
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		struct recycle_verdict v;
		struct recycle_slot s;

		if (m->book->slots[i].role != SLOT_SERVING)
			continue;
		s = facts(m, i, &conf);
		v = recycle_check(&s, &conf);
		if (v.why != RECYCLE_NO) {
			mark(m, i, v.why);
			return m->now_ms;
		}
		next = v.again_ms < next ? v.again_ms : next;
	}
	return next;
}

unsigned
recycle_waits(const struct master *m, unsigned want)
{
	unsigned marked = 0, ready = 0;

	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role != SLOT_SERVING)
			continue;
		if (is_marked(m, i))
			marked++;
		else
			ready += slots_is_ready(m, i) && !giving_lives(m, i);
	}
	return ready >= want ? 0 : marked;
}

void
recycle_succeed(struct master *m, unsigned i)
{
	for (unsigned n = 0; n < BOOK_SLOTS; n++)
		if (is_marked(m, n) && m->book->slots[n].recycle ==
		    RECYCLE_CRASHED)
			m->book->slots[i].restart.full_ms =
			    m->book->slots[n].restart.full_ms;
}
