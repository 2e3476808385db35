/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client - sockets that never wait longer than a deadline.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"

static bool
ready(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, test_left_ms(deadline_ms)) > 0;
}

bool
test_has_v6(void)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT
	};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd != -1 &&
	    bind(fd, (struct sockaddr *)&sin6, sizeof sin6) == 0;

	fd_close(&fd);
	return has;
}

static int
connect_fd(const char *addr, bool tight)
{
	const int room = 4096, mss = 536;
	const char *why;
	struct addr a;
	int fd, error = 0;
	socklen_t len = sizeof error;

	if (addr_parse(addr, &a, &why) == -1)
		fail_msg("%s: %s", addr, why);
	fd = socket(a.u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (tight && (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
	    sizeof room) == -1 || setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss,
	    sizeof mss) == -1))
		goto fail;
	if (connect(fd, &a.u.sa, a.len) == -1 && errno != EINPROGRESS)
		goto fail;
	if (!ready(fd, POLLOUT, test_deadline_ms()))
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		goto fail;
	if (error == 0)
		return fd;
	errno = error;
fail:
	fd_close(&fd);
	return -1;
}

int
client_try(const char *addr)
{
	return connect_fd(addr, false);
}

static int
must_connect(const char *addr, bool tight)
{
	int fd = connect_fd(addr, tight);

	if (fd == -1)
		fail_msg("%s: %s", addr, strerror(errno));
	return fd;
}

int
client_open(const char *addr)
{
	return must_connect(addr, false);
}

int
client_open_tight(const char *addr)
{
	return must_connect(addr, true);
}

void
client_send(int fd, const void *buf, size_t len)
{
	const char *at = buf;
	ssize_t n;

	while (len > 0) {
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EAGAIN) {
			if (!ready(fd, POLLOUT, test_deadline_ms()))
				fail_msg("%zu bytes are not taken", len);
			continue;
		}
		if (n == -1)
			fail_msg("send: %s", strerror(errno));
		at += n;
		len -= (size_t)n;
	}
}

void
client_say(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

/* One piece; 0 at EOF. */
static size_t
recv_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	for (;;) {
		n = recv(fd, buf, len, 0);
		if (n >= 0)
			return (size_t)n;
		if (errno != EAGAIN)
			fail_msg("recv: %s", strerror(errno));
		if (!ready(fd, POLLIN, test_deadline_ms()))
			fail_msg("nothing comes");
	}
}

void
client_recv(int fd, void *buf, size_t len)
{
	size_t have = 0, n;

	while (have < len) {
		n = recv_some(fd, (char *)buf + have, len - have);
		if (n == 0)
			fail_msg("EOF after %zu of %zu bytes", have, len);
		have += n;
	}
}

size_t
client_recv_all(int fd, void *buf, size_t size)
{
	size_t have = 0, n;
	char over;

	while (have < size) {
		n = recv_some(fd, (char *)buf + have, size - have);
		if (n == 0)
			return have;
		have += n;
	}
	if (recv_some(fd, &over, 1) != 0)
		fail_msg("more than %zu bytes before EOF", size);
	return have;
}

void
client_expect(int fd, const char *text)
{
	size_t len = strlen(text);
	char *got = calloc(1, len + 1);

	assert_non_null(got);
	client_recv(fd, got, len);
	assert_string_equal(got, text);
	free(got);
}

void
client_expect_eof(int fd)
{
	char c;

	if (recv_some(fd, &c, 1) != 0)
		fail_msg("byte 0x%02x instead of EOF", (unsigned char)c);
}

void
client_expect_reset(int fd)
{
	char c;
	ssize_t n;

	if (!ready(fd, POLLIN, test_deadline_ms()))
		fail_msg("no reset comes");
	n = recv(fd, &c, 1, 0);
	if (n != -1 || errno != ECONNRESET)
		fail_msg("%s instead of a reset", n == 0 ? "EOF" :
		    n == 1 ? "a byte" : strerror(errno));
}

const char *
client_local(int fd)
{
	static char text[ADDR_TEXT_MAX];
	struct addr a = { .len = sizeof a.u };

	assert_int_equal(getsockname(fd, &a.u.sa, &a.len), 0);
	return addr_print(&a.u.sa, a.len, text);
}

bool
client_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

void
client_shut(int fd)
{
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
}

void
client_close(int *fd)
{
	fd_close(fd);
}

void
client_reset(int *fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &l, sizeof l),
	    0);
	fd_close(fd);
}

int *
client_open_many(size_t n, const char *addr)
{
	int *fds = calloc(n, sizeof *fds);
	size_t i;

	assert_non_null(fds);
	for (i = 0; i < n; i++)
		fds[i] = client_open(addr);
	return fds;
}

void
client_close_many(int **fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fd_close(&(*fds)[i]);
	free(*fds);
	*fds = NULL;
}
