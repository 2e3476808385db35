/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * note - what the log says of a worker's birth and end.
 */
#ifndef MASTER_NOTE_H
#define MASTER_NOTE_H

#include "master/master.h"

void	note_birth(const struct master *m, unsigned i);
void	note_ready(const struct master *m, unsigned i);
/* worker.exit, or worker.crash with the client in hand. */
void	note_death(const struct master *m, unsigned i);
/* Waits until until_ms for its next start. */
void	note_backoff(const struct master *m, unsigned i, int64_t until_ms,
	    const char *why);
bool	note_is_fault(int status);
/* The connection in hand, NULL: none was, or its row makes no sense. */
const struct row *note_culprit(const struct slot *s);

#endif
