/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bug - see the header; asks the kernel, not libc, who we are.
 */
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>

#include "common/bug.h"
#include "common/log.h"

_Noreturn void
bug(const char *what)
{
	sigset_t abrt;
	long pid = syscall(SYS_getpid);

	log_line(LOG_L_ERROR, LOG_WORKER_CRASH, "bug: %s", what);
	log_flush();
	sigemptyset(&abrt);
	sigaddset(&abrt, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &abrt, NULL);
	syscall(SYS_tgkill, pid, syscall(SYS_gettid), SIGABRT);
	/* SIGABRT was ignored: end all the same */
	for (;;)
		syscall(SYS_exit_group, 134);
}
