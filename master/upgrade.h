/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * upgrade - another binary under the open connections, same pid: a rehearsal,
 * then the way of a reload with slots from the new binary, the anchor last.
 */
#ifndef MASTER_UPGRADE_H
#define MASTER_UPGRADE_H

#include "master/master.h"

/* Begins with m->binary ("": the file this server was started from); the
 * verdict comes by upgrade_review() and reload_review(). */
void	upgrade_begin(struct master *m);

enum upgrade_rehearsal { UPGRADE_WAIT, UPGRADE_GO, UPGRADE_NO };
/* How the rehearsal went; *why is static. */
enum upgrade_rehearsal upgrade_rehearsed(struct master *m, const char **why);
/* Ends the rehearsal, whatever it does. */
void	upgrade_end_rehearsal(struct master *m);

/* The anchor runs it too: from now on that is the executable. */
void	upgrade_done(struct master *m);
/* The slots run the new binary: the anchor is next.  Does not return. */
_Noreturn void	upgrade_leave_to_anchor(struct master *m);

#endif
