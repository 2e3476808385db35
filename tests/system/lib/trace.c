/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace - ptrace(2), seizing only: nobody is stopped by being watched.
 *
 * A successor is caught at its birth: it is the child of the process that
 * clones it, as far as tracing goes, whoever its parent is.
 */
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/belay.h"
#include "tests/system/lib/trace.h"

enum {
	AS_VICTIM = PTRACE_O_TRACESYSGOOD,
	AS_PARENT = PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
	    PTRACE_O_TRACEVFORK
};

static long
trace_call(enum __ptrace_request what, pid_t pid, uintptr_t addr,
    uintptr_t data)
{
	return ptrace(what, pid, (void *)addr, (void *)data);
}

void
trace_need(void)
{
	pid_t pid = fork();
	bool can;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		for (;;)
			pause();
	}
	can = trace_call(PTRACE_SEIZE, pid, 0, 0) == 0;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	if (can)
		return;
	print_message("skip: ptrace is not allowed here\n");
	skip();
}

void
trace_open(struct trace *t)
{
	sigset_t set;

	*t = (struct trace){ .at_call = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	t->sig_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	assert_int_not_equal(t->sig_fd, -1);
}

/* ESRCH: it is dead, which waitpid(2) tells later. */
static void
go_on(pid_t pid, enum __ptrace_request how, int sig)
{
	if (trace_call(how, pid, 0, (uintptr_t)sig) == -1 && errno != ESRCH)
		fail_msg("ptrace of %d: %s", (int)pid, strerror(errno));
}

static void
seize(pid_t pid, int options)
{
	if (trace_call(PTRACE_SEIZE, pid, 0, (uintptr_t)options) == -1)
		fail_msg("PTRACE_SEIZE %d: %s", (int)pid, strerror(errno));
}

void
trace_seize(struct trace *t, pid_t pid, size_t at, long at_call)
{
	t->pid = pid;
	t->at = at;
	t->at_call = at_call;
	seize(pid, AS_VICTIM);
	go_on(pid, PTRACE_INTERRUPT, 0);
}

void
trace_birth(struct trace *t, pid_t parent, size_t child_at)
{
	t->parent = parent;
	t->child_at = child_at;
	seize(parent, AS_PARENT);
}

static bool
is_birth(int status)
{
	int event = status >> 16;

	return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_CLONE ||
	    event == PTRACE_EVENT_VFORK;
}

/* One child is enough: the ones after it are born in peace. */
static void
parent_stopped(struct trace *t, int status)
{
	unsigned long child = 0;
	int sig = WSTOPSIG(status);

	if (is_birth(status)) {
		trace_call(PTRACE_GETEVENTMSG, t->parent, 0,
		    (uintptr_t)&child);
		trace_call(PTRACE_SETOPTIONS, t->parent, 0, 0);
		t->pid = (pid_t)child;
		t->at = t->child_at;
		t->at_call = -1;
		t->seen = 0;
		sig = 0;
	} else if (status >> 16 == PTRACE_EVENT_STOP) {
		sig = 0;
	}
	go_on(t->parent, PTRACE_CONT, sig);
}

static void
call_stopped(struct trace *t)
{
	struct __ptrace_syscall_info info;

	memset(&info, 0, sizeof info);
	trace_call(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info,
	    (uintptr_t)&info);
	t->entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	if (t->entry)
		t->nr = (long)info.entry.nr;
	else if (t->nr >= 0 && t->nr < TRACE_CALLS)
		t->calls[t->nr / 64] |= UINT64_C(1) << t->nr % 64;
	if (++t->seen == t->at || (!t->entry && t->nr == t->at_call)) {
		t->deaths++;
		t->at = 0;
		t->at_call = -1;
		kill(t->pid, SIGKILL);
		return;
	}
	go_on(t->pid, PTRACE_SYSCALL, 0);
}

static void
victim_stopped(struct trace *t, int status)
{
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		call_stopped(t);
		return;
	}
	if (status >> 16 == PTRACE_EVENT_STOP) {
		/* At its birth it has its parent's options. */
		trace_call(PTRACE_SETOPTIONS, t->pid, 0, AS_VICTIM);
		go_on(t->pid, PTRACE_SYSCALL, 0);
		return;
	}
	go_on(t->pid, PTRACE_SYSCALL, WSTOPSIG(status));
}

static bool
look(struct trace *t, pid_t *pid, void (*stopped)(struct trace *, int))
{
	int status;

	if (*pid == 0 || waitpid(*pid, &status, __WALL | WNOHANG) != *pid)
		return false;
	if (WIFSTOPPED(status))
		stopped(t, status);
	else
		*pid = 0;
	return true;
}

void
trace_step(struct trace *t)
{
	struct signalfd_siginfo si;

	while (read(t->sig_fd, &si, sizeof si) > 0)
		;
	while (look(t, &t->parent, parent_stopped) ||
	    look(t, &t->pid, victim_stopped))
		;
}

static void
let_go(pid_t *pid)
{
	int status;

	if (*pid == 0)
		return;
	trace_call(PTRACE_INTERRUPT, *pid, 0, 0);
	if (waitpid(*pid, &status, __WALL) == *pid && WIFSTOPPED(status)) {
		int sig = status >> 16 == 0 &&
		    WSTOPSIG(status) != (SIGTRAP | 0x80) ?
		    WSTOPSIG(status) : 0;

		trace_call(PTRACE_DETACH, *pid, 0, (uintptr_t)sig);
	}
	*pid = 0;
}

void
trace_close(struct trace *t)
{
	sigset_t set;

	let_go(&t->parent);
	let_go(&t->pid);
	fd_close(&t->sig_fd);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool
trace_saw(const struct trace *t, long call)
{
	return call >= 0 && call < TRACE_CALLS &&
	    (t->calls[call / 64] >> call % 64 & 1) != 0;
}

const char *
trace_where(const struct trace *t)
{
	static char text[64];

	snprintf(text, sizeof text, "stop %zu, %s system call %ld", t->seen,
	    t->entry ? "before" : "after", t->nr);
	return text;
}
