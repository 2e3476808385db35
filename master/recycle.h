/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recycle - slots that are due get a successor, and leave once it serves.
 *
 * A mark in the book; reconcile() makes the fresh slot, and retires the marked
 * one when as many others are READY as there shall be.  One at a time.
 */
#ifndef MASTER_RECYCLE_H
#define MASTER_RECYCLE_H

#include "master/master.h"

/* Marks a slot that is due.  When to look again; INT64_MAX: no need. */
int64_t	recycle_review(struct master *m);
/* How many marked slots must serve on, until `want` others are READY. */
unsigned recycle_waits(const struct master *m, unsigned want);
/* Slot i was just made: if it follows one that crashes too often, it does not
 * get all its restarts back. */
void	recycle_succeed(struct master *m, unsigned i);

#endif
