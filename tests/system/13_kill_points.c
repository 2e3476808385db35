/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection goes through all that a connection goes through, again and
 * again; each time its worker is killed one system call later.  Its bytes are
 * right and the ledger balances, wherever that was; also when the successor is
 * killed in turn.
 *
 * alone: it takes its time.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "common/clock.h"
#include "tests/system/lib/belay.h"
#include "tests/system/lib/trace.h"

enum {
	LEAST = 1 + 40960,		/* a greeting, then all at once, */
	MOST = 4 << 20,			/* more than the kernel takes */
	SOME = 4096,			/* sent and read at a time */
	VISITS = 3,			/* kinds of connections */
	RECOVERY = 64,			/* stops, about; then only some */
	POINTS_MAX = 2000,
	TRIES_MAX = 50,
	STALL_MS = 50
};

static const char conf[] =
    "workers = 1\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"r\" { handler = \"reply\" listen = {\"127.0.0.1:0\"}\n"
    "    reply { text = \"bye\" } }\n";

/* A connection that goes on while processes are stopped and killed. */
struct visit {
	struct srv *srv;
	struct trace *t;
	int fd;
	char client[ADDR_TEXT_MAX];
	uint64_t seed;
	size_t sent, got;
	bool stalled;			/* nothing happened, for a while */
};

static void
visit_begin(struct visit *v, const char *service)
{
	v->fd = client_open_tight(srv_addr(v->srv, service, 0));
	snprintf(v->client, sizeof v->client, "%s", client_local(v->fd));
	v->sent = v->got = 0;
}

/* Looks once; the server goes on meanwhile.  Returns what is there, 0: maybe
 * next time. */
static short
visit_look(struct visit *v, int fd, short events, int ms)
{
	struct pollfd fds[] = {
		{ .fd = v->t->sig_fd, .events = POLLIN },
		{ .fd = fd, .events = events },
	};

	v->stalled = poll(fds, nitems(fds), ms) <= 0;
	if (fds[0].revents != 0)
		trace_step(v->t);
	return fds[1].revents;
}

static short
visit_wait(struct visit *v, int fd, short events)
{
	short there;

	do {
		there = visit_look(v, fd, events, LIMIT_MS);
		if (v->stalled)
			fail_msg("%s stands still: sent %zu, got %zu",
			    v->client, v->sent, v->got);
	} while (there == 0);
	return there;
}

static void
visit_send(struct visit *v, size_t len)
{
	char buf[SOME];
	ssize_t n;

	if (len > sizeof buf)
		len = sizeof buf;
	pattern_fill(v->seed, v->sent, buf, len);
	n = send(v->fd, buf, len, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN)
		fail_msg("send: %s", strerror(errno));
	if (n > 0)
		v->sent += (size_t)n;
}

/* False: EOF. */
static bool
visit_recv(struct visit *v)
{
	char buf[SOME];
	ssize_t n = recv(v->fd, buf, sizeof buf, 0);

	if (n == -1 && errno != EAGAIN)
		fail_msg("after %zu bytes: %s", v->got, strerror(errno));
	if (n <= 0)
		return n == -1;
	if (v->got + (size_t)n > v->sent ||
	    pattern_check(v->seed, v->got, buf, (size_t)n) != (size_t)n)
		fail_msg("a wrong byte behind %zu", v->got);
	v->got += (size_t)n;
	return true;
}

/* To the last system call that is made because of it. */
static void
visit_wait_logged(struct visit *v, const char *client)
{
	while (srv_count_events(v->srv, "conn.close", "{s:s}", "client",
	    client) == 0) {
		visit_wait(v, v->srv->inotify_fd, POLLIN);
		srv_log_wait(v->srv, test_deadline_ms());
	}
}

/* Sends, reading nothing, until output has to wait in the server or the worker
 * is dead; how much that takes is up to the kernel. */
static void
visit_fill(struct visit *v)
{
	short there;
	bool enough;

	do {
		there = visit_look(v, v->fd, v->sent < MOST ? POLLOUT : 0,
		    STALL_MS);
		if (there & POLLOUT)
			visit_send(v, MOST - v->sent);
		enough = trace_saw(v->t, SYS_sendmsg) || v->t->deaths > 0 ||
		    v->stalled;
	} while (!enough);
	while (v->sent < LEAST)
		if (visit_wait(v, v->fd, POLLIN | POLLOUT) & POLLOUT)
			visit_send(v, LEAST - v->sent);
		else
			visit_recv(v);
}

static void
visit_echo(struct visit *v)
{
	visit_begin(v, "e");
	visit_send(v, 1);
	while (v->got == 0) {
		visit_wait(v, v->fd, POLLIN);
		visit_recv(v);
	}
	visit_fill(v);
	client_shut(v->fd);
	do
		visit_wait(v, v->fd, POLLIN);
	while (visit_recv(v));
	assert_int_equal(v->got, v->sent);
	client_close(&v->fd);
}

/* The server ends first. */
static void
visit_reply(struct visit *v)
{
	char got[8] = "";
	ssize_t n;
	size_t len = 0;

	visit_begin(v, "r");
	client_say(v->fd, "hello");
	do {
		visit_wait(v, v->fd, POLLIN);
		n = recv(v->fd, got + len, sizeof got - 1 - len, 0);
		assert_int_not_equal(n, -1);
		len += (size_t)n;
	} while (n > 0);
	assert_string_equal(got, "bye");
	client_close(&v->fd);
}

/* The client does not wait for anything. */
static void
visit_reset(struct visit *v)
{
	visit_begin(v, "e");
	visit_send(v, 1000);
	visit_wait(v, v->fd, POLLIN);
	client_reset(&v->fd);
}

/* The first n of them. */
static void
visit_some(struct srv *srv, struct trace *t, uint64_t seed, size_t n)
{
	static void (*const visits[VISITS])(struct visit *) = {
		visit_echo, visit_reply, visit_reset
	};
	struct visit v[VISITS];
	size_t i;

	srv_mark(srv);
	for (i = 0; i < n; i++) {
		v[i] = (struct visit){ .srv = srv, .t = t, .seed = seed };
		visits[i](&v[i]);
	}
	for (i = 0; i < n; i++)
		visit_wait_logged(&v[i], v[i].client);
}

/* The worker rests: it is READY, and has nothing to do. */
static void
check(struct srv *srv, const struct trace *t)
{
	json_t *audit = srv_audit(srv);

	if (json_integer_value(json_object_get(audit, "lost")) != 0 ||
	    json_integer_value(json_object_get(audit, "open")) != 0)
		fail_msg("killed at %s: %s", trace_where(t),
		    json_dumps(audit, 0));
	json_decref(audit);
}

/* Runs the scenario with a worker that dies at that stop; false: at none. */
static bool
worker_dies(struct srv *srv, size_t at)
{
	struct trace t;

	trace_open(&t);
	trace_seize(&t, srv_must_find(srv, "worker 1"), at, -1);
	visit_some(srv, &t, at, VISITS);
	trace_close(&t);
	check(srv, &t);
	return t.deaths > 0;
}

static void
test_worker(void **state)
{
	struct srv *srv;
	size_t at = 1;

	(void)state;
	trace_need();
	srv = srv_start(conf);
	while (at < POINTS_MAX && worker_dies(srv, at))
		at++;
	print_message("%zu kill points of a worker\n", at - 1);
	assert_in_range(at, 80, POINTS_MAX - 1);
	srv_finish(&srv);
}

/* The worker dies when it has made that call first, its successor at that
 * stop.  Returns how many died. */
static size_t
both_die(struct srv *srv, long call, size_t at)
{
	struct trace t;

	trace_open(&t);
	trace_birth(&t, srv_must_find(srv, "keeper 1"), at);
	trace_seize(&t, srv_must_find(srv, "worker 1"), 0, call);
	visit_some(srv, &t, at, 1);
	trace_close(&t);
	check(srv, &t);
	return t.deaths;
}

/* All stops of a successor; whether the call is made is up to the kernel's
 * buffers, so it may need some tries. */
static size_t
successors_die(struct srv *srv, long call, size_t step)
{
	size_t at = 1, died = 2, sum = 0, tries = 0;

	while (died != 1 && tries < TRIES_MAX) {
		assert_in_range(at, 1, POINTS_MAX);
		died = both_die(srv, call, at);
		tries = died == 0 ? tries + 1 : 0;
		sum += died == 2;
		if (died == 2)
			at += at < RECOVERY ? step : 17 * step;
	}
	return sum;
}

static void
test_successor(void **state)
{
	static const struct {
		const char *name;
		long call;
	} calls[] = {
		{ "accept4", SYS_accept4 }, { "recvfrom", SYS_recvfrom },
		{ "sendmsg", SYS_sendmsg }, { "close", SYS_close },
	};
	size_t i, n, step = test_sanitized() ? 5 : 1;
	struct srv *srv;

	(void)state;
	trace_need();
	srv = srv_start(conf);
	for (i = 0; i < nitems(calls); i++) {
		n = successors_die(srv, calls[i].call, step);
		print_message("%zu kill points of a successor, the worker "
		    "killed at its %s\n", n, calls[i].name);
		assert_in_range(n, 50 / step, POINTS_MAX);
	}
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_worker, test_end),
		cmocka_unit_test_teardown(test_successor, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
