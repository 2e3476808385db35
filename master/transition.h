/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transition - carrying out what the state table says.
 */
#ifndef MASTER_TRANSITION_H
#define MASTER_TRANSITION_H

#include "master/master.h"

/* Returns the verdict, carried out: MA_REFUSE and its why for who asked. */
struct verdict transition(struct master *m, enum mevent ev);
/* Events that follow from the clock and the slots; each turn.  When to look
 * again, INT64_MAX: no need. */
int64_t	transition_review(struct master *m);

#endif
