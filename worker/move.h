/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * move - giving connections to a sibling slot, and taking them: MOVE (DESIGN
 * section 1; common/move.h has the protocol).
 */
#ifndef WORKER_MOVE_H
#define WORKER_MOVE_H

#include "common/move.h"
#include "common/msg.h"
#include "worker/state.h"

/* Orders of the master.  Both take fd. */
void	give_begin(struct worker *w, uint64_t order, int fd,
	    const struct move_order *what);
void	take_begin(struct worker *w, unsigned index, uint64_t order, int fd);

/* Gives some more; each turn. */
void	give_some(struct worker *w);
bool	give_has_more(const struct worker *w);	/* without waiting */
/* The channel is readable: acknowledgements, or its end. */
void	give_read(struct worker *w);
/* The master's verdict on an order that broke: rows beyond seq are ours. */
void	give_settle(struct worker *w, uint64_t order, uint64_t seq);

/* A channel to take by is readable. */
void	take_read(struct worker *w, int fd);

/* Recovery: whatever order ran is over; its channels are closed already. */
void	move_recover(struct worker *w);
/* True if fd is an end of a channel. */
bool	move_is_channel(const struct worker *w, int fd);

#endif
