/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row - changes of rows that must be whole: the hand and the redo record.
 */
#ifndef WORKER_ROW_H
#define WORKER_ROW_H

#include <stdatomic.h>

#include "worker/state.h"

/*
 * Stores before it come before stores after it.  The reader is the successor
 * of this process, after its death, so the order of the program is all that
 * must be kept: the compiler's, not the processor's.
 */
static inline void
row_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

void	row_phase(struct worker *w, enum hand_phase phase);
void	row_take(struct worker *w, int fd);	/* in hand */
void	row_release(struct worker *w);
/* A service is about to be called, and has returned. */
void	row_call_begin(struct worker *w, const struct row *r,
	    enum hand_call call);
void	row_call_commit(struct worker *w);

/* Fills the free row of a fresh descriptor. */
void	row_fill(struct worker *w, int fd, unsigned listener,
	    const struct sockaddr *sa, socklen_t len);
/* Publishes a filled row with accepted + 1, and frees one with its reason's
 * counter + 1: whole or not at all. */
void	row_open(struct worker *w, int fd);
/* Publishes a row that was filled from another slot's, with moved_in + 1 and
 * the order's number: the commit of a move. */
void	row_take_over(struct worker *w, int fd, enum row_state state,
	    unsigned take, uint64_t seq);
void	row_end(struct worker *w, int fd);

#endif
