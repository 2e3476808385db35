/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload_commit - the new configuration becomes the server's.
 */
#ifndef MASTER_RELOAD_COMMIT_H
#define MASTER_RELOAD_COMMIT_H

#include "master/master.h"

/* Every fresh slot serves.  May be done again by a later master. */
void	reload_commit(struct master *m);

#endif
