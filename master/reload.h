/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - a new configuration under the open connections: fresh slots, a
 * canary first, then MOVE, then the old ones retire.
 *
 * Until the commit everything can be taken back: the old slots still serve.
 * The commit is one flag in the book; a master that dies before it leaves a
 * reload that the next one takes back, after it one that the next finishes.
 */
#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

#include "master/master.h"

/* Reads the file and begins; the verdict comes by reload_review(). */
void	reload_begin(struct master *m);
/* Goes on; each turn.  When to look again, INT64_MAX: no need. */
int64_t	reload_review(struct master *m);
/* A new master: takes back what was not committed, finishes what was. */
void	reload_again(struct master *m);
/* The server stops: whoever waits for a verdict gets one. */
void	reload_give_up(struct master *m, const char *why);

#endif
