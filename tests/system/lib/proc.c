/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proc - other programs: started, fed, read and waited for with a deadline.
 *
 * Reading never waits for writing: a program that says much while it is fed
 * cannot block the test.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"

int64_t
test_deadline_ms(void)
{
	return clock_mono_ms() + LIMIT_MS;
}

int
test_left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_mono_ms();

	return left < 0 ? 0 : (int)left;
}

void
test_need_program(const char *name)
{
	char path[4096], file[4200], *rest = path, *dir;

	snprintf(path, sizeof path, "%s", getenv("PATH"));
	while ((dir = strsep(&rest, ":")) != NULL) {
		snprintf(file, sizeof file, "%s/%s", dir, name);
		if (access(file, X_OK) == 0)
			return;
	}
	print_message("skip: %s is not installed\n", name);
	skip();
}

void
test_wait_gone(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd == -1 && errno == ESRCH)
		return;
	if (fd == -1 || poll(&p, 1, LIMIT_MS) != 1)
		fail_msg("process %d does not end", (int)pid);
	close(fd);
}

void
proc_start(struct proc *p, const char *const argv[])
{
	int in[2], out[2], err[2];

	memset(p, 0, sizeof *p);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	p->pid = fork();
	assert_int_not_equal(p->pid, -1);
	if (p->pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		if (dup2(in[0], 0) != -1 && dup2(out[1], 1) != -1 &&
		    dup2(err[1], 2) != -1)
			execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	p->in_fd = in[1];
	p->out_fd = out[0];
	p->err_fd = err[0];
	p->pid_fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	assert_int_not_equal(p->pid_fd, -1);
	assert_int_equal(fcntl(p->in_fd, F_SETFL, O_NONBLOCK), 0);
	p->out = calloc(1, 1);
	p->err = calloc(1, 1);
	assert_true(p->out != NULL && p->err != NULL);
}

static void
take(int *fd, char **text, size_t *len)
{
	char *more = realloc(*text, *len + 65537);
	ssize_t n;

	assert_non_null(more);
	*text = more;
	n = read(*fd, *text + *len, 65536);
	if (n <= 0)
		fd_close(fd);
	else
		*len += (size_t)n;
	(*text)[*len] = '\0';
}

/* One wait for output, or for room on its stdin; returns true for the room. */
static bool
turn(struct proc *p, bool feeding, int64_t deadline_ms, const char *what)
{
	struct pollfd fds[] = {
		{ .fd = p->out_fd, .events = POLLIN },
		{ .fd = p->err_fd, .events = POLLIN },
		{ .fd = feeding ? p->in_fd : -1, .events = POLLOUT },
	};

	if (poll(fds, nitems(fds), test_left_ms(deadline_ms)) <= 0)
		fail_msg("%s: in vain; so far: %s%s", what, p->out, p->err);
	if (fds[0].revents != 0)
		take(&p->out_fd, &p->out, &p->out_len);
	if (fds[1].revents != 0)
		take(&p->err_fd, &p->err, &p->err_len);
	return fds[2].revents != 0;
}

void
proc_feed(struct proc *p, const void *buf, size_t len)
{
	int64_t deadline = test_deadline_ms();
	const char *at = buf;
	ssize_t n;

	while (len > 0) {
		if (!turn(p, true, deadline, "feeding a program"))
			continue;
		n = write(p->in_fd, at, len);
		if (n == -1 && errno == EAGAIN)
			continue;
		if (n == -1)
			fail_msg("feeding a program: %s", strerror(errno));
		at += n;
		len -= (size_t)n;
		deadline = test_deadline_ms();
	}
}

void
proc_feed_end(struct proc *p)
{
	fd_close(&p->in_fd);
}

void
proc_wait_said(struct proc *p, const char *text)
{
	int64_t deadline = test_deadline_ms();

	while (strstr(p->out, text) == NULL && strstr(p->err, text) == NULL) {
		if (p->out_fd == -1 && p->err_fd == -1)
			fail_msg("it ended before it said `%s': %s%s", text,
			    p->out, p->err);
		turn(p, false, deadline, text);
	}
}

static void
reap(struct proc *p, int64_t deadline_ms)
{
	struct pollfd fd = { .fd = p->pid_fd, .events = POLLIN };
	int status;

	if (poll(&fd, 1, test_left_ms(deadline_ms)) != 1)
		fail_msg("a program does not end; it said: %s%s", p->out,
		    p->err);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
	p->pid = 0;
	fd_close(&p->pid_fd);
}

int
proc_wait(struct proc *p)
{
	int64_t deadline = test_deadline_ms();

	proc_feed_end(p);
	while (p->out_fd != -1 || p->err_fd != -1)
		turn(p, false, deadline, "waiting for a program");
	if (p->pid != 0)
		reap(p, deadline);
	return p->status;
}

void
proc_end(struct proc *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		reap(p, test_deadline_ms());
	}
	fd_close(&p->in_fd);
	fd_close(&p->out_fd);
	fd_close(&p->err_fd);
	free(p->out);
	free(p->err);
	p->out = p->err = NULL;
}
