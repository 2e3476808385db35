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
#include <stdint.h>

enum { TRACE_CALLS = 512 };

struct trace {
	int sig_fd;			/* readable: trace_step() has work */
	pid_t pid;			/* the victim, 0: none, or it is gone */
	size_t at;			/* the stop it dies at, 0: none */
	long at_call;			/* or after this call, -1: none */
	size_t seen;			/* stops so far */
	pid_t parent;			/* its next child is the victim, or 0 */
	size_t child_at;		/* and dies at that stop */
	size_t deaths;			/* of victims, by us */
	bool entry;			/* where the last one died, or is */
	long nr;
	uint64_t calls[TRACE_CALLS / 64];	/* a bit for each made */
};

/* Prints "skip: why" and skips, where ptrace(2) is not allowed. */
void	 trace_need(void);
void	 trace_open(struct trace *t);
/* The victim is a process that lives. */
void	 trace_seize(struct trace *t, pid_t pid, size_t at, long at_call);
/* The next child that this process clones will be the victim. */
void	 trace_birth(struct trace *t, pid_t parent, size_t child_at);
/* Looks at all that stopped, lets it go on or ends it; never waits. */
void	 trace_step(struct trace *t);
/* Everybody goes on as if nothing had been. */
void	 trace_close(struct trace *t);
/* A victim has made this call. */
bool	 trace_saw(const struct trace *t, long call);
/* "stop 7, after system call 44"; one static buffer. */
const char *trace_where(const struct trace *t);

#endif
