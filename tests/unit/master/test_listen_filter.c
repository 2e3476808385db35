/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_listen_filter - a listener closed to newcomers: who is queued is
 * served, who comes later is not answered.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"
#include "master/listen.h"
#include "tests/unit/master/listen_help.h"

static int
unprivileged(const void *arg)
{
	int fd = *(const int *)arg;

	if (listen_filter_syn(fd) == -1)
		return errno == EPERM ? 0 : 1;
	return listen_filter_detach(fd) == 0 ? 0 : 2;	/* older kernels */
}

static void
test_unprivileged(void **state)
{
	struct addr a;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = must_open("127.0.0.1:0", &plain, &a);
	assert_int_equal(as_nobody(unprivileged, &fd), 0);
	fd_close(&fd);
}

/* Who is queued is served; who comes later is not answered; then detached, the
 * next one is. */
static void
filter_queue(const char *text)
{
	struct addr a;
	int c[5], fd = must_open(text, &plain, &a), late, s;
	uint8_t tcp_state = 0;		/* the first byte of TCP_INFO */
	socklen_t len = sizeof(tcp_state);
	char buf[2];
	size_t i;

	for (i = 0; i < NITEMS(c); i++) {
		c[i] = client(&a);
		assert_int_equal(wait_for(c[i], POLLOUT, WAIT_MS), 1);
	}
	assert_int_equal(listen_filter_syn(fd), 0);
	late = client(&a);
	for (i = 0; i < NITEMS(c); i++) {
		s = must_accept(fd);
		assert_int_equal(listen_filter_detach(s), -1);
		assert_int_equal(errno, ENOENT);	/* older than it */
		assert_int_equal(write(c[i], "hi", 2), 2);
		assert_int_equal(wait_for(s, POLLIN, WAIT_MS), 1);
		assert_int_equal(read(s, buf, 2), 2);
		fd_close(&s);
		fd_close(&c[i]);
	}
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(opt(late, SOL_SOCKET, SO_ERROR), 0);
	assert_int_equal(wait_for(late, POLLOUT, 0), 0);
	assert_int_equal(getsockopt(late, IPPROTO_TCP, TCP_INFO, &tcp_state,
	    &len), 0);
	assert_int_equal(tcp_state, TCP_SYN_SENT);
	fd_close(&late);
	assert_int_equal(listen_filter_detach(fd), 0);
	late = client(&a);
	assert_int_equal(wait_for(late, POLLOUT, WAIT_MS), 1);
	s = must_accept(fd);
	fd_close(&s);
	fd_close(&late);
	fd_close(&fd);
}

/* In the middle of the handshake, which a deferred accept holds open until the
 * first byte: it ends it, is served, and has inherited the filter. */
static void
filter_handshake(const char *text)
{
	struct conf_service s = plain;
	struct addr a;
	int c, fd, sock;

	s.defer_accept_ms = 5000;
	fd = must_open(text, &s, &a);
	c = client(&a);
	assert_int_equal(wait_for(c, POLLOUT, WAIT_MS), 1);
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(listen_filter_syn(fd), 0);
	assert_int_equal(write(c, "x", 1), 1);
	sock = must_accept(fd);
	assert_int_equal(listen_filter_detach(sock), 0);
	fd_close(&sock);
	fd_close(&c);
	fd_close(&fd);
}

static bool
can_filter(void)
{
	struct addr a;
	int fd = must_open("127.0.0.1:0", &plain, &a), r;

	r = listen_filter_syn(fd);
	fd_close(&fd);
	return r == 0;
}

static void
test_queue(void **state)
{
	(void)state;
	if (!can_filter())
		skip();
	filter_queue("127.0.0.1:0");
	filter_queue("[::1]:0");
}

static void
test_handshake(void **state)
{
	(void)state;
	if (!can_filter())
		skip();
	filter_handshake("127.0.0.1:0");
	filter_handshake("[::1]:0");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unprivileged),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
