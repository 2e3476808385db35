/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reconcile - the slots that are wanted against the slots that are there.
 */
#ifndef MASTER_RECONCILE_H
#define MASTER_RECONCILE_H

#include "master/master.h"

/*
 * Once per turn; may run at any time, twice, after failure, in another master.
 * Returns when to look again, CLOCK_MONOTONIC ms, INT64_MAX: no need.
 */
int64_t	reconcile(struct master *m);

/* Every slot that should serve is READY. */
bool	reconcile_all_ready(const struct master *m);
/* A slot failed to start so often that the first start is given up. */
bool	reconcile_start_failed(const struct master *m);

#endif
