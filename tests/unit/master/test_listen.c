/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_listen - TCP listeners: options and what accepted sockets inherit of
 * them, ports taken back from TIME_WAIT, busy ports and who has them.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/fd.h"
#include "master/listen.h"
#include "tests/unit/master/listen_help.h"

static void
test_flags(void **state)
{
	struct addr a;
	int fd = must_open("127.0.0.1:0", &plain, &a);

	(void)state;
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(opt(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	assert_int_equal(opt(fd, SOL_SOCKET, SO_REUSEPORT), 0);
	fd_close(&fd);
}

/* What the head comment of the module says is inherited. */
static void
test_inherited(void **state)
{
	static const struct conf_service s = { .backlog = 16, .nodelay = true,
	    .keepalive_ms = 45000, .user_timeout_ms = 12345, .ttl = 33 };
	static const struct {
		int level, name, value;
	} rows[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 45 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 15 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 12345 },
		{ IPPROTO_IP, IP_TTL, 33 },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33 },
	};
	/* The last: a v4 client of a dual-stack listener. */
	static const char *const pairs[][2] = { { "127.0.0.1:0", NULL },
	    { "[::1]:0", NULL }, { "[::]:0", "127.0.0.1:0" } };
	struct addr a, b;
	int c, fd, sock;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < NITEMS(pairs); i++) {
		fd = must_open(pairs[i][0], &s, &a);
		b = a;
		if (pairs[i][1] != NULL)
			parse(pairs[i][1], &b);
		b.u.sin.sin_port = a.u.sin.sin_port;
		c = client(&b);
		sock = must_accept(fd);
		n = NITEMS(rows) - (a.u.sa.sa_family == AF_INET ? 1 : 0);
		for (k = 0; k < n; k++)
			if (opt(sock, rows[k].level, rows[k].name) !=
			    rows[k].value)
				fail_msg("pair %zu, row %zu", i, k);
		fd_close(&sock);
		fd_close(&c);
		fd_close(&fd);
	}
}

/* Applied again with other values, an option that is gone is off again. */
static void
test_options_again(void **state)
{
	static const struct conf_service all = { .backlog = 1, .nodelay = true,
	    .v6only = true, .keepalive_ms = 100, .user_timeout_ms = 1,
	    .ttl = 255, .defer_accept_ms = 1, .fastopen = 9 };
	static const struct conf_service huge = { .keepalive_ms = INT64_MAX / 2,
	    .user_timeout_ms = INT64_MAX / 2, .ttl = UINT32_MAX };
	struct addr a;
	char why[256] = "";
	int fd = must_open("[::1]:0", &all, &a);

	(void)state;
	assert_int_equal(opt(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_KEEPIDLE), 1);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_KEEPINTVL), 1);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 1);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_FASTOPEN), 9);
	assert_int_equal(listen_options(fd, &plain, why, sizeof(why)), 0);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	assert_int_equal(opt(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_FASTOPEN), 0);
	assert_int_not_equal(opt(fd, IPPROTO_IP, IP_TTL), 255);
	assert_int_not_equal(opt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 255);
	assert_int_equal(listen_options(fd, &huge, why, sizeof(why)), 0);
	assert_int_equal(opt(fd, IPPROTO_TCP, TCP_KEEPIDLE), 32767);
	fd_close(&fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(listen_options(fd, &all, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "refuses the option"));
	fd_close(&fd);
}

static void
test_backlog(void **state)
{
	int64_t max = listen_somaxconn();
	struct conf_service s = plain;
	struct diag_listener d;
	struct addr a;
	int fd;

	(void)state;
	assert_true(max > 0);
	s.backlog = 17;
	fd = must_open("127.0.0.1:0", &s, &a);
	assert_int_equal(diag_listener(&a, &d), 0);
	assert_int_equal(d.backlog, max < 17 ? max : 17);
	fd_close(&fd);
	s.backlog = UINT64_MAX / 2;
	fd = must_open("127.0.0.1:0", &s, &a);
	assert_int_equal(diag_listener(&a, &d), 0);
	assert_int_equal(d.backlog, max);
	fd_close(&fd);
}

static bool
has_time_wait(const struct addr *a)
{
	uint16_t port = ntohs(a->u.sin.sin_port);
	struct diag_states st;

	assert_int_equal(diag_states(&port, 1, &st), 0);
	return st.n[TCP_TIME_WAIT] > 0;
}

/* The server closed first; its next start takes the port back at once. */
static void
test_time_wait(void **state)
{
	static const char *const rows[] = { "127.0.0.1:0", "[::1]:0" };
	int64_t end_ms = clock_mono_ms() + WAIT_MS;
	char why[256] = "", c;
	struct addr a;
	int cl, fd, s;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		fd = must_open(rows[i], &plain, &a);
		cl = client(&a);
		s = must_accept(fd);
		fd_close(&s);
		assert_int_equal(wait_for(cl, POLLIN, WAIT_MS), 1);
		assert_int_equal(read(cl, &c, 1), 0);
		fd_close(&cl);
		fd_close(&fd);
		while (!has_time_wait(&a) && clock_mono_ms() < end_ms)
			continue;
		assert_true(has_time_wait(&a));
		/* Without SO_REUSEADDR the kernel refuses. */
		s = socket(a.u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(s, &a.u.sa, a.len), -1);
		assert_int_equal(errno, EADDRINUSE);
		fd_close(&s);
		assert_int_equal(listen_open(&a, &plain, &fd, why,
		    sizeof(why)), 0);
		assert_true(has_time_wait(&a));
		fd_close(&fd);
	}
}

/* The kernel refuses exactly what addr_overlap() says, and we say who. */
static void
test_busy(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2",
	    "0.0.0.0", "[::1]", "[::]" };
	char text[64], why[256], held[64];
	struct conf_service s = plain;
	struct addr a, b;
	size_t i, k, v6only;
	int fd, other, r;

	(void)state;
	snprintf(held, sizeof(held), "held by pid %d (", (int)getpid());
	for (v6only = 0; v6only < 2; v6only++) {
		s.v6only = v6only != 0;
		for (i = 0; i < NITEMS(hosts) * NITEMS(hosts); i++) {
			k = i % NITEMS(hosts);
			snprintf(text, sizeof(text), "%s:0",
			    hosts[i / NITEMS(hosts)]);
			fd = must_open(text, &s, &a);
			snprintf(text, sizeof(text), "%s:%u", hosts[k],
			    ntohs(a.u.sin.sin_port));
			parse(text, &b);
			other = -1;
			why[0] = '\0';
			r = listen_open(&b, &s, &other, why, sizeof(why));
			/* Another process has it there: another port. */
			if (r == -1 && !addr_overlap(&a, &b, s.v6only) &&
			    strstr(why, held) == NULL) {
				fd_close(&fd);
				i--;
				continue;
			}
			assert_int_equal(r == -1,
			    addr_overlap(&a, &b, s.v6only));
			if (r == -1) {
				assert_int_equal(errno, EADDRINUSE);
				assert_int_equal(other, -1);
				assert_non_null(strstr(why, held));
			}
			fd_close(&other);
			fd_close(&fd);
		}
	}
}

static void
test_refused(void **state)
{
	char why[256] = "";
	struct addr a;
	int fd = -1;

	(void)state;
	parse("192.0.2.1:0", &a);	/* TEST-NET-1: nobody's */
	assert_int_equal(listen_open(&a, &plain, &fd, why, sizeof(why)), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	assert_non_null(strstr(why, "not an address of this machine"));
	assert_int_equal(fd, -1);
}

/* Only our own file is removed, whatever stands under its name. */
static void
test_unlink(void **state)
{
	char dir[] = "/tmp/listen.XXXXXX", text[64], moved[64];
	struct listen_file file;
	struct addr a;
	int fd, other;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/x", dir);
	snprintf(moved, sizeof(moved), "%s/moved", dir);
	fd = must_open(text, &plain, &a);
	parse(text, &a);
	assert_int_equal(listen_file(&a, &file), 0);
	assert_int_equal(rename(text + 5, moved), 0);
	assert_false(listen_unlink(&a, &file));
	other = must_open(text, &plain, &a);
	parse(text, &a);
	assert_false(listen_unlink(&a, &file));
	assert_int_equal(unlink(text + 5), 0);
	assert_int_equal(rename(moved, text + 5), 0);
	assert_true(listen_unlink(&a, &file));
	assert_int_equal(rmdir(dir), 0);
	parse("127.0.0.1:80", &a);
	assert_false(listen_unlink(&a, &file));
	fd_close(&other);
	fd_close(&fd);
}

static int
low_port(const void *unused)
{
	char why[256] = "";
	struct addr a;
	int fd = -1;

	(void)unused;
	parse("127.0.0.1:1", &a);
	if (listen_open(&a, &plain, &fd, why, sizeof(why)) == 0)
		return 0;		/* ip_unprivileged_port_start is low */
	return errno == EACCES && strstr(why, "below 1024") != NULL ? 0 : 1;
}

static void
test_low_port(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(as_nobody(low_port, NULL), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_options_again),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_time_wait),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_low_port),
		cmocka_unit_test(test_unlink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
