/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots that are due are replaced, one after the other: under byte-checked
 * streams, newcomers and connections at rest, of which none is lost.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/lib/belay.h"
#include "tests/system/lib/look.h"

enum { STREAMS = 20, IDLE = 30, CRASHES = 16 };

static const char echo[] =
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static const struct due {
	const char *conf, *why;
	size_t times;
} dues[] = {
	{ "max_worker_age = 400ms\n", "max_worker_age", 5 },
	{ "max_worker_connections_served = 40\n",
	    "max_worker_connections_served", 4 },
};

static void
idle_served(const int *fds)
{
	for (size_t i = 0; i < IDLE; i++)
		client_say(fds[i], "still the same");
	for (size_t i = 0; i < IDLE; i++)
		client_expect(fds[i], "still the same");
}

/* Traffic of all kinds until that many slots were replaced. */
static void
replace(struct srv *srv, const struct due *d, struct streams *s,
    struct churn *c)
{
	int64_t deadline = test_deadline_ms() + LIMIT_MS;

	while (srv_count_events(srv, "worker.exit", "{s:s}", "reason",
	    d->why) < d->times) {
		streams_step(s, 5);
		churn_step(c, 5);
		srv_log_read(srv);
		if (test_left_ms(deadline) == 0)
			fail_msg("%s: nothing is replaced any more", d->why);
	}
}

static void
recycle(const struct due *d)
{
	struct srv *srv = srv_start("workers = 2\n%s%s", d->conf, echo);
	const char *addr = srv_addr(srv, "e", 0);
	struct streams_sum sum;
	struct churn_sum visits;
	struct streams *s;
	struct churn *c;
	int *idle = client_open_many(IDLE, addr);

	idle_served(idle);
	s = streams_open(STREAMS, addr, 4096);
	c = churn_open(4, addr, 7);
	replace(srv, d, s, c);
	idle_served(idle);
	visits = churn_finish(&c);
	sum = streams_finish(&s);
	assert_int_equal(sum.lost + sum.wrong, 0);
	assert_int_equal(visits.lost + visits.wrong, 0);
	/* Not "open": one may be moving while the slots are asked. */
	assert_int_equal(srv_audit_count(srv, "lost"), 0);
	idle_served(idle);
	client_close_many(&idle, IDLE);
	srv_finish(&srv);
}

static void
test_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(dues); i++) {
		print_message("%s\n", dues[i].why);
		recycle(&dues[i]);
	}
}

/* Without a limit nobody is replaced, and nobody wakes up to look. */
static void
test_off(void **state)
{
	struct srv *srv = srv_start("workers = 1\n%s", echo);
	pid_t keeper = srv_process(srv, "keeper 1");
	int fd;

	(void)state;
	for (int i = 0; i < 100; i++) {
		fd = client_open(srv_addr(srv, "e", 0));
		client_say(fd, "x");
		client_expect(fd, "x");
		client_close(&fd);
	}
	assert_int_equal(srv_process(srv, "keeper 1"), keeper);
	assert_int_equal(srv_count_events(srv, "worker.moved", NULL), 0);
	srv_finish(&srv);
}

/* After so many crashes all that a slot has is made anew. */
static void
test_crashes(void **state)
{
	struct srv *srv = srv_new_faulty();
	json_t *rec;
	int *idle, fd;
	int first, second;

	(void)state;
	srv_conf(srv, "workers = 1\nquarantine_crashes = 0\n"
	    "restart_backoff_min = 1ms\nrestart_backoff_max = 8ms\n"
	    "service \"f\" { handler = \"faulty\" "
	    "listen = {\"127.0.0.1:0\"} }\n");
	srv_boot(srv);
	rec = srv_wait_event(srv, "worker.start", NULL);
	first = (int)json_integer_value(json_object_get(rec, "keeper_pid"));
	idle = client_open_many(IDLE, srv_addr(srv, "f", 0));
	idle_served(idle);
	for (int i = 0; i < CRASHES; i++) {
		assert_int_equal(srv_count_events(srv, "worker.exit",
		    "{s:s}", "reason", "crashes"), 0);
		fd = client_open(srv_addr(srv, "f", 0));
		client_say(fd, "CRASH");
		client_expect_reset(fd);
		client_close(&fd);
	}
	srv_wait_event(srv, "worker.exit", "{s:s,s:i}", "reason", "crashes",
	    "slot", 1);
	rec = srv_wait_event(srv, "worker.ready", "{s:i}", "slot", 2);
	rec = srv_wait_event(srv, "worker.start", "{s:i}", "slot", 2);
	second = (int)json_integer_value(json_object_get(rec, "keeper_pid"));
	assert_int_not_equal(first, second);
	test_wait_gone(first);
	idle_served(idle);
	assert_int_equal(srv_audit_count(srv, "lost"), CRASHES);
	assert_int_equal(srv_audit_count(srv, "open"), IDLE);
	client_close_many(&idle, IDLE);
	srv_expect_error(srv, "worker.crash");
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_due, test_end),
		cmocka_unit_test_teardown(test_off, test_end),
		cmocka_unit_test_teardown(test_crashes, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
