/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers more and fewer, by verb and by signal, under open connections: none
 * is lost, no byte is wrong, and each worker has its share.
 */
#include <signal.h>
#include <stdio.h>

#include "tests/system/lib/change.h"
#include "tests/system/lib/look.h"

enum { CONNS = 300, WINDOW = 2000, FLOW = 4000, STEPS = 100 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
check(struct srv *srv, struct streams *s, size_t workers)
{
	streams_flow(s, FLOW);
	change_wait_even(srv, s, workers);
	assert_int_equal(srv_audit_count(srv, "open"), CONNS);
	assert_int_equal(srv_audit_count(srv, "lost"), 0);
	/* The master, and two for each slot. */
	assert_int_equal(srv_count_processes(srv), 1 + 2 * workers);
}

static void
test_verb(void **state)
{
	static const struct {
		const char *to, *says;
		size_t workers;
	} rows[] = {
		{ "+1", "3 workers", 3 }, { "4", "4 workers", 4 },
		{ "4", "4 workers", 4 }, { "-2", "2 workers", 2 },
		{ "1", "1 workers", 1 }, { "+3", "4 workers", 4 },
		{ "2", "2 workers", 2 },
	};
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		change_must(srv, s, "scale", rows[i].to, rows[i].says);
		check(srv, s, rows[i].workers);
	}
	change_none_lost(&s);
	srv_finish(&srv);
}

static void
test_signals(void **state)
{
	static const int signals[] = { SIGTTIN, SIGTTIN, SIGTTOU, SIGTTOU,
	    SIGTTOU, SIGTTIN };
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	size_t i, workers = 2;

	(void)state;
	for (i = 0; i < nitems(signals); i++) {
		srv_signal(srv, signals[i]);
		workers += signals[i] == SIGTTIN ? 1 : (size_t)-1;
		check(srv, s, workers);
	}
	change_none_lost(&s);
	srv_finish(&srv);
}

/* Not waited for in between: what was begun is overtaken. */
static void
test_overtaken(void **state)
{
	static const char *const to[] = { "4", "1", "3", "2", "4", "3" };
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	struct proc p[nitems(to)];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(to); i++)
		srv_verb_start(srv, &p[i], "scale", to[i], NULL);
	for (i = 0; i < nitems(to); i++) {
		if (proc_wait(&p[i]) != 0)
			fail_msg("scale %s: %s%s", to[i], p[i].out, p[i].err);
		proc_end(&p[i]);
	}
	change_must(srv, s, "scale", "3", "3 workers");
	check(srv, s, 3);
	change_none_lost(&s);
	srv_finish(&srv);
}

static void
test_refused(void **state)
{
	static const struct { const char *to, *says; } rows[] = {
		{ "0", "at least one worker stays" },
		{ "-1", "at least one worker stays" },
		{ "-5", "at least one worker stays" },
		{ "129", "at most 128 workers" },
		{ "99999999999999999999", "scale takes a number" },
	};
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	size_t i;

	(void)state;
	change_must(srv, s, "scale", "1", "1 workers");
	for (i = 0; i < nitems(rows); i++)
		change_must_not(srv, s, "scale", rows[i].to, rows[i].says);
	srv_mark(srv);
	srv_signal(srv, SIGTTOU);
	srv_wait_event(srv, "config.warning", "{s:s, s:s}", "msg",
	    "scale was refused", "reason", "at least one worker stays");
	check(srv, s, 1);
	change_none_lost(&s);
	srv_finish(&srv);
}

/* Newcomers all the while: none is refused, none is cut. */
static void
test_newcomers(void **state)
{
	static const struct { int signo; const char *event; } rows[] = {
		{ SIGTTIN, "worker.ready" }, { SIGTTIN, "worker.ready" },
		{ SIGTTOU, "worker.exit" }, { SIGTTOU, "worker.exit" },
		{ SIGTTOU, "worker.exit" }, { SIGTTIN, "worker.ready" },
	};
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(CONNS, srv_addr(srv, "e", 0), WINDOW);
	struct churn *c = churn_open(16, srv_addr(srv, "e", 0), 1);
	int64_t deadline = test_deadline_ms();
	struct churn_sum sum;
	size_t i, n;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		srv_mark(srv);
		srv_signal(srv, rows[i].signo);
		for (n = 0; n < STEPS || srv_count_events(srv, rows[i].event,
		    NULL) == 0; n++) {
			assert_true(test_left_ms(deadline) > 0);
			churn_step(c, 5);
			streams_step(s, 0);
		}
	}
	sum = churn_finish(&c);
	assert_int_equal(sum.lost, 0);
	assert_true(sum.done > 100);
	change_wait_even(srv, s, 2);
	change_none_lost(&s);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_verb, test_end),
		cmocka_unit_test_teardown(test_signals, test_end),
		cmocka_unit_test_teardown(test_overtaken, test_end),
		cmocka_unit_test_teardown(test_refused, test_end),
		cmocka_unit_test_teardown(test_newcomers, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
