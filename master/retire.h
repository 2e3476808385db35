/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retire - the end of a slot: its counters stay in the server's sums.
 *
 * The new sums are made beside the old ones, then one store says that they
 * hold, then follows what else must be: a master that dies in here counts
 * nothing twice (retire_again).
 */
#ifndef MASTER_RETIRE_H
#define MASTER_RETIRE_H

#include "master/master.h"

/* Writes the log that its last worker left, books its counters, connections
 * that are open in it still as ended by `how`, and gives all back. */
void	retire_slot(struct master *m, unsigned i, enum reason how);
/* The sums of the old config's services become those of the new one's, and
 * generation `to` the server's, in one step. */
void	retire_generation(struct master *m, uint32_t to);
/* A new master: finishes what a dead one had begun. */
void	retire_again(struct master *m);

#endif
