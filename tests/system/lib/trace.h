/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace - kills one process of a server at one of its system calls.
 *
 * The victim runs until its at-th stop, of which each system call has two, at
 * its entry (the call is not made) and at its exit (it is made, and its result
 * is lost), and dies there.  The tests count at from 1 until nobody dies.
 */
#ifndef TESTS_SYSTEM_LIB_TRACE_H
#define TESTS_SYSTEM_LIB_TRACE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

struct trace {
	int sig_fd;			/* readable: trace_step() has work */
	pid_t parent;			/* whose next child is the victim, or 0 */
	pid_t pid;			/* the victim, 0: none, or it is gone */
	size_t at, seen;		/* stops: of the death, so far */
	bool killed;
	bool entry;			/* where it died: in which system call */
	long nr;
};

/* Prints "skip: why" and skips, where ptrace(2) is not allowed. */
void	 trace_need(void);
/* The victim is a process that lives, at 0: nobody dies. */
void	 trace_seize(struct trace *t, pid_t pid, size_t at);
/* The victim will be the next child that this process clones. */
void	 trace_birth(struct trace *t, pid_t parent, size_t at);
/* Looks at all that stopped, lets it go on or ends it; never waits. */
void	 trace_step(struct trace *t);
/* Everybody goes on as if nothing had been. */
void	 trace_end(struct trace *t);
/* "sendto, at its entry", as number; one static buffer. */
const char *trace_where(const struct trace *t);

#endif
