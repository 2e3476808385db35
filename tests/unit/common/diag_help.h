/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag_help - what the tests of the kernel's numbers share: sockets on ports
 * the kernel chooses, and waiting until a number is right.
 */
#ifndef TESTS_UNIT_COMMON_DIAG_HELP_H
#define TESTS_UNIT_COMMON_DIAG_HELP_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/addr.h"
#include "common/clock.h"
#include "common/diag.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum { WAIT_MS = 5000 };

static inline uint16_t
port_of(const struct addr *a)
{
	return ntohs(a->u.sin.sin_port);
}

static inline struct diag_states
states_of(uint16_t port)
{
	struct diag_states got;

	assert_int_equal(diag_states(&port, 1, &got), 0);
	return got;
}

static inline int
listener_any(const char *text, int backlog, struct addr *a)
{
	const char *why = "";
	int fd, one = 1;

	if (addr_parse(text, a, &why) == -1)
		fail_msg("%s", why);
	fd = socket(a->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(fd, -1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->u.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	assert_int_equal(bind(fd, &a->u.sa, a->len), 0);
	assert_int_equal(getsockname(fd, &a->u.sa, &a->len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/*
 * A listener, or with backlog -1 a bound socket, alone on its port: the kernel
 * also gives out one where another test's connections are in TIME_WAIT.
 */
static inline int
listener(const char *text, int backlog, struct addr *a)
{
	struct diag_states st;
	uint64_t others;
	int fd, i;

	for (;;) {
		fd = listener_any(text, backlog, a);
		st = states_of(port_of(a));
		others = 0;
		for (i = 1; i < DIAG_NSTATES; i++)
			others += st.n[i];
		if (others == (backlog >= 0 ? 1 : 0))
			return fd;
		close(fd);
	}
}

/* Starts to connect, and does not wait: the queue may be full. */
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

static inline uint32_t
inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

static inline struct diag_listener
listener_of(const struct addr *a)
{
	struct diag_listener d;

	assert_int_equal(diag_listener(a, &d), 0);
	return d;
}

/* On a busy machine the loopback's packets may be on their way still. */
#define EVENTUALLY(cond) do {						\
	int64_t end_ms_ = clock_mono_ms() + WAIT_MS;			\
	while (!(cond) && clock_mono_ms() < end_ms_)			\
		continue;						\
	assert_true(cond);						\
} while (0)

#endif
