/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover - taking over what a dead worker left: ADOPT (DESIGN sections 1, 2).
 */
#ifndef WORKER_RECOVER_H
#define WORKER_RECOVER_H

#include "worker/state.h"

struct recovery {
	/* ended, since they cannot be explained */
	uint32_t lost;
	uint32_t nnewcomers;
	int64_t began_us;
	bool successor;			/* there was a worker before */
	bool engine_kept;		/* set before recover_resume() */
	int held;			/* the descriptor in hand, -1: none */
	bool guilty;			/* it died of what is in hand */
};

/*
 * Makes the slot true again, before any descriptor is opened: finishes the
 * redo record, undoes a service's call, takes the kernel's positions for the
 * row in hand, finds buffers in use, closes descriptors that nobody owns.
 */
void	recover_rows(struct worker *w, struct recovery *rec);
/* Then, with engine and timers ready: goes on with each connection, and takes
 * in those that were accepted but had no row yet. */
void	recover_resume(struct worker *w, struct recovery *rec);

#endif
