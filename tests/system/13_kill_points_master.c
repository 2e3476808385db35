/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master is killed at each of its system calls in turn: while it makes a
 * slot anew, and while it starts after another one.  There are always as many
 * workers as there should be in the end, nobody is left over, and connections
 * of other slots do not notice.
 *
 * alone: it takes its time.
 */
#include <poll.h>
#include <stdio.h>

#include "tests/system/lib/belay.h"
#include "tests/system/lib/trace.h"

enum { POINTS_MAX = 2000, WORKERS = 2 };

static const char conf[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

/* Until the log has it; processes are stopped and killed meanwhile. */
static void
wait_event(struct srv *srv, struct trace *t, const char *event)
{
	struct pollfd fds[] = {
		{ .fd = t->sig_fd, .events = POLLIN },
		{ .fd = srv->inotify_fd, .events = POLLIN },
	};

	while (srv_count_events(srv, event, NULL) == 0) {
		if (poll(fds, nitems(fds), LIMIT_MS) <= 0)
			fail_msg("no %s: %zu died, the last at %s", event,
			    t->deaths, trace_where(t));
		if (fds[0].revents != 0)
			trace_step(t);
		if (fds[1].revents != 0)
			srv_log_wait(srv, test_deadline_ms());
	}
}

static void
check(struct srv *srv, const struct trace *t, int fd)
{
	size_t ready = srv_ready_workers(srv);
	size_t processes = srv_count_processes(srv);

	if (ready != WORKERS || processes != 1 + 2 * WORKERS)
		fail_msg("%zu workers, %zu processes, after a death at %s",
		    ready, processes, trace_where(t));
	assert_int_equal(srv_audit_count(srv, "lost"), 0);
	client_say(fd, "undisturbed");
	client_expect(fd, "undisturbed");
}

/* A slot ends, and the master dies at that stop while it makes another. */
static bool
dies_making(struct srv *srv, int fd, int slot, size_t at)
{
	char worker[32];
	struct trace t;
	pid_t old;

	snprintf(worker, sizeof worker, "%s",
	    srv_title_beside(srv, "worker", slot));
	old = srv_must_find(srv, worker);
	srv_mark(srv);
	trace_open(&t);
	trace_seize(&t, srv_must_find(srv, "master"), at, -1);
	assert_true(srv_kill(srv, srv_title_beside(srv, "keeper", slot)));
	srv_kill(srv, worker);		/* may have left already */
	wait_event(srv, &t, "worker.ready");
	trace_close(&t);
	srv_wait_event(srv, "worker.exit", "{s:i}", "worker_pid", (int)old);
	check(srv, &t, fd);
	return t.deaths > 0;
}

/* The master ends, and its successor at that stop: while it starts, and then
 * sees to a worker. */
static bool
dies_starting(struct srv *srv, int fd, int slot, size_t at)
{
	struct trace t;

	srv_mark(srv);
	trace_open(&t);
	trace_birth(&t, srv->pid, at);
	assert_true(srv_kill(srv, "master"));
	wait_event(srv, &t, "master.restart");
	assert_true(srv_kill(srv, srv_title_beside(srv, "worker", slot)));
	wait_event(srv, &t, "worker.ready");
	trace_close(&t);
	check(srv, &t, fd);
	return t.deaths > 0;
}

static void
each_stop(const char *what, bool (*dies)(struct srv *, int, int, size_t))
{
	size_t at, step = test_sanitized() ? 5 : 1, n = 0;
	struct srv *srv;
	int fd, slot;

	trace_need();
	srv = srv_start(conf);
	fd = client_open(srv_addr(srv, "e", 0));
	client_say(fd, "hello");
	client_expect(fd, "hello");
	slot = srv_slot_of(srv, fd);
	for (at = 1; dies(srv, fd, slot, at); at += step, n++)
		assert_in_range(at, 1, POINTS_MAX);
	print_message("%zu kill points of %s\n", n, what);
	assert_in_range(n, 40 / step, POINTS_MAX);
	client_close(&fd);
	srv_finish(&srv);
}

static void
test_slot(void **state)
{
	(void)state;
	each_stop("a master that makes a slot", dies_making);
}

static void
test_start(void **state)
{
	(void)state;
	each_stop("a new master", dies_starting);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_slot, test_end),
		cmocka_unit_test_teardown(test_start, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
