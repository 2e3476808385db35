/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reopen - log files, for rotation (USR1).
 */
#ifndef MASTER_REOPEN_H
#define MASTER_REOPEN_H

#include "master/master.h"

/* Opens the config's target for the first time.  0, or -1 with *why (static)
 * and errno. */
int	reopen_first(struct master *m, const char **why);
/* A new master: its log is the book's. */
void	reopen_adopt(struct master *m);
/*
 * Opens the target anew under the same descriptor number, here and in every
 * slot.  A target that cannot be opened leaves the old one in use.  NULL, or
 * what was wrong.
 */
const char *reopen_log(struct master *m);

/* After a reload: level, format and target of the new config. */
void	reopen_if_changed(struct master *m);

#endif
