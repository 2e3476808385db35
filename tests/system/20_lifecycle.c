/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The background server's life: start, status, restart, stop, what each verb
 * exits with, and that the pid file tells the truth all the while.
 */
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { STARTS = 10, READY_MS = 100 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
verb_says(struct srv *srv, const char *verb, int rc, const char *word)
{
	struct proc p;

	if (srv_verb(srv, &p, verb, NULL) != rc)
		fail_msg("%s: %d instead of %d: %s%s", verb, p.status, rc,
		    p.out, p.err);
	look_holds(rc == 0 ? p.out : p.err, word);
	proc_end(&p);
}

static void
hello(struct srv *srv)
{
	int fd = client_open(srv_addr(srv, "e", 0));

	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_close(&fd);
}

/* It is ready when start returns: no wait between start and the client. */
static void
test_start(void **state)
{
	struct srv *srv = srv_new();
	int64_t us[STARTS];
	struct proc p;
	size_t i;

	(void)state;
	srv_conf(srv, "%s", conf);
	for (i = 0; i < STARTS; i++) {
		us[i] = clock_mono_us();
		if (look_start(srv, &p, "start") != 0)
			fail_msg("start: %d: %s", p.status, p.err);
		us[i] = clock_mono_us() - us[i];
		assert_string_equal(p.err, "");
		proc_end(&p);
		hello(srv);
		verb_says(srv, "status", 0, "running");
		verb_says(srv, "stop", 0, "stopped: ");
		assert_false(look_exists(srv_path(srv, "belay.pid")));
		assert_int_equal(srv_wait_end(srv), 0);
	}
	qsort(us, STARTS, sizeof us[0], look_compare_int64);
	print_message("start to READY: median %lld us, worst %lld us\n",
	    (long long)us[STARTS / 2], (long long)us[STARTS - 1]);
	if (!look_sanitized())
		assert_in_range(us[STARTS / 2], 0, READY_MS * 1000);
	srv_finish(&srv);
}

/* Who runs `start` in a pipe must see that pipe's end. */
static void
test_start_lets_go(void **state)
{
	struct srv *srv = srv_new();
	pid_t pids[LOOK_PIDS_MAX];
	char path[64], link[64];
	struct proc p;
	size_t i, n;
	int fd;

	(void)state;
	srv_conf(srv, "%s", conf);
	assert_int_equal(look_start(srv, &p, "start"), 0);
	proc_end(&p);
	n = look_pids(srv, pids);
	assert_int_equal(n, 2 + 2 * 2);
	for (i = 0; i < n; i++) {
		for (fd = 0; fd <= STDERR_FILENO; fd++) {
			snprintf(path, sizeof path, "/proc/%d/fd/%d",
			    (int)pids[i], fd);
			memset(link, 0, sizeof link);
			assert_true(readlink(path, link, sizeof link - 1) > 0);
			assert_string_equal(link, "/dev/null");
		}
		assert_int_not_equal(getsid(pids[i]), getsid(0));
	}
	srv_finish(&srv);
}

static int
listener(int *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
test_start_says_why_not(void **state)
{
	static const char *const verbs[] = { "start", "run" };
	struct srv *srv = srv_new();
	int port, fd = listener(&port);
	char held[64];
	struct proc p;
	size_t i;

	(void)state;
	srv_conf(srv, "service \"e\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:%d\"} }\n", port);
	snprintf(held, sizeof held, "held by pid %d (20_lifecycle)",
	    (int)getpid());
	for (i = 0; i < nitems(verbs); i++) {
		assert_int_equal(srv_verb(srv, &p, verbs[i], NULL), 1);
		look_holds(p.err, held);
		look_holds(p.err, "service \"e\"");
		proc_end(&p);
		assert_false(look_exists(srv_path(srv, "belay.pid")));
		assert_false(look_exists(srv_path(srv, "control.sock")));
	}
	fd_close(&fd);
	srv_finish(&srv);
}

static void
test_exit_codes(void **state)
{
	static const char *const asking[] = {
		"status", "stop", "audit", "reopen"
	};
	static const char *const usage[][2] = {
		{ "frobnicate", NULL }, { "run", "--nope" },
		{ "start", "word" }, { "stop", "--timeout=never" },
		{ "status", "--nope" }, { "check", "word" }, { "logs", "-q" },
		{ "help", "frobnicate" },
	};
	struct srv *srv = srv_new();
	struct proc p;
	size_t i;

	(void)state;
	srv_conf(srv, "%s", conf);
	for (i = 0; i < nitems(asking); i++)
		verb_says(srv, asking[i], 3, "not running");
	for (i = 0; i < nitems(usage); i++) {
		if (srv_verb(srv, &p, usage[i][0], usage[i][1], NULL) != 2)
			fail_msg("%s %s: %d: %s", usage[i][0],
			    usage[i][1] != NULL ? usage[i][1] : "", p.status,
			    p.err);
		look_holds(p.err, "belay");
		proc_end(&p);
	}
	srv_conf(srv, "%s", "nonsense = 1\n");
	verb_says(srv, "check", 1, "belay.conf:");
	verb_says(srv, "start", 1, "belay.conf:");
	verb_says(srv, "restart", 1, "belay.conf:");
	srv_finish(&srv);
}

static void
test_second_server(void **state)
{
	static const char *const verbs[] = { "run", "start" };
	struct srv *srv = srv_start("%s", conf);
	char pid[32];
	size_t i;

	(void)state;
	snprintf(pid, sizeof pid, "pid %d", (int)srv->pid);
	for (i = 0; i < nitems(verbs); i++)
		verb_says(srv, verbs[i], 4, pid);
	hello(srv);
	srv_finish(&srv);
}

static void
test_pid_file(void **state)
{
	struct srv *srv = srv_new();
	char want[32], *text;
	struct stat st;
	int fd;

	(void)state;
	srv_conf(srv, "%s", conf);
	srv_file(srv, "belay.pid", "4194303 is a number of old\n");
	srv->nfiles = 0;		/* and it must go */
	srv_boot(srv);
	snprintf(want, sizeof want, "%d\n", (int)srv->pid);
	text = look_file(srv_path(srv, "belay.pid"), NULL);
	assert_string_equal(text, want);
	free(text);
	fd = open(srv_path(srv, "belay.pid"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	fd_close(&fd);
	srv_finish(&srv);
}

/* A pid file that somebody put into its place is not the server's to remove. */
static void
test_pid_file_replaced(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	char *text;

	(void)state;
	assert_int_equal(unlink(srv_path(srv, "belay.pid")), 0);
	srv_file(srv, "belay.pid", "mine\n");
	assert_int_equal(srv_stop(srv), 0);
	text = look_file(srv_path(srv, "belay.pid"), NULL);
	assert_string_equal(text, "mine\n");
	free(text);
	srv_finish(&srv);
}

static void
test_restart(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;
	pid_t first;

	(void)state;
	srv_conf(srv, "%s", conf);
	assert_int_equal(look_start(srv, &p, "start"), 0);
	proc_end(&p);
	first = srv->pid;
	assert_int_equal(look_start(srv, &p, "restart"), 0);
	look_holds(p.out, "stopped: ");
	proc_end(&p);
	assert_int_not_equal(srv->pid, first);
	assert_int_equal(waitpid(first, NULL, 0), first);
	hello(srv);
	/* A bad file stops nothing; the running server is still asked. */
	srv_file(srv, "bad.conf", "workers = many\n");
	assert_int_equal(srv_verb(srv, &p, "restart", "-c",
	    srv_path(srv, "bad.conf"), NULL), 1);
	look_holds(p.err, "bad.conf:1: ");
	proc_end(&p);
	hello(srv);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_start, test_end),
		cmocka_unit_test_teardown(test_start_lets_go, test_end),
		cmocka_unit_test_teardown(test_start_says_why_not, test_end),
		cmocka_unit_test_teardown(test_exit_codes, test_end),
		cmocka_unit_test_teardown(test_second_server, test_end),
		cmocka_unit_test_teardown(test_pid_file, test_end),
		cmocka_unit_test_teardown(test_pid_file_replaced, test_end),
		cmocka_unit_test_teardown(test_restart, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
