/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - the server's ledger, and each slot's rows against its descriptors.
 */
#ifndef MASTER_AUDIT_H
#define MASTER_AUDIT_H

#include "common/json.h"
#include "master/master.h"

/* Asks every living worker the question m->audit_number. */
void	audit_ask(struct master *m);
/* All who could answer have. */
bool	audit_complete(struct master *m);
/* The object {slots, accepted, ..., balances}. */
void	audit_write(const struct master *m, struct json *j);

/* The whole server's, slots that are gone too: as the workers answered, or a
 * snapshot, which under traffic may fall between two changes of one. */
void	audit_ledger(const struct master *m, bool audited, struct ledger *sum);
void	audit_ledger_write(const struct ledger *l, struct json *j);

#endif
