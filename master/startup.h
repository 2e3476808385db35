/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup - from nothing to READY, and the same undone in reverse at the end.
 */
#ifndef MASTER_STARTUP_H
#define MASTER_STARTUP_H

#include "master/master.h"

/* The phases before the first slot; ends the process with a message when one
 * fails.  A later master finds all of it in the book instead. */
void	startup_first(struct master *m);
/* Goes on from the book; ends the process when that cannot be. */
void	startup_again(struct master *m);

/* The server is READY: pid file, log, whoever waits for `start`. */
void	startup_announce(struct master *m);
/* Before READY: says why on stderr and ends the server. */
_Noreturn void	startup_fail(struct master *m, const char *why);
/* All workers have left: takes everything back, ends master and anchor. */
_Noreturn void	startup_undo(struct master *m);

#endif
