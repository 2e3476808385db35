/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quarantine - tells the policy of crashes, and workers whom to refuse.
 */
#ifndef MASTER_QUARANTINE_H
#define MASTER_QUARANTINE_H

#include "common/json.h"
#include "master/master.h"

/* The worker of slot i is dead: if by a fault with a connection in hand, its
 * client is to blame.  May be told twice. */
void	quarantine_note(struct master *m, unsigned i);
/* Each turn: whose time is over, or whom the config exempts now.  When to look
 * again; INT64_MAX: no need. */
int64_t	quarantine_review(struct master *m);
/* Admits all that overlap the prefix; returns how many. */
unsigned quarantine_lift(struct master *m, const struct cidr *c);
/* An array: client, since, until, crashes. */
void	quarantine_write(const struct master *m, struct json *j);

#endif
