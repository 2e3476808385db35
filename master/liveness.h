/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liveness - looks at busy workers, and ends one that hangs.
 */
#ifndef MASTER_LIVENESS_H
#define MASTER_LIVENESS_H

#include "master/master.h"

/* Asks the policy about a READY worker.  When to look again; INT64_MAX: when
 * it says that it is busy again. */
int64_t	liveness_look(struct master *m, unsigned i);
/* Ends it by sig, with a record that says why. */
void	liveness_kill(struct master *m, unsigned i, const char *why, int sig);

#endif
