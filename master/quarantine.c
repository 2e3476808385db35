/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quarantine - facts for the policy, and its verdict for log, workers, people.
 *
 * The truth is the book's; the list that workers read is written from it as a
 * whole, by each new master first.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "master/generations.h"
#include "master/note.h"
#include "master/quarantine.h"
#include "master/slots.h"

enum { TIME_MAX = 40, PREFIX4 = 32, PREFIX6 = 64 };

static_assert((int)QUARANTINE_CLIENTS <= (int)COMMONS_QUARANTINE,
    "all can be told");

/* For people: a moment of the monotonic clock, by the real one. */
static const char *
time_print(const struct master *m, int64_t at_ms, char buf[static TIME_MAX])
{
	time_t sec = (time_t)(clock_real_us() / 1000000 +
	    (at_ms - m->now_ms) / 1000);
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(buf, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

static void
publish(struct master *m)
{
	const struct quarantine_state *st = &m->book->quarantine;
	struct quarantine_list *list = &m->commons->quarantine;
	uint32_t seq = list->seq | 1;	/* odd already: one died of it */

	atomic_store(&list->seq, seq);
	atomic_thread_fence(memory_order_release);
	for (uint32_t i = 0; i < st->n; i++)
		list->client[i] = st->clients[i].client;
	atomic_store(&list->n, st->n);
	atomic_store(&list->seq, seq + 1);
	m->quarantine_told = true;
}

static void
log_client(const struct master *m, const struct quarantine_client *c,
    enum log_level level, const char *what, const char *why)
{
	char client[ADDR_TEXT_MAX], until[TIME_MAX];
	struct log_rec r;

	log_begin(&r, level, LOG_CLIENT_QUARANTINE, "%s", what);
	log_str(&r, "client", cidr_print(&c->client, client));
	log_uint(&r, "crashes", c->crashes);
	log_str(&r, "until", time_print(m, c->until_ms, until));
	log_str(&r, "reason", why);
	log_end(&r);
}

/* All connections but the one in hand, and the client's of them. */
static void
count_open(const struct master *m, const struct row *in_hand,
    struct quarantine_event *ev)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct slot *s = &m->slot[i];
		uint32_t high;

		if (m->book->slots[i].role == SLOT_UNUSED)
			continue;
		high = s->head->high < s->nrows ? s->head->high : s->nrows;
		for (uint32_t fd = 0; fd < high; fd++) {
			const struct row *r = &s->rows[fd];
			struct addr a;

			if (r->state == ROW_FREE || r->id == in_hand->id)
				continue;
			row_addr(r, &a);
			ev->open++;
			ev->held += cidr_match(&ev->client, &a.u.sa);
		}
	}
}

/* What counts as one client is its service's to say. */
static bool
client_of(const struct master *m, unsigned i, const struct row *r,
    struct addr *a, struct cidr *c)
{
	unsigned n = generations_map(m, m->book->slots[i].generation,
	    r->service, m->book->generation);
	unsigned bits4 = PREFIX4, bits6 = PREFIX6;

	if (n < m->conf->nservices) {
		bits4 = (unsigned)m->conf->services[n].client_prefix4;
		bits6 = (unsigned)m->conf->services[n].client_prefix6;
	}
	row_addr(r, a);
	return cidr_of(&a->u.sa, bits4, bits6, c);
}

static bool
is_exempt(const struct master *m, const struct addr *a)
{
	const struct conf_cidrs *list = &m->conf->quarantine_exempt;

	for (size_t i = 0; i < list->n; i++)
		if (cidr_match(&list->v[i], &a->u.sa))
			return true;
	return false;
}

static void
judge(struct master *m, const struct quarantine_event *ev)
{
	struct quarantine_state *st = &m->book->quarantine;
	const struct quarantine_conf conf = {
		.crashes = m->conf->quarantine_crashes,
		.window_ms = m->conf->quarantine_window_ms,
		.time_ms = m->conf->quarantine_time_ms,
	};
	struct quarantine_client c = { .client = ev->client,
	    .crashes = (uint32_t)conf.crashes, .until_ms = ev->now_ms };

	switch (quarantine_crashed(st, &conf, ev)) {
	case QUARANTINE_BEGIN:
		log_client(m, &st->clients[st->n - 1], LOG_L_WARN,
		    "a client whose bytes crash workers is refused", "crash");
		break;
	case QUARANTINE_TOO_MANY:
		log_client(m, &c, LOG_L_WARN, "a client whose bytes crash "
		    "workers is not refused", "it holds more than a tenth of "
		    "the connections");
		break;
	default:
		break;
	}
}

void
quarantine_note(struct master *m, unsigned i)
{
	const struct proc *p = &slots_page(m, i)->worker;
	struct quarantine_event ev = { .now_ms = m->now_ms,
	    .life = (uint64_t)(i + 1) << 32 | p->deaths };
	const struct row *r = note_culprit(&m->slot[i]);
	struct addr a;

	/* Ended by us, it did not crash, whatever the signal. */
	if (!note_is_fault(p->status) || r == NULL ||
	    m->book->slots[i].blamed == p->deaths ||
	    !client_of(m, i, r, &a, &ev.client))
		return;
	ev.exempt = is_exempt(m, &a);
	count_open(m, r, &ev);
	judge(m, &ev);
	publish(m);			/* the dead one may have scribbled */
}

static unsigned
forgive(struct master *m, const struct cidr *c, const char *why)
{
	struct quarantine_client gone;
	unsigned n = 0;

	for (; quarantine_forgive(&m->book->quarantine, c, &gone); n++)
		log_client(m, &gone, LOG_L_INFO, "a client is admitted again",
		    why);
	if (n > 0)
		publish(m);
	return n;
}

unsigned
quarantine_lift(struct master *m, const struct cidr *c)
{
	return forgive(m, c, "lifted");
}

int64_t
quarantine_review(struct master *m)
{
	struct quarantine_state *st = &m->book->quarantine;
	const struct conf_cidrs *exempt = &m->conf->quarantine_exempt;
	struct quarantine_client gone;

	while (m->conf->quarantine_crashes == 0 && st->n > 0) {
		gone = st->clients[0];
		forgive(m, &gone.client, "quarantine_crashes = 0");
	}
	for (size_t i = 0; i < exempt->n && st->n > 0; i++)
		forgive(m, &exempt->v[i], "quarantine_exempt");
	while (quarantine_expire(st, m->now_ms, &gone)) {
		log_client(m, &gone, LOG_L_INFO, "a client is admitted again",
		    "quarantine_time");
		m->quarantine_told = false;
	}
	if (!m->quarantine_told)
		publish(m);
	return quarantine_next_ms(st);
}

void
quarantine_write(const struct master *m, struct json *j)
{
	const struct quarantine_state *st = &m->book->quarantine;

	json_begin_array(j);
	for (uint32_t i = 0; i < st->n; i++) {
		const struct quarantine_client *c = &st->clients[i];
		char text[ADDR_TEXT_MAX], time[TIME_MAX];

		json_begin_object(j);
		json_key(j, "client");
		json_str(j, cidr_print(&c->client, text));
		json_key(j, "since");
		json_str(j, time_print(m, c->since_ms, time));
		json_key(j, "until");
		json_str(j, time_print(m, c->until_ms, time));
		json_key(j, "crashes");
		json_uint(j, c->crashes);
		json_end(j);
	}
	json_end(j);
}
