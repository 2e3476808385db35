/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel - the worker's end of its socket to the master.
 */
#ifndef WORKER_CHANNEL_H
#define WORKER_CHANNEL_H

#include "common/msg.h"
#include "worker/state.h"

/* Never waits: a full socket means that the master has news enough. */
void	channel_tell(struct worker *w, enum msg_type type);
/* Reads what is there; the orders themselves lie in the slot.  Sets orphaned
 * when the master's end is gone. */
void	channel_read(struct worker *w);

#endif
