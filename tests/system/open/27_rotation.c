/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rotation as logrotate does it: rename, tell the server, go on.  All of its
 * processes write to the new file, and no record is lost on the way.
 */
#include <sys/stat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

enum { ROTATIONS = 10, VISITS = 2000, AT_ONCE = 10, STEPS = 600 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static const char *
moved_path(struct srv *srv, int i)
{
	char name[32];

	snprintf(name, sizeof name, "log.json.%d", i);
	return srv_path(srv, name);
}

/* By the signal and by the verb, in turn; the verb returns when it is done. */
static void
rotate(struct srv *srv, int i)
{
	struct proc p;

	srv_mark(srv);
	assert_int_equal(rename(srv_path(srv, "log.json"),
	    moved_path(srv, i)), 0);
	if (i % 2 == 0) {
		srv_signal(srv, SIGUSR1);
	} else {
		assert_int_equal(srv_verb(srv, &p, "reopen", NULL), 0);
		proc_end(&p);
	}
	srv_wait_event(srv, "log.reopen", "{s:s}", "level", "info");
}

/* No process has the moved file open any more. */
static void
check_let_go(struct srv *srv, int i)
{
	pid_t pids[LOOK_PIDS_MAX];
	size_t k, n = look_pids(srv, pids);
	int64_t deadline = test_deadline_ms();

	for (k = 0; k < n; k++)
		while (look_has_open(pids[k], moved_path(srv, i)))
			if (test_left_ms(deadline) == 0)
				fail_msg("process %d keeps the old log",
				    (int)pids[k]);
}

static size_t
records_in(struct srv *srv, const char *path)
{
	char *text = look_file(path, NULL);
	size_t n;

	(void)srv;
	assert_non_null(text);
	n = look_count(text, "\"event\":\"conn.close\"");
	free(text);
	return n;
}

static void
test_none_lost(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct churn *c = churn_open(AT_ONCE, srv_addr(srv, "e", 0), 1);
	struct churn_sum sum;
	size_t records = 0;
	int i, k;

	(void)state;
	for (i = 0; i < ROTATIONS; i++) {
		for (k = 0; k < STEPS; k += churn_step(c, 100))
			;
		rotate(srv, i);
		check_let_go(srv, i);
	}
	sum = churn_finish(&c);
	assert_int_equal(sum.lost, 0);
	assert_true(sum.done >= VISITS);
	srv->mark = 0;
	srv_wait_nth(srv, sum.done, "conn.close", NULL);
	assert_int_equal(srv_stop(srv), 0);
	for (i = 0; i < ROTATIONS; i++) {
		records += records_in(srv, moved_path(srv, i));
		assert_int_equal(unlink(moved_path(srv, i)), 0);
	}
	records += records_in(srv, srv_path(srv, "log.json"));
	assert_int_equal(records, sum.done);
	print_message("%zu connections, as many records in %d files\n",
	    sum.done, ROTATIONS + 1);
	srv_finish(&srv);
}

static void
hello(struct srv *srv)
{
	int fd = client_open(srv_addr(srv, "e", 0));

	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_close(&fd);
}

/* Who is born after a rotation writes to the new file too. */
static void
test_successors(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int i;

	(void)state;
	rotate(srv, 0);
	assert_true(srv_kill(srv, "worker 1"));
	srv_wait_event(srv, "worker.ready", "{s:i}", "slot", 1);
	assert_true(srv_kill(srv, "master"));
	srv_wait_event(srv, "master.restart", NULL);
	srv_signal(srv, SIGTTIN);
	srv_wait_event(srv, "worker.ready", "{s:i}", "slot", 3);
	for (i = 0; i < 3; i++)
		hello(srv);
	srv_wait_nth(srv, 3, "conn.close", NULL);
	check_let_go(srv, 0);
	assert_int_equal(unlink(moved_path(srv, 0)), 0);
	rotate(srv, 1);
	check_let_go(srv, 1);
	assert_int_equal(unlink(moved_path(srv, 1)), 0);
	srv_finish(&srv);
}

/* The new file cannot be made: the old one stays in use, and we are told. */
static void
test_reopen_fails(void **state)
{
	struct srv *srv = srv_new();
	char dir[128], away[128];
	struct proc p;
	char *text;

	(void)state;
	snprintf(dir, sizeof dir, "%s", srv_path(srv, "logs"));
	snprintf(away, sizeof away, "%s", srv_path(srv, "away"));
	assert_int_equal(mkdir(dir, 0755), 0);
	srv_conf(srv, "log { target = \"${DIR}/logs/log\" }\n%s", conf);
	assert_int_equal(look_start(srv, &p, "start"), 0);
	proc_end(&p);
	assert_int_equal(rename(dir, away), 0);
	assert_int_equal(srv_verb(srv, &p, "reopen", NULL), 1);
	look_holds(p.err, "its directory does not exist");
	proc_end(&p);
	text = look_file(srv_path(srv, "away/log"), NULL);
	look_holds(text, "the old one stays in use");
	free(text);
	assert_int_equal(rename(away, dir), 0);
	assert_int_equal(srv_verb(srv, &p, "reopen", NULL), 0);
	proc_end(&p);
	assert_int_equal(srv_stop(srv), 0);
	assert_int_equal(unlink(srv_path(srv, "logs/log")), 0);
	assert_int_equal(rmdir(dir), 0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_none_lost, test_end),
		cmocka_unit_test_teardown(test_successors, test_end),
		cmocka_unit_test_teardown(test_reopen_fails, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
