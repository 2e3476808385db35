/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * upgrade - what is special about it; the steps are those of reload.c.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "common/fd.h"
#include "master/handover.h"
#include "master/upgrade.h"

enum { REHEARSAL_MS = 10000 };

void
upgrade_begin(struct master *m)
{
	struct book_reload *r = &m->book->reload;

	*r = (struct book_reload){ .step = RELOAD_REHEARSAL, .upgrade = true,
	    .generation = m->book->generation + 1, .began_ms = m->now_ms };
	strlcpy(r->binary, m->binary[0] != '\0' ? m->binary :
	    m->book->start.exe, sizeof r->binary);
	log_line(LOG_L_INFO, LOG_UPGRADE_BEGIN, "%s is tried", r->binary);
	m->rehearsal_fd = handover_rehearse(m->book, r->binary,
	    &m->rehearsal_pid);
	m->rehearsal_len = 0;
}

void
upgrade_end_rehearsal(struct master *m)
{
	if (m->rehearsal_pid > 0) {
		kill(m->rehearsal_pid, SIGKILL);
		while (waitpid(m->rehearsal_pid, NULL, 0) == -1 &&
		    errno == EINTR)
			;
	}
	m->rehearsal_pid = 0;
	fd_close(&m->rehearsal_fd);
}

static enum upgrade_rehearsal
judge(struct master *m, const char **why)
{
	int status = 0;

	while (waitpid(m->rehearsal_pid, &status, 0) == -1 && errno == EINTR)
		;
	m->rehearsal_pid = 0;
	if (WIFSIGNALED(status))
		*why = "the new binary crashed at its start";
	else if (WEXITSTATUS(status) == 127)
		*why = "the new binary cannot be executed";
	else if (!handover_is_answer(m->rehearsal, m->rehearsal_len))
		*why = "that is no belay that can go on from this one; a "
		    "restart would do";
	else
		return UPGRADE_GO;
	return UPGRADE_NO;
}

enum upgrade_rehearsal
upgrade_rehearsed(struct master *m, const char **why)
{
	struct pollfd p = { .fd = m->rehearsal_fd, .events = POLLIN };
	ssize_t n;

	*why = "no process to rehearse with";
	if (m->rehearsal_fd == -1)
		return UPGRADE_NO;
	if (poll(&p, 1, 0) <= 0) {
		*why = "the new binary hangs at its start";
		return m->now_ms - m->book->reload.began_ms > REHEARSAL_MS ?
		    UPGRADE_NO : UPGRADE_WAIT;
	}
	n = read(m->rehearsal_fd, m->rehearsal + m->rehearsal_len,
	    sizeof m->rehearsal - m->rehearsal_len);
	if (n > 0) {
		m->rehearsal_len += (size_t)n;
		*why = "the new binary says too much at its start";
		return m->rehearsal_len == sizeof m->rehearsal ? UPGRADE_NO :
		    UPGRADE_WAIT;
	}
	return judge(m, why);
}

_Noreturn void
upgrade_leave_to_anchor(struct master *m)
{
	struct book *b = m->book;

	/* Whoever asked is answered by the next master. */
	for (int i = 0; i < CONTROL_CLIENTS && b->fd[FD_ASKER] == -1; i++)
		if (m->clients[i].fd != -1 && m->clients[i].waits_reload)
			b->fd[FD_ASKER] = m->clients[i].fd;
	b->exec_errno = 0;
	b->reload.step = RELOAD_ANCHOR;
	atomic_store(&b->reexec, 1);
	_exit(0);
}

void
upgrade_done(struct master *m)
{
	struct book *b = m->book;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	fd_close(&b->fd[FD_EXE]);
	b->fd[FD_EXE] = fd;
	strlcpy(b->start.exe, b->reload.binary, sizeof b->start.exe);
}
