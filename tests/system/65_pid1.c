/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As PID 1 of a container: everybody's orphans are reaped and mean nothing,
 * TERM is a graceful stop, and nobody inside can kill the server.
 */
#include <sys/mount.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
hello(struct srv *srv)
{
	int fd = client_open(srv_addr(srv, "e", 0));

	client_say(fd, "hello");
	client_expect(fd, "hello");
	client_close(&fd);
}

/* A /proc of its own, as a container has it. */
static void
prepare(const struct srv *srv)
{
	(void)srv;
	if (getpid() != 1 || unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("proc", "/proc", "proc", 0, NULL) == -1)
		_exit(126);
}

/* The server is the first process of a new pid namespace; *inside gets that
 * one, for inside_run(). */
static struct srv *
start(int *inside)
{
	int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	struct srv *srv;
	char path[64];

	assert_int_not_equal(own, -1);
	if (unshare(CLONE_NEWPID) == -1) {
		fd_close(&own);
		look_skip("no pid namespace to be had");
	}
	srv = srv_new();
	srv->prepare = prepare;
	srv_conf(srv, "%s", conf);
	srv_boot(srv);
	snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)srv->pid);
	*inside = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(*inside, -1);
	assert_int_equal(setns(own, CLONE_NEWPID), 0);
	fd_close(&own);
	return srv;
}

/* Runs it as a process of that namespace; returns its exit status. */
static int
inside_run(int inside, int (*what)(void))
{
	int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), status;
	pid_t pid;

	assert_int_equal(setns(inside, CLONE_NEWPID), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(what());
	assert_int_equal(setns(own, CLONE_NEWPID), 0);
	fd_close(&own);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A child whose parent ends first: PID 1 inherits it.  It ends with 3, when
 * the pipe to it is closed. */
static int orphan_pipe[2];

static int
make_orphan(void)
{
	char c;

	switch (fork()) {
	case -1:
		return 1;
	case 0:
		close(orphan_pipe[1]);
		(void)!read(orphan_pipe[0], &c, 1);
		_exit(3);
	default:
		return 0;
	}
}

static int
kill_init(void)
{
	return kill(1, SIGKILL) == 0 ? 0 : 1;
}

static int
stop_init(void)
{
	return kill(1, SIGSTOP) == 0 ? 0 : 1;
}

/* The anchor's child that is none of the server's, 0: there is none. */
static pid_t
find_orphan(struct srv *srv)
{
	pid_t pids[LOOK_PIDS_MAX], found = 0;
	size_t i, n = look_pids(srv, pids);
	char path[64], *text;

	for (i = 1; i < n; i++) {
		snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pids[i]);
		text = look_file(path, NULL);
		if (text != NULL && strncmp(text, "belay: ", 7) != 0)
			found = pids[i];
		free(text);
	}
	return found;
}

static void
test_orphans(void **state)
{
	struct srv *srv;
	int inside, i;
	pid_t orphan;

	(void)state;
	srv = start(&inside);
	for (i = 0; i < 5; i++) {
		assert_int_equal(pipe2(orphan_pipe, O_CLOEXEC), 0);
		assert_int_equal(inside_run(inside, make_orphan), 0);
		orphan = find_orphan(srv);
		assert_true(orphan > 0);
		close(orphan_pipe[0]);
		close(orphan_pipe[1]);
		/* Reaped, not only dead: a zombie still has its entry. */
		test_wait_gone(orphan);
		while (kill(orphan, 0) == 0)
			sched_yield();
		hello(srv);
	}
	assert_int_equal(srv_count_events(srv, "worker.exit", NULL), 0);
	assert_int_equal(srv_count_events(srv, "master.restart", NULL), 0);
	fd_close(&inside);
	srv_finish(&srv);
}

/* Those that have no handler do not reach a PID 1, KILL and STOP from inside
 * included. */
static void
test_kill(void **state)
{
	struct srv *srv;
	int inside;

	(void)state;
	srv = start(&inside);
	assert_int_equal(inside_run(inside, kill_init), 0);
	assert_int_equal(inside_run(inside, stop_init), 0);
	hello(srv);
	assert_false(srv_reaped(srv));
	/* Others of it are replaced as everywhere. */
	srv_mark(srv);
	assert_true(srv_kill(srv, "worker 1"));
	srv_wait_event(srv, "worker.ready", "{s:i}", "slot", 1);
	assert_true(srv_kill(srv, "master"));
	srv_wait_event(srv, "master.restart", NULL);
	hello(srv);
	fd_close(&inside);
	srv_finish(&srv);
}

static void
test_term(void **state)
{
	struct srv *srv;
	int inside, fd;

	(void)state;
	srv = start(&inside);
	fd_close(&inside);
	fd = client_open(srv_addr(srv, "e", 0));
	client_say(fd, "hello");
	client_expect(fd, "hello");
	srv_signal(srv, SIGTERM);
	client_expect_eof(fd);
	client_close(&fd);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_wait_event(srv, "master.stop", "{s:i, s:i}", "finished", 1, "cut",
	    0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_orphans, test_end),
		cmocka_unit_test_teardown(test_kill, test_end),
		cmocka_unit_test_teardown(test_term, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
