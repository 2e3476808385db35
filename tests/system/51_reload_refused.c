/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reloads that come to nothing: whoever asked is told why, the old
 * configuration serves on, and nothing of the new one is left.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/change.h"
#include "tests/system/lib/look.h"

enum { CONNS = 50, WINDOW = 2000, FLOW = 4000, TRIES = 20 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 1h delay_if = \"slow\" } }\n";
static const char still[] =
    "belay reload: the old configuration serves on\n";

static void
hello(int fd, const char *text)
{
	client_say(fd, text);
	client_expect(fd, text);
}

/* As it was: generation, processes, listeners, bytes. */
static void
check_old(struct srv *srv, struct streams *s, int generation)
{
	json_t *status;

	streams_flow(s, FLOW);
	change_wait_even(srv, s, 2);
	status = look_status(srv);
	assert_int_equal(look_number(status, "generation"), generation);
	assert_int_equal(json_array_size(json_object_get(status, "services")),
	    1);
	assert_string_equal(json_string_value(json_object_get(status,
	    "state")), "running");
	json_decref(status);
	assert_int_equal(srv_count_processes(srv), 5);
	assert_int_equal(srv_audit_count(srv, "open"), CONNS);
}

static void
test_broken(void **state)
{
	static const struct { const char *text, *says; } rows[] = {
		{ "nonsense = 1\n", "belay.conf:4: nonsense is not known" },
		{ "workers = many\n", "belay.conf:4: " },
		{ "service \"x\" { handler = \"ehco\" }\n", "belay.conf:4: " },
		{ "service \"e\" {\n", "belay.conf:" },
		{ "/* no end\n", "belay.conf:4: the comment that starts" },
		{ "include(\"none.conf\")\n", "belay.conf:4: " },
		{ "user = \"${SURELY_NOT_SET}\"\n", "belay.conf:4: " },
		{ "\001\n", "belay.conf:4: byte 0x01" },
	};
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	struct proc p;
	json_t *rec;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		/* Two paths are written first: this is line 4. */
		srv_conf(srv, "log { target = \"%s\" }\n%s%s",
		    srv_path(srv, "log.json"), rows[i].text, conf);
		srv_mark(srv);
		if (change_verb(srv, s, &p, "reload", NULL) != 1)
			fail_msg("%s: %d: %s%s", rows[i].text, p.status,
			    p.out, p.err);
		assert_string_equal(p.out, "");
		look_holds(p.err, rows[i].says);
		assert_true(p.err_len > strlen(still));
		assert_string_equal(p.err + p.err_len - strlen(still), still);
		proc_end(&p);
		rec = srv_wait_event(srv, "reload.failed", NULL);
		look_holds(json_string_value(json_object_get(rec, "reason")),
		    rows[i].says);
	}
	check_old(srv, s, 1);
	/* Each was a try of its own, none counted. */
	srv_conf(srv, "%s", conf);
	change_must(srv, s, "reload", NULL, "reloaded: generation 2");
	check_old(srv, s, 2);
	change_none_lost(&s);
	srv_finish(&srv);
}

/* All or nothing: a service that could listen goes again with one that can
 * not. */
static void
test_busy_port(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	int holder, busy = change_taken_port(&holder), unused;
	char says[64];

	(void)state;
	unused = change_free_port();
	srv_conf(srv, "%sservice \"a\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:%d\"} }\nservice \"b\" { "
	    "handler = \"echo\" listen = {\"127.0.0.1:%d\"} }\n", conf,
	    unused, busy);
	snprintf(says, sizeof says, "service \"b\": 127.0.0.1:%d: ", busy);
	change_must_not(srv, s, "reload", NULL, says);
	srv_wait_event(srv, "listener.close", "{s:s}", "service", "a");
	change_must_not(srv, s, "reload", NULL, "held by pid");
	change_must_not(srv, s, "reload", NULL, still);
	check_old(srv, s, 1);
	fd_close(&holder);
	change_must(srv, s, "reload", NULL, "reloaded: generation 2");
	change_none_lost(&s);
	srv_finish(&srv);
}

/* Asks as the verbs do, without waiting. */
static int
ask(struct srv *srv, const char *request)
{
	char addr[128];
	int fd;

	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "control.sock"));
	fd = client_open(addr);
	client_say(fd, request);
	return fd;
}

static void
expect_answer(int *fd, const char *word)
{
	char text[4096];
	size_t n = client_recv_all(*fd, text, sizeof text - 1);

	text[n] = '\0';
	look_holds(text, word);
	client_close(fd);
}

static const char reload[] = "{\"verb\":\"reload\"}\n";

/* There when it was checked, gone when it is used. */
static void
test_unreadable(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	int fd;

	(void)state;
	assert_int_equal(unlink(srv_path(srv, "belay.conf")), 0);
	srv_signal(srv, SIGHUP);
	srv_wait_event(srv, "reload.failed", NULL);
	fd = ask(srv, reload);
	expect_answer(&fd, "cannot be opened: No such file");
	srv_conf(srv, "%s", conf);
	check_old(srv, s, 1);
	change_must(srv, s, "reload", NULL, "reloaded: generation 2");
	change_none_lost(&s);
	srv_finish(&srv);
}

static void
test_two_at_once(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	int first = ask(srv, reload), second = ask(srv, reload), third;

	(void)state;
	expect_answer(&second, "\"error\":\"another transition is running\"");
	third = ask(srv, "{\"verb\":\"scale\",\"to\":\"3\"}\n");
	expect_answer(&third, "another transition is running");
	expect_answer(&first, "reloaded: generation 2");
	srv_wait_event(srv, "reload.failed", "{s:s}", "reason",
	    "another transition is running");
	check_old(srv, s, 2);
	change_none_lost(&s);
	srv_finish(&srv);
}

static void
test_during_stop(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int slow = client_open(srv_addr(srv, "e", 0));
	struct proc p;

	(void)state;
	client_say(slow, "slow");
	look_wait_number(srv, "services.0.bytes_in", 4);
	srv_signal(srv, SIGTERM);
	srv_wait_event(srv, "master.state", "{s:s}", "next", "draining");
	assert_int_equal(srv_verb(srv, &p, "reload", NULL), 1);
	assert_string_equal(p.err, "belay reload: the server is stopping\n");
	proc_end(&p);
	srv_signal(srv, SIGHUP);
	srv_wait_nth(srv, 2, "reload.failed", NULL);
	client_reset(&slow);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_finish(&srv);
}

/* A stop in the midst of it: fresh slots leave with the old ones. */
static void
test_stop_during(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct srv *srv;
	int fd, asker;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(signals); i++) {
		srv = srv_start("%s", conf);
		fd = client_open(srv_addr(srv, "e", 0));
		hello(fd, "hi");
		asker = ask(srv, reload);
		srv_wait_event(srv, "reload.begin", NULL);
		srv_signal(srv, signals[i]);
		expect_answer(&asker, "\"error\":\"the server stops\"");
		client_expect_eof(fd);
		client_close(&fd);
		assert_int_equal(srv_wait_end(srv), 0);
		srv_finish(&srv);
	}
}

/* HUP, then SIGKILL to the first fresh worker that is seen: whoever is quicker,
 * it is rolled back or has happened. */
static bool
kill_fresh(struct srv *srv)
{
	size_t begun;
	json_t *rec;

	srv_mark(srv);
	srv_signal(srv, SIGHUP);
	rec = srv_wait_event(srv, "worker.start", NULL);
	kill((pid_t)json_integer_value(json_object_get(rec, "worker_pid")),
	    SIGKILL);
	do
		begun = srv_count_events(srv, "reload.done", NULL) +
		    srv_count_events(srv, "reload.failed", NULL);
	while (begun == 0 && srv_log_wait(srv, test_deadline_ms()));
	return srv_count_events(srv, "reload.failed", "{s:s}", "reason",
	    "a worker of the new configuration crashed or did not start; "
	    "the log says why") > 0;
}

static void
test_canary_dies(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	bool failed = false;
	json_t *status;
	int i, before;

	(void)state;
	for (i = 0; i < TRIES && !failed; i++) {
		status = look_status(srv);
		before = (int)look_number(status, "generation");
		json_decref(status);
		failed = kill_fresh(srv);
		if (failed)
			check_old(srv, s, before);
		streams_flow(s, FLOW);
	}
	assert_true(failed);
	change_none_lost(&s);
	srv_finish(&srv);
}

/* A master that dies in the midst of it: taken back before the commit, done
 * after it. */
static void
test_master_dies(void **state)
{
	static const char *const when[] = { "reload.begin", "worker.ready",
	    "worker.moved", "worker.exit" };
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	size_t i;

	(void)state;
	for (i = 0; i < nitems(when); i++) {
		srv_mark(srv);
		srv_signal(srv, SIGHUP);
		change_wait_event(srv, s, when[i]);
		assert_true(srv_kill(srv, "master"));
		srv_wait_event(srv, "master.restart", NULL);
		while (srv_count_events(srv, "reload.done", NULL) +
		    srv_count_events(srv, "reload.failed", NULL) == 0)
			assert_true(srv_log_wait(srv, test_deadline_ms()));
		streams_flow(s, FLOW);
		change_wait_even(srv, s, 2);
	}
	change_must(srv, s, "reload", NULL, "50 connections kept");
	change_none_lost(&s);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_broken, test_end),
		cmocka_unit_test_teardown(test_busy_port, test_end),
		cmocka_unit_test_teardown(test_unreadable, test_end),
		cmocka_unit_test_teardown(test_two_at_once, test_end),
		cmocka_unit_test_teardown(test_during_stop, test_end),
		cmocka_unit_test_teardown(test_stop_during, test_end),
		cmocka_unit_test_teardown(test_canary_dies, test_end),
		cmocka_unit_test_teardown(test_master_dies, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
