/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - from book, slots, /proc and inet_diag; nothing is kept.
 */
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/diag.h"
#include "master/audit.h"
#include "master/generations.h"
#include "master/giving.h"
#include "master/procinfo.h"
#include "master/quarantine.h"
#include "master/slots.h"
#include "master/status.h"

static void
put_uint(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	json_uint(j, value);
}

static void
put_str(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_str(j, value);
}

static void
put_started(struct json *j, int64_t us)
{
	time_t sec = (time_t)(us / 1000000);
	char text[40];
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_str(j, "started", text);
}

static const char *
worker_state(const struct master *m, unsigned i)
{
	const struct proc *p = &slots_page(m, i)->worker;

	if (!proc_alive(p) || giving_lives(m, i))
		return "waiting";
	switch (atomic_load(&m->slot[i].head->state)) {
	case SLOT_READY:
		return "ready";
	case SLOT_LEAVING:
		return "leaving";
	default:
		return "starting";
	}
}

static const char *
role_name(uint32_t role)
{
	switch (role) {
	case SLOT_FRESH:
		return "fresh";
	case SLOT_RETIRING:
		return "retiring";
	default:
		return "serving";
	}
}

/* How the last worker of the slot ended, for people; NULL: none did. */
static const char *
last_exit(const struct book_slot *bs, char *buf, size_t size)
{
	int status = bs->last_status;

	if (bs->restart.restarts == 0)
		return NULL;
	if (WIFSIGNALED(status))
		snprintf(buf, size, "SIG%s", sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
	return buf;
}

static void
put_process(struct json *j, const struct proc *p)
{
	struct procinfo info;

	json_key(j, "pid");
	if (!proc_alive(p) || procinfo_get(p->pid, &info) == -1) {
		json_nil(j);
		return;
	}
	json_uint(j, (uint64_t)p->pid);
	put_uint(j, "rss_bytes", (uint64_t)info.rss_bytes);
	json_key(j, "cpu_seconds");
	json_fixed(j, info.cpu_ms, 3);
}

static uint64_t
requests_of(const struct slot *s, int service)
{
	uint32_t high = s->head->high < s->nrows ? s->head->high : s->nrows;
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->nservices; i++)
		if (service < 0 || (uint32_t)service == i)
			n += s->counts[i].requests;
	for (uint32_t fd = 0; fd < high; fd++)
		if (s->rows[fd].state != ROW_FREE &&
		    (service < 0 || s->rows[fd].service == service))
			n += s->rows[fd].requests;
	return n;
}

static void
worker_write(const struct master *m, unsigned i, struct json *j)
{
	const struct book_slot *bs = &m->book->slots[i];
	struct ledger l;
	char exit[32];

	slot_ledger(&m->slot[i], &l);
	json_begin_object(j);
	put_uint(j, "slot", i + 1);
	put_process(j, &slots_page(m, i)->worker);
	put_uint(j, "keeper_pid", (uint64_t)bs->keeper.pid);
	put_uint(j, "generation", bs->generation);
	put_str(j, "state", worker_state(m, i));
	put_str(j, "role", role_name(bs->role));
	put_uint(j, "connections", l.open);
	put_uint(j, "accepted", l.accepted);
	put_uint(j, "requests", requests_of(&m->slot[i], -1));
	put_uint(j, "restarts", bs->restart.restarts);
	put_str(j, "last_exit", last_exit(bs, exit, sizeof exit));
	json_end(j);
}

/* What a service's counters and its open rows add up to. */
struct service_sum {
	struct slot_counts counts;
	uint64_t open;
};

static void
sum_rows(const struct slot *s, unsigned service, struct service_sum *sum)
{
	uint32_t high = s->head->high < s->nrows ? s->head->high : s->nrows;

	for (uint32_t fd = 0; fd < high; fd++) {
		const struct row *r = &s->rows[fd];

		if (r->state == ROW_FREE || r->service != service)
			continue;
		sum->open++;
		sum->counts.requests += r->requests;
		sum->counts.bytes_in += r->rx;
		sum->counts.bytes_out += r->tx;
	}
}

static void
sum_service(const struct master *m, unsigned service, struct service_sum *sum)
{
	memset(sum, 0, sizeof *sum);
	counts_add(&sum->counts, &m->book->retired.service[service]);
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		unsigned n;

		if (m->book->slots[i].role == SLOT_UNUSED)
			continue;
		n = generations_map(m, m->book->generation, service,
		    m->book->slots[i].generation);
		if (n >= m->slot[i].nservices)
			continue;
		counts_add(&sum->counts, &m->slot[i].counts[n]);
		sum_rows(&m->slot[i], n, sum);
	}
}

static void
reasons_write(struct json *j, const char *key, enum reason_class class,
    const struct slot_counts *c)
{
	json_key(j, key);
	json_begin_object(j);
	for (int r = 0; r < REASON_COUNT; r++)
		if (reasons[r].class == class && c->ended[r] > 0)
			put_uint(j, reasons[r].name, c->ended[r]);
	json_end(j);
}

static void
listener_write(const struct book_listener *l, struct json *j)
{
	char text[ADDR_TEXT_MAX];
	struct diag_listener d;

	json_begin_object(j);
	put_str(j, "address", addr_print(&l->addr.u.sa, l->addr.len, text));
	if (l->addr.u.sa.sa_family != AF_UNIX &&
	    diag_listener(&l->addr, &d) == 0) {
		put_uint(j, "backlog", d.backlog);
		put_uint(j, "queue", d.queue);
		put_uint(j, "drops", d.drops);
	}
	json_end(j);
}

static void
service_write(const struct master *m, unsigned i, struct json *j)
{
	struct service_sum sum;

	sum_service(m, i, &sum);
	json_begin_object(j);
	put_str(j, "name", m->conf->services[i].name);
	put_str(j, "handler", m->conf->services[i].handler);
	put_uint(j, "connections", sum.open);
	put_uint(j, "accepted", sum.counts.accepted);
	put_uint(j, "requests", sum.counts.requests);
	reasons_write(j, "closed", REASON_C_CLOSED, &sum.counts);
	reasons_write(j, "rejected", REASON_C_REJECTED, &sum.counts);
	put_uint(j, "bytes_in", sum.counts.bytes_in);
	put_uint(j, "bytes_out", sum.counts.bytes_out);
	json_key(j, "listeners");
	json_begin_array(j);
	for (uint32_t n = 0; n < m->book->nlisteners; n++)
		if (m->book->listeners[n].service_id ==
		    generations_service_id(&m->conf->services[i]))
			listener_write(&m->book->listeners[n], j);
	json_end(j);
	json_end(j);
}

static void
tcp_write(const struct master *m, struct json *j)
{
	uint16_t ports[BOOK_LISTENERS];
	struct diag_states states;
	size_t n = 0;

	for (uint32_t i = 0; i < m->book->nlisteners; i++) {
		const struct addr *a = &m->book->listeners[i].addr;

		/* sin6_port is there too */
		if (a->u.sa.sa_family != AF_UNIX)
			ports[n++] = ntohs(a->u.sin.sin_port);
	}
	if (diag_states(ports, n, &states) == -1)
		return;
	json_key(j, "tcp");
	json_begin_object(j);
	for (int i = 1; i < DIAG_NSTATES; i++)
		put_uint(j, diag_state_name[i], states.n[i]);
	json_end(j);
}

static void
lists_write(const struct master *m, struct json *j)
{
	json_key(j, "workers");
	json_begin_array(j);
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			worker_write(m, i, j);
	json_end(j);
	json_key(j, "services");
	json_begin_array(j);
	for (unsigned i = 0; i < m->conf->nservices; i++)
		service_write(m, i, j);
	json_end(j);
}

void
status_write(const struct master *m, struct json *j)
{
	struct ledger sum;

	json_begin_object(j);
	put_str(j, "version", BELAY_VERSION);
	put_uint(j, "pid", (uint64_t)getppid());
	put_uint(j, "master_pid", (uint64_t)getpid());
	put_uint(j, "generation", m->book->generation);
	put_str(j, "state", mstate_name[m->book->state]);
	put_started(j, m->book->started_us);
	put_str(j, "engine", m->engine_name);
	lists_write(m, j);
	json_key(j, "quarantine");
	quarantine_write(m, j);
	tcp_write(m, j);
	json_key(j, "ledger");
	json_begin_object(j);
	audit_ledger(m, false, &sum);
	audit_ledger_write(&sum, j);
	json_end(j);
	json_end(j);
}
