/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leave - how a worker ends in order: it accepts no more, serves what it has.
 */
#ifndef WORKER_LEAVE_H
#define WORKER_LEAVE_H

#include "worker/state.h"

/* Looks at the orders in the slot and acts on a change. */
void	leave_review(struct worker *w);
/* True: told to leave, and nothing is left. */
bool	leave_is_done(const struct worker *w);
int64_t	leave_next(const struct worker *w);	/* as accept_next() */

#endif
