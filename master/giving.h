/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * giving - a slot that must wait for its next worker gives away meanwhile.
 *
 * Its connections would wait with it: after a second its keeper makes a worker
 * that calls no service, so that whatever made its predecessors crash cannot
 * happen to it, and that obeys orders to give (moves.h) until nothing is left.
 * Which birth that is, is settled before it is asked for and never changed; it
 * is no start for policy_restart, and the slot stays "waiting".
 */
#ifndef MASTER_GIVING_H
#define MASTER_GIVING_H

#include "master/master.h"

/* The slot's worker, or its last one, only gives. */
bool	giving_lives(const struct master *m, unsigned i);
/* No worker lives and the policy says wait: asks for one that gives, once a
 * wait.  When to look again; INT64_MAX: no need. */
int64_t	giving_begin(struct master *m, unsigned i);
/* Asks the keeper for the next worker, of whichever kind it is to be. */
void	giving_ask(struct master *m, unsigned i);
/* The next start is due: the one that gives shall end. */
void	giving_end(struct master *m, unsigned i);
/* clone(2) refused the birth asked for: true if it was to give only. */
bool	giving_refused(struct master *m, unsigned i);

#endif
