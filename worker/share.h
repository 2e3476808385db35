/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - this worker's load line, and what the siblings' lines mean for it.
 */
#ifndef WORKER_SHARE_H
#define WORKER_SHARE_H

#include "worker/state.h"

void	share_ready(struct worker *w, bool ready);
void	share_accepting(struct worker *w, bool accepting);
/* Above the siblings' mean, and one of them accepts: leave, or stay out of,
 * the accept set.  May ask the master to wake siblings that stay out. */
bool	share_is_above(struct worker *w);

#endif
