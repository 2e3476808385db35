/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moves - orders to move connections between slots (common/move.h).
 *
 * Who gives: a slot that retires gives all it has, one that is far above the
 * mean gives the surplus.  Level-triggered: each look compares the slots with
 * what is wanted and settles orders that broke.
 */
#ifndef MASTER_MOVES_H
#define MASTER_MOVES_H

#include "master/master.h"

/* Each turn.  When to look again, CLOCK_MONOTONIC ms; INT64_MAX: no need. */
int64_t	moves_review(struct master *m);
/* The slot goes, and with it the order it gave by, if there is one. */
void	moves_end(struct master *m, unsigned i);

#endif
