/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - sums, and the answers that workers gave between two turns.
 *
 * A worker's own ledger is exact however busy it is.  Where none lives to give
 * one, nothing moves, and the slot is read from here.
 */
#include <string.h>

#include "master/audit.h"
#include "master/slots.h"

static bool
is_asked(const struct master *m, unsigned i)
{
	const struct book_slot *bs = &m->book->slots[i];

	return bs->role != SLOT_UNUSED &&
	    proc_alive(&slots_page(m, i)->worker);
}

static void
ask(struct master *m, unsigned i)
{
	atomic_store(&m->slot[i].head->audit.asked, m->book->audit_number);
	slots_wake(m, i);
}

void
audit_ask(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (is_asked(m, i))
			ask(m, i);
}

static bool
has_answered(const struct master *m, unsigned i)
{
	return atomic_load(&m->slot[i].head->audit.answered) ==
	    m->book->audit_number;
}

bool
audit_complete(struct master *m)
{
	bool complete = true;

	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (!is_asked(m, i) || has_answered(m, i))
			continue;
		/* Made since: its connections came from those asked before. */
		if (m->slot[i].head->audit.asked != m->book->audit_number)
			ask(m, i);
		complete = false;
	}
	return complete;
}

/* As its worker answered the last question, else as the slot stands. */
static void
slot_ledger_known(const struct master *m, unsigned i, struct ledger *l)
{
	if (is_asked(m, i) && m->book->audit_number != 0 && has_answered(m, i))
		*l = m->slot[i].head->audit.ledger;
	else
		slot_ledger(&m->slot[i], l);
}

void
audit_ledger(const struct master *m, bool audited, struct ledger *sum)
{
	struct ledger l;

	memset(sum, 0, sizeof *sum);
	for (int i = 0; i < BOOK_SERVICES; i++)
		ledger_count(sum, &m->book->retired.service[i]);
	ledger_count(sum, &m->book->retired.gone);
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role == SLOT_UNUSED)
			continue;
		if (audited)
			slot_ledger_known(m, i, &l);
		else
			slot_ledger(&m->slot[i], &l);
		ledger_add(sum, &l);
	}
	/* Who is on its way stands in two slots, one of which forgets it. */
	sum->open -= sum->moved_in - sum->moved_out;
	sum->moved_in = sum->moved_out = 0;
}

void
audit_ledger_write(const struct ledger *l, struct json *j)
{
	const struct { const char *key; uint64_t value; } rows[] = {
		{ "accepted", l->accepted }, { "closed", l->closed },
		{ "rejected", l->rejected }, { "handed", l->handed },
		{ "open", l->open }, { "lost", l->lost },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_key(j, rows[i].key);
		json_uint(j, rows[i].value);
	}
}

/* One slot; true: it balances, and its worker has answered. */
static bool
slot_write(const struct master *m, unsigned i, struct json *j)
{
	const struct slot_audit *a = &m->slot[i].head->audit;
	bool answered = has_answered(m, i) || !is_asked(m, i), balances;
	struct ledger l;

	slot_ledger_known(m, i, &l);
	balances = ledger_balances(&l) && answered &&
	    a->rows_without_fd == 0 && a->fds_without_row == 0;
	json_begin_object(j);
	json_key(j, "slot");
	json_uint(j, i + 1);
	audit_ledger_write(&l, j);
	json_key(j, "rows_without_fd");
	json_uint(j, a->rows_without_fd);
	json_key(j, "fds_without_row");
	json_uint(j, a->fds_without_row);
	json_key(j, "answered");
	json_bool(j, answered);
	json_key(j, "balances");
	json_bool(j, balances);
	json_end(j);
	return balances;
}

void
audit_write(const struct master *m, struct json *j)
{
	bool balances = true;
	struct ledger sum;

	json_begin_object(j);
	json_key(j, "slots");
	json_begin_array(j);
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			balances &= slot_write(m, i, j);
	json_end(j);
	audit_ledger(m, true, &sum);
	audit_ledger_write(&sum, j);
	json_key(j, "balances");
	json_bool(j, balances && ledger_balances(&sum));
	json_end(j);
}
