/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reload: what a new configuration changes under open connections, by verb and
 * by HUP; the connections themselves go on.
 */
#include <sys/socket.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/change.h"
#include "tests/system/lib/look.h"

enum { CONNS = 100, WINDOW = 2000, FLOW = 4000, STEPS = 100 };

#define ECHO(name, addr) "service \"" name "\" { handler = \"echo\"\n" \
	"listen = {\"" addr "\"} }\n"

static const char conf[] = "workers = 2\n" ECHO("e", "127.0.0.1:0");

static void
hello(int fd, const char *text)
{
	client_say(fd, text);
	client_expect(fd, text);
}

/* The same file again, and again: the same connections, the same bytes. */
static void
test_same(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	json_t *rec;

	(void)state;
	change_must(srv, s, "reload", NULL, "reloaded: generation 2, "
	    "2 workers, 100 connections kept\n");
	streams_flow(s, FLOW);
	srv_mark(srv);
	srv_signal(srv, SIGHUP);
	rec = change_wait_event(srv, s, "reload.done");
	assert_string_equal(json_string_value(json_object_get(rec, "result")),
	    "reloaded: generation 3, 2 workers, 100 connections kept");
	streams_flow(s, FLOW);
	assert_int_equal(srv_count_events(srv, "worker.moved", NULL) > 0, 1);
	assert_int_equal(srv_count_events(srv, "conn.close", NULL), 0);
	change_wait_even(srv, s, 2);
	assert_int_equal(srv_audit_count(srv, "open"), CONNS);
	change_none_lost(&s);
	srv_finish(&srv);
}

static void
test_added(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int old = client_open(srv_addr(srv, "e", 0)), fd;

	(void)state;
	hello(old, "before");
	srv_conf(srv, "%s%s", conf, ECHO("new", "127.0.0.1:0"));
	change_must(srv, NULL, "reload", NULL, "reloaded: generation 2");
	hello(old, "after");
	fd = client_open(srv_addr(srv, "new", 0));
	hello(fd, "hi");
	srv_wait_event(srv, "conn.open", "{s:s}", "service", "new");
	client_close(&fd);
	fd = client_open(srv_addr(srv, "e", 0));
	hello(fd, "hi");
	client_close(&fd);
	client_close(&old);
	srv_finish(&srv);
}

/* Its address is free at once; its connections have until drain_timeout. */
static void
stays_until_drained(const char *now, const char *with)
{
	struct srv *srv = srv_start("drain_timeout = 2s\n%s%s", conf, now);
	const char *addr = srv_addr(srv, "gone", 0);
	int rests = client_open(addr), other = client_open(srv_addr(srv, "e",
	    0));

	hello(rests, "before");
	hello(other, "before");
	srv_conf(srv, "drain_timeout = 2s\n%s%s", conf, with);
	srv_signal(srv, SIGHUP);
	srv_wait_event(srv, "worker.moved", NULL);
	srv_wait_event(srv, "listener.open", NULL);
	hello(rests, "in the slot that leaves");
	hello(other, "in the new one");
	change_wait_slots(srv, 2, 1);
	srv_wait_event(srv, "conn.close", "{s:s, s:s}", "service", "gone",
	    "reason", "drain");
	client_expect_eof(rests);
	srv_wait_event(srv, "reload.done", NULL);
	hello(other, "still here");
	assert_int_equal(client_try(addr), -1);
	assert_int_equal(errno, ECONNREFUSED);
	change_wait_even(srv, NULL, 2);
	client_close(&rests);
	client_close(&other);
	srv_finish(&srv);
}

static void
test_removed(void **state)
{
	(void)state;
	stays_until_drained(ECHO("gone", "127.0.0.1:0"), "");
}

/* Another handler is another service. */
static void
test_other_handler(void **state)
{
	(void)state;
	stays_until_drained(ECHO("gone", "127.0.0.1:0"), "service \"gone\" { "
	    "handler = \"discard\" listen = {\"127.0.0.1:0\"} }\n");
}

/* The address is the same: newcomers get the new name, without a pause. */
static void
test_renamed(void **state)
{
	int port = change_free_port(), old, fd;
	struct srv *srv = srv_start("drain_timeout = 1s\nservice \"old\" { "
	    "handler = \"echo\" listen = {\"127.0.0.1:%d\"} }\n", port);
	const char *addr = srv_addr(srv, "old", 0);
	json_t *status;

	(void)state;
	old = client_open(addr);
	hello(old, "before");
	srv_conf(srv, "drain_timeout = 1s\nservice \"new\" { "
	    "handler = \"echo\" listen = {\"127.0.0.1:%d\"} }\n", port);
	change_must(srv, NULL, "reload", NULL, "reloaded: generation 2");
	srv_wait_event(srv, "conn.close", "{s:s, s:s}", "service", "old",
	    "reason", "drain");
	client_expect_eof(old);
	fd = client_open(addr);
	hello(fd, "hi");
	srv_wait_event(srv, "conn.open", "{s:s}", "service", "new");
	status = look_status(srv);
	assert_int_equal(look_number(status, "services.0.connections"), 1);
	look_number(status, "services.0.listeners.0.backlog");
	json_decref(status);
	client_close(&fd);
	client_close(&old);
	srv_finish(&srv);
}

/* A connection that has moved gets what the new configuration says. */
static void
test_option(void **state)
{
	static const char reply[] = "service \"r\" { handler = \"reply\"\n"
	    "listen = {\"127.0.0.1:0\"} reply { text = \"%s\" close = false "
	    "wait = true } }\n";
	static const char *const texts[] = { "one", "two", "three" };
	struct srv *srv = srv_new();
	int fd = -1;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(texts); i++) {
		srv_conf(srv, reply, texts[i]);
		if (i == 0)
			srv_boot(srv);
		else
			change_must(srv, NULL, "reload", NULL, "1 connections "
			    "kept");
		if (fd == -1)
			fd = client_open(srv_addr(srv, "r", 0));
		client_say(fd, "?\n");
		client_expect(fd, texts[i]);
	}
	client_close(&fd);
	srv_finish(&srv);
}

static void
test_workers(void **state)
{
	static const int workers[] = { 4, 1, 3, 2 };
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	char says[64];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(workers); i++) {
		srv_conf(srv, "workers = %d\n%s", workers[i],
		    ECHO("e", "127.0.0.1:0"));
		snprintf(says, sizeof says, "%d workers, 100 connections kept",
		    workers[i]);
		change_must(srv, s, "reload", NULL, says);
		streams_flow(s, FLOW);
		change_wait_even(srv, s, (size_t)workers[i]);
	}
	/* What was scaled goes back to the file. */
	change_must(srv, s, "scale", "4", "4 workers");
	change_must(srv, s, "reload", NULL, "2 workers");
	change_none_lost(&s);
	srv_finish(&srv);
}

/* From one address to one that covers it and back, with newcomers all the
 * while: none is refused, none is reset. */
static void
test_address(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0",
	    "127.0.0.1", "[::]", "0.0.0.0", "127.0.0.1" };
	static const char service[] = "workers = 2\nservice \"e\" { "
	    "handler = \"echo\" v6only = %s listen = {\"%s:%d\"} }\n";
	int port = change_free_port();
	struct srv *srv = srv_start(service, "true", hosts[0], port);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	struct churn *c = churn_open(8, srv_addr(srv, "e", 0), 1);
	struct churn_sum sum;
	int64_t deadline;
	size_t i, n;

	(void)state;
	for (i = 1; i < nitems(hosts); i++) {
		if (hosts[i][0] == '[' && !test_has_v6())
			continue;
		srv_conf(srv, service, hosts[i][0] == '[' ? "false" : "true",
		    hosts[i], port);
		srv_mark(srv);
		srv_signal(srv, SIGHUP);
		deadline = test_deadline_ms();
		for (n = 0; n < STEPS || srv_count_events(srv, "reload.done",
		    NULL) == 0; n++) {
			assert_true(test_left_ms(deadline) > 0);
			assert_int_equal(srv_count_events(srv, "reload.failed",
			    NULL), 0);
			churn_step(c, 5);
			streams_step(s, 0);
		}
		assert_int_equal(srv_count_events(srv, "listener.close",
		    NULL), 1);
	}
	sum = churn_finish(&c);
	assert_int_equal(sum.lost, 0);
	assert_true(sum.done > 100);
	change_none_lost(&s);
	srv_finish(&srv);
}

/* Who would not be let in now is ended when the connection arrives. */
static void
test_acl(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0)), late;

	(void)state;
	hello(fd, "before");
	srv_conf(srv, "workers = 2\nservice \"e\" { handler = \"echo\"\n"
	    "listen = {\"127.0.0.1:0\"} deny = {\"127.0.0.0/8\"} }\n");
	change_must(srv, NULL, "reload", NULL, "0 connections kept");
	srv_wait_event(srv, "conn.reject", "{s:s, s:s}", "client",
	    client_local(fd), "reason", "acl");
	client_expect_eof(fd);
	assert_int_equal(srv_audit_count(srv, "rejected"), 1);
	late = client_open(srv_addr(srv, "e", 0));
	srv_wait_event(srv, "conn.reject", "{s:s, s:s}", "client",
	    client_local(late), "reason", "acl");
	client_close(&late);
	client_close(&fd);
	/* And back. */
	srv_conf(srv, "%s", conf);
	change_must(srv, NULL, "reload", NULL, "reloaded: generation 3");
	fd = client_open(srv_addr(srv, "e", 0));
	hello(fd, "hi");
	client_close(&fd);
	srv_finish(&srv);
}

static void
check_file(struct srv *srv, const char *name, const char *word, bool has)
{
	char *text = look_file(srv_path(srv, name), NULL);

	assert_non_null(text);
	if ((strstr(text, word) != NULL) != has)
		fail_msg("%s in %s: %s", word, name, text);
	free(text);
}

static void
test_log(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	const char *addr = srv_addr(srv, "e", 0);
	int fd;

	(void)state;
	srv_file(srv, "other.json", "");
	srv_conf(srv, "log { target = \"%s\" level = \"warn\" }\n%s",
	    srv_path(srv, "other.json"), conf);
	change_must(srv, NULL, "reload", NULL, "reloaded: generation 2");
	fd = client_open(addr);
	hello(fd, "hi");
	client_reset(&fd);
	/* Only what is bad: a second reload that fails. */
	srv_conf(srv, "log { target = \"%s\" level = \"warn\" }\nx = 1\n%s",
	    srv_path(srv, "other.json"), conf);
	change_must_not(srv, NULL, "reload", NULL, "x is not known");
	check_file(srv, "other.json", "\"event\":\"reload.failed\"", true);
	check_file(srv, "other.json", "\"level\":\"info\"", false);
	check_file(srv, "log.json", "reload.failed", false);
	srv_mark(srv);
	srv_conf(srv, "%s", conf);
	change_must(srv, NULL, "reload", NULL, "reloaded: generation 3");
	fd = client_open(addr);
	hello(fd, "hi");
	srv_wait_event(srv, "conn.open", NULL);
	client_close(&fd);
	srv_finish(&srv);
}

/* They keep their values, and are named. */
static void
test_restart_keys(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));

	(void)state;
	hello(fd, "before");
	srv_conf(srv, "pid_file = \"%s\"\nlog { target = \"stderr\" }\n%s",
	    srv_path(srv, "other.pid"), conf);
	change_must(srv, NULL, "reload", NULL, "1 connections kept; for these "
	    "a restart is needed: pid_file, log.target\n");
	hello(fd, "after");
	srv_wait_event(srv, "reload.done", NULL);
	assert_true(look_exists(srv_path(srv, "belay.pid")));
	assert_false(look_exists(srv_path(srv, "other.pid")));
	client_close(&fd);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_same, test_end),
		cmocka_unit_test_teardown(test_added, test_end),
		cmocka_unit_test_teardown(test_removed, test_end),
		cmocka_unit_test_teardown(test_other_handler, test_end),
		cmocka_unit_test_teardown(test_renamed, test_end),
		cmocka_unit_test_teardown(test_option, test_end),
		cmocka_unit_test_teardown(test_workers, test_end),
		cmocka_unit_test_teardown(test_address, test_end),
		cmocka_unit_test_teardown(test_acl, test_end),
		cmocka_unit_test_teardown(test_log, test_end),
		cmocka_unit_test_teardown(test_restart_keys, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
