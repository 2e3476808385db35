/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Few descriptors: who does not fit waits in the kernel's queue, is told of in
 * the log, costs no CPU, and is served when others leave.
 */
#include <sys/resource.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

enum { SMALL = 160, CLIENTS = 150, WATCH_MS = 500, CPU_MS = 100 };

static const char conf[] =
    "workers = %d\n"
    "max_connections = %d\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

/* A server whose soft limit is that small; ours is as before. */
static void
boot_small(struct srv *srv, rlim_t limit)
{
	struct rlimit ours, small;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &ours), 0);
	small = ours;
	small.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
	srv_boot(srv);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &ours), 0);
}

static void
hello(int fd)
{
	client_say(fd, "hi");
	client_expect(fd, "hi");
}

/* The first that is not answered, though it waits for a while; meanwhile the
 * server does nothing. */
static void
check_rests(struct srv *srv, int waits)
{
	static const char *const titles[] = { "worker 1", "master",
	    "keeper 1" };
	uint64_t before[nitems(titles)], spent;
	size_t i;

	for (i = 0; i < nitems(titles); i++)
		before[i] = srv_cpu_ns(srv_process(srv, titles[i]));
	assert_false(client_readable(waits, WATCH_MS));
	for (i = 0; i < nitems(titles); i++) {
		spent = srv_cpu_ns(srv_process(srv, titles[i])) - before[i];
		if (spent > (uint64_t)CPU_MS * 1000000)
			fail_msg("%s burnt %llu of %d ms", titles[i],
			    (unsigned long long)spent / 1000000, WATCH_MS);
	}
}

static int64_t
connections(struct srv *srv)
{
	json_t *status = look_status(srv);
	int64_t n = look_number(status, "services.0.connections");

	json_decref(status);
	return n;
}

/* Those who came first are served, the others when these have left. */
static void
check_queue(struct srv *srv, size_t least, size_t most)
{
	int *fds = client_open_many(CLIENTS, srv_addr(srv, "e", 0));
	size_t i, served = 0;
	bool answered;

	for (i = 0; i < CLIENTS; i++)
		client_say(fds[i], "hi");
	srv_wait_event(srv, "limit.reached", NULL);
	look_wait_number(srv, "services.0.connections", (int64_t)least);
	served = (size_t)connections(srv);
	assert_in_range(served, least, most);
	for (i = 0; i < served; i++)
		client_expect(fds[i], "hi");
	check_rests(srv, fds[served]);
	for (i = served; i < CLIENTS; i++) {
		answered = client_readable(fds[i], 0);
		assert_false(answered);
	}
	assert_in_range(srv_count_events(srv, "limit.reached", NULL), 1, 8);
	for (i = 0; i < served; i++)
		client_close(&fds[i]);
	for (i = served; i < CLIENTS; i++) {
		client_expect(fds[i], "hi");
		client_close(&fds[i]);
	}
	free(fds);
	srv_finish(&srv);
}

static void
test_small_limit(void **state)
{
	struct srv *srv = srv_new();

	(void)state;
	srv_conf(srv, conf, 1, 0);
	boot_small(srv, SMALL);
	check_queue(srv, (SMALL - 64) / 2, SMALL - 64);
}

static void
test_max_connections(void **state)
{
	(void)state;
	check_queue(srv_start(conf, 1, 20), 20, 20);
}

/* The number that its next descriptor would have. */
static rlim_t
next_fd(pid_t pid)
{
	char path[64], link[256];
	rlim_t n = 0;

	do
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid,
		    (int)n);
	while (readlink(path, link, sizeof link) > 0 && ++n > 0);
	return n;
}

static void
set_limit(pid_t pid, rlim_t n, struct rlimit *old)
{
	struct rlimit new;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &new), 0);
	if (old != NULL)
		*old = new;
	new.rlim_cur = n;
	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &new, NULL), 0);
}

/* Its limit falls while it runs: EMFILE, which it cannot have foreseen.  Only
 * who is of the same user may do that to it. */
static void
test_limit_falls(void **state)
{
	struct srv *srv = srv_start("user = \"root\"\ngroup = \"root\"\n"
	    "workers = 1\nservice \"e\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:0\"} }\n");
	const char *addr = srv_addr(srv, "e", 0);
	pid_t worker = srv_process(srv, "worker 1");
	struct rlimit old;
	int open, shed, waits;

	(void)state;
	open = client_open(addr);
	hello(open);
	set_limit(worker, next_fd(worker), &old);
	shed = client_open(addr);
	client_expect_eof(shed);
	client_close(&shed);
	srv_wait_event(srv, "conn.reject", "{s:s}", "reason", "descriptors");
	srv_wait_event(srv, "limit.reached", "{s:s}", "errno",
	    strerror(EMFILE));
	/* Not even the reserve helps: it only waits. */
	set_limit(worker, 3, NULL);
	waits = client_open(addr);
	client_say(waits, "hi");
	check_rests(srv, waits);
	hello(open);
	assert_in_range(srv_count_events(srv, "limit.reached", NULL), 1, 4);
	assert_int_equal(prlimit(worker, RLIMIT_NOFILE, &old, NULL), 0);
	client_expect(waits, "hi");
	client_close(&waits);
	client_close(&open);
	srv_finish(&srv);
}

/* A worker's end while it is full loses nobody. */
static void
test_full_and_killed(void **state)
{
	struct srv *srv = srv_start(conf, 1, 10);
	int *fds = client_open_many(20, srv_addr(srv, "e", 0)), i;

	(void)state;
	look_wait_number(srv, "services.0.connections", 10);
	assert_true(srv_kill(srv, "worker 1"));
	srv_wait_event(srv, "worker.adopted", "{s:i}", "adopted", 10);
	for (i = 0; i < 20; i++) {
		hello(fds[i]);
		client_close(&fds[i]);
	}
	free(fds);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_small_limit, test_end),
		cmocka_unit_test_teardown(test_max_connections, test_end),
		cmocka_unit_test_teardown(test_limit_falls, test_end),
		cmocka_unit_test_teardown(test_full_and_killed, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
