/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redo - a slot's redo record (common/slot.h): a row's state and its counters,
 * whole or not at all.
 */
#ifndef COMMON_REDO_H
#define COMMON_REDO_H

#include "common/slot.h"

/* Does what is armed, if anything is; safe to do twice, and with a record that
 * a wild write has made. */
void	redo_apply(struct slot *s);
/* Which counter redo.counter means. */
uint64_t *redo_counter(struct slot_counts *n, uint32_t counter);

#endif
