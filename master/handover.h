/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handover - becoming a part of a running server by exec(3): what upgrade in
 * place stands on.
 *
 * The new executable finds the book by a descriptor that an environment
 * variable names, with the version and size that its maker knows.  One that
 * differs refuses, before anything has changed: the rehearsal does just that.
 */
#ifndef MASTER_HANDOVER_H
#define MASTER_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "master/book.h"

enum { HANDOVER_TEXT_MAX = 64 };

/* At the start of main(): takes part if it was started to; false: it was not,
 * else *code is the exit code. */
bool	handover_take_part(int *code);

/* In a child that is to be slot i's keeper: does not return when it works,
 * ends the child when it does not. */
_Noreturn void	handover_exec_keeper(const struct book *b, unsigned i,
	    int keeper_end, int worker_end, const char *binary);
/* In the anchor, while no master lives: returns with errno on failure. */
void	handover_exec_anchor(struct book *b);
/* Back to the executable that the anchor came from. */
void	handover_exec_back(struct book *b);

/*
 * Starts the binary on the book in a child, which answers by one line on the
 * descriptor returned (the caller owns it) if it could take part.  -1 with
 * errno.  *pid: the child, to be waited for.
 */
int	handover_rehearse(const struct book *b, const char *binary,
	    pid_t *pid);
/* True if what the rehearsal said is the right line. */
bool	handover_is_answer(const char *text, size_t len);

#endif
