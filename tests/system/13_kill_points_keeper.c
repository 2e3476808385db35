/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A keeper is killed at each of its system calls in turn while it lets a worker
 * live: another slot takes the place of its own, whatever had been begun, and
 * connections of other slots do not notice.
 *
 * alone: it takes its time.
 */
#include <poll.h>

#include "tests/system/lib/belay.h"
#include "tests/system/lib/trace.h"

enum { POINTS_MAX = 200, WORKERS = 2 };

static const char conf[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static pid_t
pid_in(const json_t *rec, const char *key)
{
	return (pid_t)json_integer_value(json_object_get(rec, key));
}

/* The first worker since the mark that this keeper did, or did not, let live;
 * from and returned are places in the log. */
static size_t
find_start(struct srv *srv, size_t from, pid_t keeper, bool its)
{
	size_t i;

	srv_log_read(srv);
	for (i = from; i < srv->nrecs; i++)
		if (srv_is_event(srv->recs[i], "worker.start") &&
		    (pid_in(srv->recs[i], "keeper_pid") == keeper) == its)
			break;
	return i;
}

/* There is a worker again, and under another keeper if that one died. */
static bool
is_over(struct srv *srv, const struct trace *t, pid_t keeper)
{
	size_t at = find_start(srv, srv->mark, keeper, t->deaths == 0);

	return at < srv->nrecs && srv_count_events(srv, "worker.ready",
	    "{s:i}", "worker_pid", (int)pid_in(srv->recs[at],
	    "worker_pid")) > 0;
}

static void
wait_over(struct srv *srv, struct trace *t, pid_t keeper)
{
	struct pollfd fds[] = {
		{ .fd = t->sig_fd, .events = POLLIN },
		{ .fd = srv->inotify_fd, .events = POLLIN },
	};

	while (!is_over(srv, t, keeper)) {
		if (poll(fds, nitems(fds), LIMIT_MS) <= 0)
			fail_msg("no worker after a keeper's death at %s",
			    trace_where(t));
		if (fds[0].revents != 0)
			trace_step(t);
		if (fds[1].revents != 0)
			srv_log_wait(srv, test_deadline_ms());
	}
}

/* Who belonged to the dead keeper leaves. */
static void
wait_left(struct srv *srv, pid_t keeper)
{
	size_t at = srv->mark;

	test_wait_gone(keeper);
	while ((at = find_start(srv, at, keeper, true)) < srv->nrecs)
		test_wait_gone(pid_in(srv->recs[at++], "worker_pid"));
}

static void
check(struct srv *srv, const struct trace *t, int fd)
{
	size_t ready = srv_ready_workers(srv), n = srv_count_processes(srv);

	if (ready != WORKERS || n != 1 + 2 * WORKERS)
		fail_msg("%zu workers, %zu processes, after a death at %s",
		    ready, n, trace_where(t));
	assert_int_equal(srv_audit_count(srv, "lost"), 0);
	client_say(fd, "undisturbed");
	client_expect(fd, "undisturbed");
}

static bool
keeper_dies(struct srv *srv, int fd, int slot, size_t at)
{
	pid_t keeper = srv_must_find(srv, srv_title_beside(srv, "keeper",
	    slot));
	struct trace t;

	srv_mark(srv);
	trace_open(&t);
	trace_seize(&t, keeper, at, -1);
	assert_true(srv_kill(srv, srv_title_beside(srv, "worker", slot)));
	wait_over(srv, &t, keeper);
	trace_close(&t);
	if (t.deaths > 0)
		wait_left(srv, keeper);
	check(srv, &t, fd);
	return t.deaths > 0;
}

static void
test_keeper(void **state)
{
	struct srv *srv;
	size_t at = 1;
	int fd, slot;

	(void)state;
	trace_need();
	srv = srv_start(conf);
	fd = client_open(srv_addr(srv, "e", 0));
	slot = srv_slot_of(srv, fd);
	while (at < POINTS_MAX && keeper_dies(srv, fd, slot, at))
		at++;
	print_message("%zu kill points of a keeper\n", at - 1);
	assert_in_range(at, 4, POINTS_MAX - 1);
	client_close(&fd);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_keeper, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
