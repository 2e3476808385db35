/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash - the one exception to "no signal handlers": what a dying worker says.
 */
#ifndef WORKER_CRASH_H
#define WORKER_CRASH_H

#include "common/slot.h"

/*
 * Stores signal, code and address of a fault in the slot, then dies of the
 * same signal.  On a stack of its own, since a fault may be the stack's end.
 * 0, or -1 with errno of mmap(2), sigaltstack(2), sigaction(2).
 */
int	crash_open(struct slot_head *head);

#endif
