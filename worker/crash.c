/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash - a handler on an alternate stack; async-signal-safe: stores and
 * system calls only (signal-safety(7)).
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "worker/crash.h"

enum { STACK_SIZE = 65536 };

static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
    SIGSYS };

/* A handler has no other way to its data; set once, before any fault. */
static struct slot_head *crash_head;

static void
crash_store(int signo, siginfo_t *info, void *context)
{
	(void)context;
	crash_head->crash.code = info->si_code;
	crash_head->crash.addr = (uint64_t)(uintptr_t)info->si_addr;
	atomic_store(&crash_head->crash.signo, (uint32_t)signo);
	/* SA_RESETHAND made it fatal: again, by the kernel's idea of us. */
	syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), signo);
}

int
crash_open(struct slot_head *head)
{
	struct sigaction sa = { .sa_sigaction = crash_store,
	    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND };
	stack_t stack = { .ss_size = STACK_SIZE };
	sigset_t set;

	stack.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) == -1)
		return -1;
	crash_head = head;
	sigemptyset(&set);
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		if (sigaction(faults[i], &sa, NULL) == -1)
			return -1;
		sigaddset(&set, faults[i]);
	}
	/* A blocked fault would kill without the handler. */
	return sigprocmask(SIG_UNBLOCK, &set, NULL);
}
