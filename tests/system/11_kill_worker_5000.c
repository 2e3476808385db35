/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 5,000 connections are held while a worker is killed, again and again, then
 * the master: none is lost, and each gets its own bytes before, between and
 * after.
 *
 * alone: it takes most of the descriptors and both processors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/system/lib/belay.h"

enum { CONNECTIONS = 5000, KILLS = 20, SPARE = 200 };

static const char conf[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "log { target = \"${DIR}/log.json\"  connections = false }\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "    first_byte_timeout = 0s  idle_timeout = 0s }\n";

static const char *const workers[] = { "worker 1", "worker 2" };
static const char *const masters[] = { "master", "master" };

/* Every connection its own text. */
static void
say_each(const int *fds, size_t from, size_t to, int round)
{
	char text[64];
	size_t i;

	for (i = from; i < to; i++) {
		snprintf(text, sizeof text, "connection %zu round %d\n", i,
		    round);
		client_say(fds[i], text);
	}
}

static void
hear_each(const int *fds, size_t n, int round)
{
	char text[64];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof text, "connection %zu round %d\n", i,
		    round);
		client_expect(fds[i], text);
	}
}

/* Killed while half of the requests are there and the others come. */
static void
kill_rounds(struct srv *srv, const int *fds, size_t n, const char *const who[2],
    const char *event)
{
	int i;

	for (i = 0; i < KILLS; i++) {
		srv_mark(srv);
		say_each(fds, 0, n / 2, i);
		if (!srv_kill(srv, who[i % 2]))
			fail_msg("no process is called %s", who[i % 2]);
		say_each(fds, n / 2, n, i);
		srv_wait_event(srv, event, NULL);
		hear_each(fds, n, i);
	}
}

static void
test_kill(void **state)
{
	size_t n = test_fit_files(test_scale(CONNECTIONS, 2), SPARE);
	struct srv *srv = srv_start(conf);
	int *fds = client_open_many(n, srv_addr(srv, "e", 0));

	(void)state;
	say_each(fds, 0, n, -1);
	hear_each(fds, n, -1);
	assert_int_equal(srv_audit_count(srv, "open"), n);
	kill_rounds(srv, fds, n, workers, "worker.ready");
	assert_int_equal(srv_audit_count(srv, "open"), n);
	kill_rounds(srv, fds, n, masters, "master.restart");
	assert_int_equal(srv_audit_count(srv, "open"), n);
	assert_int_equal(srv_audit_count(srv, "accepted"), n);
	assert_int_equal(srv_audit_count(srv, "lost"), 0);
	print_message("%zu connections, %d kills of workers, %d of the "
	    "master: none lost\n", n, KILLS, KILLS);
	client_close_many(&fds, n);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_kill, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
