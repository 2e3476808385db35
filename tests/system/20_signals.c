/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals to the pid in the pid file, and `belay stop`, which is the same:
 * what each does to a connection at rest and to one that waits for its reply.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

/* A message with "slow" in it waits for the whole test, "wait" for a bit. */
static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 1h delay_if = \"slow\" } }\n"
    "service \"w\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 200ms } }\n";

static void
hello(int fd, const char *text)
{
	client_say(fd, text);
	client_expect(fd, text);
}

/* One that is served and rests, one whose reply never comes. */
static void
two_clients(struct srv *srv, int *rests, int *slow)
{
	const char *addr = srv_addr(srv, "e", 0);

	*rests = client_open(addr);
	hello(*rests, "hi");
	*slow = client_open(addr);
	client_say(*slow, "slow");
	look_wait_number(srv, "services.0.bytes_in", 6);
}

/* What is cut ends at once, by FIN or by RST. */
static void
expect_end(int *fd)
{
	char c;

	if (!client_readable(*fd, LIMIT_MS))
		fail_msg("a connection that was cut does not end");
	assert_true(read(*fd, &c, 1) <= 0);
	client_close(fd);
}

static void
check_stop(struct srv *srv, int finished, int cut)
{
	srv_wait_event(srv, "master.stop", "{s:i, s:i}", "finished", finished,
	    "cut", cut);
}

static void
test_graceful(void **state)
{
	static const int signals[] = { SIGTERM, SIGQUIT };
	struct srv *srv;
	int rests, slow;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(signals); i++) {
		srv = srv_start("%s", conf);
		two_clients(srv, &rests, &slow);
		srv_signal(srv, signals[i]);
		client_expect_eof(rests);
		client_close(&rests);
		srv_wait_event(srv, "conn.close", "{s:s}", "reason", "drain");
		srv_wait_event(srv, "master.state", "{s:s, s:s}", "state",
		    "running", "next", "draining");
		/* The other is waited for: a second signal cuts it. */
		assert_false(client_readable(slow, 0));
		srv_signal(srv, SIGTERM);
		expect_end(&slow);
		assert_int_equal(srv_wait_end(srv), 0);
		check_stop(srv, 1, 1);
		srv_finish(&srv);
	}
}

static void
test_now(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int rests, slow;

	(void)state;
	two_clients(srv, &rests, &slow);
	srv_signal(srv, SIGINT);
	client_expect_eof(rests);	/* nothing was cut there */
	client_close(&rests);
	expect_end(&slow);
	assert_int_equal(srv_wait_end(srv), 0);
	check_stop(srv, 1, 1);
	srv_finish(&srv);
}

/* INT cuts a drain short as a second TERM does. */
static void
test_now_after_graceful(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int rests, slow;

	(void)state;
	two_clients(srv, &rests, &slow);
	srv_signal(srv, SIGQUIT);
	client_expect_eof(rests);
	srv_signal(srv, SIGINT);
	expect_end(&slow);
	assert_int_equal(srv_wait_end(srv), 0);
	client_close(&rests);
	srv_finish(&srv);
}

/* Those that change something, under a connection that stays open: the events
 * each must lead to. */
static void
test_others(void **state)
{
	static const struct {
		int signo, workers;
		const char *events[4];
	} rows[] = {
		{ SIGHUP, 2, { "reload.begin", "worker.moved",
		    "reload.done" } },
		{ SIGTTIN, 3, { "worker.start", "worker.ready" } },
		{ SIGTTOU, 2, { "worker.exit" } },
		{ SIGUSR2, 2, { "upgrade.begin", "worker.moved",
		    "upgrade.done" } },
		{ SIGUSR1, 2, { "log.reopen" } },
	};
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));
	size_t i, k;

	(void)state;
	hello(fd, "hi");
	for (i = 0; i < nitems(rows); i++) {
		srv_mark(srv);
		srv_signal(srv, rows[i].signo);
		for (k = 0; rows[i].events[k] != NULL; k++)
			srv_wait_event(srv, rows[i].events[k], NULL);
		hello(fd, "still here");
		assert_int_equal(srv_ready_workers(srv), rows[i].workers);
	}
	client_close(&fd);
	srv_finish(&srv);
}

static void
test_nothing(void **state)
{
	static const int signals[] = {
		SIGCHLD, SIGPIPE, SIGWINCH, SIGALRM, SIGTSTP, SIGCONT, SIGURG
	};
	struct srv *srv = srv_start("%s", conf);
	size_t i;
	int fd;

	(void)state;
	fd = client_open(srv_addr(srv, "e", 0));
	srv_mark(srv);
	for (i = 0; i < nitems(signals); i++)
		srv_signal(srv, signals[i]);
	hello(fd, "hi");
	client_close(&fd);
	srv_wait_event(srv, "conn.close", NULL);
	assert_int_equal(srv_count_events(srv, "master.state", NULL), 0);
	srv_finish(&srv);
}

/* Terminal signals reach the whole foreground group, but mean the anchor. */
static void
test_children_ignore(void **state)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP,
	    SIGTSTP };
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));
	pid_t pids[LOOK_PIDS_MAX];
	size_t i, k, n;

	(void)state;
	hello(fd, "hi");
	n = look_pids(srv, pids);
	for (i = 1; i < n; i++)
		for (k = 0; k < nitems(signals); k++)
			assert_int_equal(kill(pids[i], signals[k]), 0);
	hello(fd, "still there");
	assert_int_equal(srv_count_events(srv, "worker.exit", NULL), 0);
	assert_int_equal(srv_count_events(srv, "master.restart", NULL), 0);
	client_close(&fd);
	srv_finish(&srv);
}

/* `belay stop` waits for the one that is served, and says how it went. */
static void
test_stop_verb(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int *rest = client_open_many(3, srv_addr(srv, "e", 0));
	int late = client_open(srv_addr(srv, "w", 0)), i;
	struct proc p;

	(void)state;
	for (i = 0; i < 3; i++)
		hello(rest[i], "hi");
	client_say(late, "late");
	look_wait_number(srv, "services.1.bytes_in", 4);
	srv_verb_start(srv, &p, "stop", NULL);
	for (i = 0; i < 3; i++)
		client_expect_eof(rest[i]);
	client_expect(late, "late");
	client_expect_eof(late);
	assert_int_equal(proc_wait(&p), 0);
	assert_string_equal(p.out,
	    "stopped: 4 connections finished, 0 were cut\n");
	proc_end(&p);
	assert_int_equal(srv_wait_end(srv), 0);
	client_close(&late);
	client_close_many(&rest, 3);
	srv_finish(&srv);
}

static void
test_stop_now_verb(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int rests, slow;
	struct proc p;

	(void)state;
	two_clients(srv, &rests, &slow);
	assert_int_equal(srv_verb(srv, &p, "stop", "--now", NULL), 0);
	assert_string_equal(p.out,
	    "stopped: 1 connections finished, 1 were cut\n");
	proc_end(&p);
	client_expect_eof(rests);
	client_close(&rests);
	expect_end(&slow);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_finish(&srv);
}

/* The drain goes on when the verb gives up; a second stop waits with it. */
static void
test_stop_timeout(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int rests, slow, second;
	char addr[96], text[256];
	struct proc p;
	size_t n;

	(void)state;
	two_clients(srv, &rests, &slow);
	assert_int_equal(srv_verb(srv, &p, "stop", "--timeout", "50ms", NULL),
	    1);
	look_holds(p.err, "still runs");
	proc_end(&p);
	client_expect_eof(rests);
	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "control.sock"));
	second = client_open(addr);
	client_say(second, "{\"verb\":\"stop\"}\n");
	json_decref(look_status(srv));	/* asked later: it has been read */
	assert_int_equal(srv_verb(srv, &p, "stop", "--now", NULL), 0);
	look_holds(p.out, "1 connections finished, 1 were cut");
	proc_end(&p);
	n = client_recv_all(second, text, sizeof text - 1);
	text[n] = '\0';
	look_holds(text, "\"finished\":1,\"cut\":1");
	client_close(&second);
	expect_end(&slow);
	client_close(&rests);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_graceful, test_end),
		cmocka_unit_test_teardown(test_now, test_end),
		cmocka_unit_test_teardown(test_now_after_graceful, test_end),
		cmocka_unit_test_teardown(test_others, test_end),
		cmocka_unit_test_teardown(test_nothing, test_end),
		cmocka_unit_test_teardown(test_children_ignore, test_end),
		cmocka_unit_test_teardown(test_stop_verb, test_end),
		cmocka_unit_test_teardown(test_stop_now_verb, test_end),
		cmocka_unit_test_teardown(test_stop_timeout, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
