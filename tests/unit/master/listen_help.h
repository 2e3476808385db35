/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen_help - what the tests of the listeners share: listeners on ports the
 * kernel chooses, clients that never block, waits with an end.
 */
#ifndef TESTS_UNIT_MASTER_LISTEN_HELP_H
#define TESTS_UNIT_MASTER_LISTEN_HELP_H

#include <sys/socket.h>
#include <sys/wait.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <unistd.h>
#include <cmocka.h>

#include "master/listen.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum { WAIT_MS = 5000, NOBODY = 65534 };

static const struct conf_service plain = { .backlog = 16, .v6only = true };

static inline void
parse(const char *text, struct addr *a)
{
	const char *why = "";

	if (addr_parse(text, a, &why) == -1)
		fail_msg("%s: %s", text, why);
}

/* Opens text, with the port the kernel chose written into *a. */
static inline int
must_open(const char *text, const struct conf_service *s, struct addr *a)
{
	char why[256] = "";
	int fd = -1;

	parse(text, a);
	if (listen_open(a, s, &fd, why, sizeof(why)) == -1)
		fail_msg("%s: %s", text, why);
	assert_int_equal(getsockname(fd, &a->u.sa, &a->len), 0);
	return fd;
}

static inline int
client(const struct addr *a)
{
	int fd = socket(a->u.sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	if (connect(fd, &a->u.sa, a->len) == -1)
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static inline int
wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, timeout_ms);
}

static inline int
must_accept(int fd)
{
	int s;

	assert_int_equal(wait_for(fd, POLLIN, WAIT_MS), 1);
	s = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_int_not_equal(s, -1);
	return s;
}

static inline int
opt(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	assert_int_equal(getsockopt(fd, level, name, &v, &len), 0);
	return v;
}

/* Runs f in a child without privilege; what it returns is the exit code. */
static inline int
as_nobody(int (*f)(const void *), const void *arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(0, NULL) == -1 || setgid(NOBODY) == -1 ||
		    setuid(NOBODY) == -1)
			_exit(99);
		_exit(f(arg));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
