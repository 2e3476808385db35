/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A graceful stop: who is in the accept queue is served, who rests is let go
 * at once, who waits for a reply gets it, and nobody is reset.
 */
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/diag.h"
#include "tests/system/lib/look.h"

enum { QUEUED = 100, MUCH = 150000 };

static const char conf[] =
    "workers = 2\n"
    "drain_timeout = %s\n"
    "drain_delay = %s\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\",\n"
    "	\"unix:${DIR}/e.sock\"}\n"
    "	echo { delay = %s delay_if = \"slow\" } }\n";

static void
signal_workers(struct srv *srv, int signo)
{
	static const char *const titles[] = { "worker 1", "worker 2" };
	size_t i;
	pid_t pid;

	for (i = 0; i < nitems(titles); i++) {
		pid = srv_process(srv, titles[i]);
		assert_int_equal(kill(pid, signo), 0);
		if (signo == SIGSTOP)
			look_wait_stopped(pid);
	}
}

static void
hello(int fd, const char *text)
{
	client_say(fd, text);
	client_expect(fd, text);
}

static void
wait_draining(struct srv *srv)
{
	srv_wait_event(srv, "master.state", "{s:s}", "next", "draining");
}

/* Half of them have spoken. */
static int *
fill_queue(struct srv *srv, size_t which)
{
	const char *addr = srv_addr(srv, "e", which);
	struct diag_listener d;
	const char *why;
	struct addr a;
	int *fds, i;

	fds = client_open_many(QUEUED, addr);
	for (i = 0; i < QUEUED; i += 2)
		client_say(fds[i], "hi");
	if (which != 0)
		return fds;
	assert_int_equal(addr_parse(addr, &a, &why), 0);
	assert_int_equal(diag_listener(&a, &d), 0);
	assert_int_equal(d.queue, QUEUED);
	return fds;
}

static void
check_queue(struct srv *srv, size_t which)
{
	int *fds, i;

	signal_workers(srv, SIGSTOP);
	fds = fill_queue(srv, which);
	srv_signal(srv, SIGTERM);
	wait_draining(srv);
	signal_workers(srv, SIGCONT);
	for (i = 0; i < QUEUED; i++) {
		if (i % 2 == 0)
			client_expect(fds[i], "hi");
		client_expect_eof(fds[i]);
	}
	client_close_many(&fds, QUEUED);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_wait_event(srv, "master.stop", "{s:i, s:i}", "finished", QUEUED,
	    "cut", 0);
	srv_finish(&srv);
}

static void
test_queue(void **state)
{
	size_t which;

	(void)state;
	for (which = 0; which < 2; which++)
		check_queue(srv_start(conf, "30s", "0s", "1ms"), which);
}

/* Begins to connect; the answer comes when it comes. */
static int
connect_begin(const char *addr)
{
	const char *why;
	struct addr a;
	int fd;

	assert_int_equal(addr_parse(addr, &a, &why), 0);
	fd = socket(a.u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, &a.u.sa, a.len), -1);
	assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static int
connect_error(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = -1;

	assert_int_equal(poll(&p, 1, LIMIT_MS), 1);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

/* A newcomer while it drains is not answered, then refused: never reset. */
static void
test_newcomer(void **state)
{
	struct srv *srv = srv_start(conf, "30s", "0s", "200ms");
	const char *addr = srv_addr(srv, "e", 0);
	int slow = client_open(addr), rests = client_open(addr), fd;

	(void)state;
	if (geteuid() != 0)
		look_skip("holding newcomers off needs CAP_NET_ADMIN");
	client_say(slow, "slow");
	hello(rests, "hi");
	look_wait_number(srv, "services.0.bytes_in", 6);
	srv_signal(srv, SIGTERM);
	client_expect_eof(rests);
	fd = connect_begin(addr);
	client_expect(slow, "slow");
	client_expect_eof(slow);
	client_close(&slow);
	client_close(&rests);
	assert_int_equal(srv_wait_end(srv), 0);
	assert_int_equal(connect_error(fd), ECONNREFUSED);
	client_close(&fd);
	srv_finish(&srv);
}

static void
test_rest_and_middle(void **state)
{
	struct srv *srv = srv_start(conf, "30s", "0s", "200ms");
	int rests[2], mid[2], silent[2], i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rests[i] = client_open(srv_addr(srv, "e", (size_t)i));
		hello(rests[i], "hi");
		silent[i] = client_open(srv_addr(srv, "e", (size_t)i));
		mid[i] = client_open(srv_addr(srv, "e", (size_t)i));
	}
	for (i = 0; i < 2; i++)
		client_say(mid[i], "slow");
	look_wait_number(srv, "services.0.bytes_in", 2 * 2 + 2 * 4);
	srv_signal(srv, SIGTERM);
	for (i = 0; i < 2; i++) {
		client_expect_eof(rests[i]);
		client_expect_eof(silent[i]);
		client_close(&rests[i]);
		client_close(&silent[i]);
	}
	for (i = 0; i < 2; i++) {
		client_expect(mid[i], "slow");
		client_expect_eof(mid[i]);
		client_close(&mid[i]);
	}
	assert_int_equal(srv_wait_end(srv), 0);
	srv_wait_nth(srv, 6, "conn.close", "{s:s}", "reason", "drain");
	srv_wait_event(srv, "master.stop", "{s:i, s:i}", "finished", 6, "cut",
	    0);
	srv_finish(&srv);
}

/* What the client had sent before is answered, however much it is: a unix
 * socket takes it while the worker stands still. */
static void
test_input_waits(void **state)
{
	struct srv *srv = srv_start(conf, "30s", "0s", "1ms");
	int room = 2 * MUCH, fd = client_open(srv_addr(srv, "e", 1));
	char *buf = malloc(MUCH);

	(void)state;
	assert_non_null(buf);
	hello(fd, "hi");
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room,
	    sizeof room), 0);
	signal_workers(srv, SIGSTOP);
	pattern_fill(1, 0, buf, MUCH);
	client_send(fd, buf, MUCH);
	srv_signal(srv, SIGTERM);
	wait_draining(srv);
	signal_workers(srv, SIGCONT);
	memset(buf, 0, MUCH);
	assert_int_equal(client_recv_all(fd, buf, MUCH), MUCH);
	assert_int_equal(pattern_check(1, 0, buf, MUCH), MUCH);
	client_close(&fd);
	assert_int_equal(srv_wait_end(srv), 0);
	free(buf);
	srv_finish(&srv);
}

/* A client that reads late gets all that was said, then the EOF. */
static void
test_output_waits(void **state)
{
	struct srv *srv = srv_start(conf, "30s", "0s", "1ms");
	int fd = client_open_tight(srv_addr(srv, "e", 0));
	size_t sent = look_fill(fd, 2);
	char *buf = malloc(sent + 1);

	(void)state;
	assert_non_null(buf);
	assert_true(sent > MUCH);
	srv_signal(srv, SIGTERM);
	wait_draining(srv);
	assert_int_equal(client_recv_all(fd, buf, sent + 1), sent);
	assert_int_equal(pattern_check(2, 0, buf, sent), sent);
	client_close(&fd);
	assert_int_equal(srv_wait_end(srv), 0);
	free(buf);
	srv_finish(&srv);
}

static void
test_timeout(void **state)
{
	struct srv *srv = srv_start(conf, "300ms", "0s", "1h");
	int rests = client_open(srv_addr(srv, "e", 0)), slow[2], i;

	(void)state;
	hello(rests, "hi");
	for (i = 0; i < 2; i++) {
		slow[i] = client_open(srv_addr(srv, "e", (size_t)i));
		client_say(slow[i], "slow");
	}
	look_wait_number(srv, "services.0.bytes_in", 2 + 2 * 4);
	srv_signal(srv, SIGTERM);
	assert_int_equal(srv_wait_end(srv), 0);
	client_expect_eof(rests);
	srv_wait_event(srv, "master.state", "{s:s, s:s}", "next", "stopping",
	    "reason", "timeout");
	srv_wait_event(srv, "master.stop", "{s:i, s:i}", "finished", 1, "cut",
	    2);
	for (i = 0; i < 2; i++)
		client_close(&slow[i]);
	client_close(&rests);
	srv_finish(&srv);
}

/* While the delay lasts, newcomers are served as ever. */
static void
test_delay(void **state)
{
	struct srv *srv = srv_start(conf, "30s", "1s", "1ms");
	int fd, rests = client_open(srv_addr(srv, "e", 0));

	(void)state;
	hello(rests, "hi");
	srv_signal(srv, SIGTERM);
	wait_draining(srv);
	fd = client_open(srv_addr(srv, "e", 0));
	hello(fd, "hi");
	hello(rests, "still");
	client_expect_eof(fd);
	client_expect_eof(rests);
	client_close(&fd);
	client_close(&rests);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_queue, test_end),
		cmocka_unit_test_teardown(test_newcomer, test_end),
		cmocka_unit_test_teardown(test_rest_and_middle, test_end),
		cmocka_unit_test_teardown(test_input_waits, test_end),
		cmocka_unit_test_teardown(test_output_waits, test_end),
		cmocka_unit_test_teardown(test_timeout, test_end),
		cmocka_unit_test_teardown(test_delay, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
