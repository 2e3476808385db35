/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_diag - the kernel's numbers, for sockets this test makes itself: queue,
 * backlog, drops, every state a connection on loopback can be held in, and who
 * holds an address.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/fd.h"
#include "tests/unit/common/diag_help.h"

static void
expect_states(uint16_t port, const struct diag_states *want)
{
	int64_t end_ms = clock_mono_ms() + WAIT_MS;
	struct diag_states got;
	size_t i;

	do {
		got = states_of(port);
	} while (memcmp(&got, want, sizeof(got)) != 0 &&
	    clock_mono_ms() < end_ms);
	for (i = 0; i < DIAG_NSTATES; i++)
		if (got.n[i] != want->n[i])
			fail_msg("%s: %ju, not %ju", diag_state_name[i],
			    (uintmax_t)got.n[i], (uintmax_t)want->n[i]);
}

static void
test_names(void **state)
{
	size_t i;

	(void)state;
	assert_null(diag_state_name[0]);
	for (i = 1; i < DIAG_NSTATES; i++)
		assert_non_null(diag_state_name[i]);
	assert_string_equal(diag_state_name[TCP_TIME_WAIT], "TIME_WAIT");
	assert_string_equal(diag_state_name[TCP_LISTEN], "LISTEN");
}

/* Backlog 1 holds two connections (sk_acceptq_is_full: more than). */
static void
test_listener_overflow(void **state)
{
	static const char *const rows[] = { "127.0.0.1:0", "[::1]:0" };
	struct diag_listener d;
	struct addr a;
	int fd, c[6], s;
	size_t i, k;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		fd = listener(rows[i], 1, &a);
		assert_int_equal(diag_listener(&a, &d), 0);
		assert_int_equal(d.sockets, 1);
		assert_int_equal(d.backlog, 1);
		assert_int_equal(d.queue, 0);
		assert_int_equal(d.drops, 0);
		for (k = 0; k < NITEMS(c); k++)
			c[k] = client(&a);
		EVENTUALLY(listener_of(&a).drops >= 4);
		assert_int_equal(listener_of(&a).queue, 2);
		assert_int_not_equal(s = accept(fd, NULL, NULL), -1);
		assert_int_equal(listener_of(&a).queue, 1);
		fd_close(&s);
		for (k = 0; k < NITEMS(c); k++)
			fd_close(&c[k]);
		fd_close(&fd);
		assert_int_equal(diag_listener(&a, &d), -1);
		assert_int_equal(errno, ENOENT);
	}
}

/* Exactly that address: not the wildcard's on the same port. */
static void
test_listener_exact(void **state)
{
	struct diag_listener d;
	struct addr any, one, un;
	const char *why;
	int fd = listener("0.0.0.0:0", 7, &any);

	(void)state;
	assert_int_equal(addr_parse("127.0.0.1:0", &one, &why), 0);
	one.u.sin.sin_port = any.u.sin.sin_port;
	assert_int_equal(diag_listener(&one, &d), -1);
	assert_int_equal(errno, ENOENT);
	any.mode = 0;			/* as getsockname(2) users leave it */
	assert_int_equal(diag_listener(&any, &d), 0);
	assert_int_equal(d.backlog, 7);
	fd_close(&fd);
	assert_int_equal(addr_parse("unix:/x", &un, &why), 0);
	assert_int_equal(diag_listener(&un, &d), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

/*
 * Walks a connection through the states, seen from the server's port, which
 * closes first.  Whether the ACK of the FIN has come, FIN_WAIT1 or 2, is the
 * kernel's choice.
 */
static void
test_states(void **state)
{
	static const char *const rows[] = { "127.0.0.1:0", "[::1]:0" };
	struct diag_states got, want;
	struct addr a;
	uint16_t port;
	int c, fd, s;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		memset(&want, 0, sizeof(want));
		fd = listener(rows[i], 5, &a);
		port = port_of(&a);
		want.n[TCP_LISTEN] = 1;
		expect_states(port, &want);
		c = client(&a);
		s = accept(fd, NULL, NULL);
		want.n[TCP_ESTABLISHED] = 1;
		expect_states(port, &want);
		shutdown(s, SHUT_WR);
		got = states_of(port);
		assert_int_equal(got.n[TCP_FIN_WAIT1] + got.n[TCP_FIN_WAIT2],
		    1);
		fd_close(&c);
		want.n[TCP_ESTABLISHED] = 0;
		want.n[TCP_TIME_WAIT] = 1;
		expect_states(port, &want);
		fd_close(&s);
		fd_close(&fd);
		want.n[TCP_LISTEN] = 0;
		expect_states(port, &want);
	}
}

/* The client closes first: our side waits in CLOSE_WAIT. */
static void
test_states_close_wait(void **state)
{
	struct diag_states want = { .n = { [TCP_LISTEN] = 1,
	    [TCP_CLOSE_WAIT] = 1 } };
	struct addr a;
	int fd = listener("127.0.0.1:0", 5, &a), c = client(&a);
	int s = accept(fd, NULL, NULL);

	(void)state;
	fd_close(&c);
	expect_states(port_of(&a), &want);
	fd_close(&s);
	want.n[TCP_CLOSE_WAIT] = 0;
	expect_states(port_of(&a), &want);
	fd_close(&fd);
}

/* TCP_DEFER_ACCEPT holds a connection in SYN_RECV until data comes; for the
 * client it is established. */
static void
test_states_syn_recv(void **state)
{
	struct diag_states got;
	struct addr a, b;
	int c, fd = listener("127.0.0.1:0", 5, &a), seconds = 5;
	uint16_t ports[2];

	(void)state;
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
	    &seconds, sizeof(seconds)), 0);
	c = client(&a);
	b.len = sizeof(b.u);
	assert_int_equal(getsockname(c, &b.u.sa, &b.len), 0);
	ports[0] = port_of(&a);
	ports[1] = port_of(&b);
	EVENTUALLY(states_of(ports[1]).n[TCP_ESTABLISHED] == 1);
	assert_int_equal(diag_states(ports, 2, &got), 0);
	assert_int_equal(got.n[TCP_LISTEN], 1);
	assert_int_equal(got.n[TCP_SYN_RECV], 1);
	assert_int_equal(got.n[TCP_ESTABLISHED], 1);
	fd_close(&c);
	fd_close(&fd);
}

static void
test_port_find(void **state)
{
	static const struct {
		const char *held, *wanted;
		bool v6only, is_held;
	} rows[] = {
		{ "127.0.0.1:0", "127.0.0.1", true, true },
		{ "127.0.0.1:0", "0.0.0.0", true, true },
		{ "0.0.0.0:0", "127.0.0.1", true, true },
		{ "127.0.0.1:0", "127.0.0.2", true, false },
		{ "127.0.0.1:0", "[::]", false, true },
		{ "127.0.0.1:0", "[::]", true, false },
		{ "[::1]:0", "[::1]", true, true },
		{ "[::]:0", "[::1]", true, true },
		{ "[::]:0", "0.0.0.0", true, false },	/* it is v6only */
	};
	struct diag_holder h;
	struct addr a, b;
	const char *why;
	char text[64];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		fd = listener(rows[i].held, 1, &a);
		snprintf(text, sizeof(text), "%s:%u", rows[i].wanted,
		    port_of(&a));
		assert_int_equal(addr_parse(text, &b, &why), 0);
		if (rows[i].is_held) {
			assert_int_equal(diag_port_find(&b, rows[i].v6only,
			    &h), 0);
			assert_int_equal(h.inode, inode_of(fd));
			assert_int_equal(h.uid, geteuid());
			assert_int_equal(h.state, TCP_LISTEN);
		} else {
			assert_int_equal(diag_port_find(&b, rows[i].v6only,
			    &h), -1);
			assert_int_equal(errno, ENOENT);
		}
		fd_close(&fd);
	}
}

/* A dual-stack listener holds the v4 address too. */
static void
test_port_find_dual(void **state)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), off = 0;
	struct addr a = { .u.sin6.sin6_family = AF_INET6,
	    .len = sizeof(a.u.sin6) };
	struct diag_holder h;
	struct addr b;
	const char *why;

	(void)state;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	assert_int_equal(bind(fd, &a.u.sa, a.len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, &a.u.sa, &a.len), 0);
	assert_int_equal(addr_parse("127.0.0.1:0", &b, &why), 0);
	b.u.sin.sin_port = a.u.sin6.sin6_port;
	assert_int_equal(diag_port_find(&b, true, &h), 0);
	assert_int_equal(h.inode, inode_of(fd));
	fd_close(&fd);
}

/* A socket that is merely bound is in the way too, since 6.8 visibly. */
static void
test_port_find_bound(void **state)
{
	struct diag_holder h;
	struct addr a;
	int fd = listener("127.0.0.1:0", -1, &a);

	(void)state;
	if (diag_port_find(&a, true, &h) == 0) {
		assert_int_equal(h.inode, inode_of(fd));
		assert_int_equal(h.state, TCP_CLOSE);
	} else {
		assert_int_equal(errno, ENOENT);
	}
	fd_close(&fd);
}

/* Connections of the listener are not mistaken for it. */
static void
test_port_find_prefers_listener(void **state)
{
	struct diag_holder h;
	struct addr a;
	int fd = listener("127.0.0.1:0", 5, &a), c = client(&a);
	int s = accept(fd, NULL, NULL);

	(void)state;
	assert_int_equal(diag_port_find(&a, true, &h), 0);
	assert_int_equal(h.inode, inode_of(fd));
	fd_close(&fd);
	assert_int_equal(diag_port_find(&a, true, &h), 0);
	assert_int_equal(h.inode, inode_of(s));
	assert_int_equal(h.state, TCP_ESTABLISHED);
	shutdown(s, SHUT_WR);
	fd_close(&c);
	fd_close(&s);			/* TIME_WAIT keeps nobody out */
	EVENTUALLY(states_of(port_of(&a)).n[TCP_TIME_WAIT] == 1);
	assert_int_equal(diag_port_find(&a, true, &h), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_listener_overflow),
		cmocka_unit_test(test_listener_exact),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_states_close_wait),
		cmocka_unit_test(test_states_syn_recv),
		cmocka_unit_test(test_port_find),
		cmocka_unit_test(test_port_find_dual),
		cmocka_unit_test(test_port_find_bound),
		cmocka_unit_test(test_port_find_prefers_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
