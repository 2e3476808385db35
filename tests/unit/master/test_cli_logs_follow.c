/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of `logs -f`: a file that is appended to, renamed, made anew, replaced
 * and truncated.  Each waits for the lines it wants, or fails after WAIT_MS.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/master/cli_fixture.h"

enum { WAIT_MS = 10000, ARGS_MAX = 12 };

static char dir[] = "/tmp/test_cli_logs_follow.XXXXXX";

#define TS(s)	"{\"ts\":\"2026-01-02T12:00:0" s ".123456Z\",\"level\":\""
#define REC1	TS("1") "info\",\"event\":\"worker.ready\",\"msg\":\"ready\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1}\n"
#define REC2	TS("2") "info\",\"event\":\"conn.open\",\"msg\":\"open\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1," \
		"\"service\":\"echo\",\"client\":\"10.1.2.3:80\",\"conn\":5}\n"
#define REC3	TS("3") "warn\",\"event\":\"conn.close\",\"msg\":\"closed\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1," \
		"\"service\":\"web\",\"client\":\"[2001:db8::1]:80\"," \
		"\"reason\":\"a \\u001b[2J \\u0000\"}\n"
#define REC4	TS("4") "error\",\"event\":\"worker.crash\",\"msg\":\"\"," \
		"\"pid\":8,\"role\":\"master\",\"client\":\"unix:/x\"," \
		"\"big\":18446744073709551615,\"list\":[1,null]}\n"

static void
put_file(const char *name, const char *text, int flags)
{
	size_t n = strlen(text);
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

static int
setup(void **state)
{
	(void)state;
	put_file("log", REC1 REC2 REC3 REC4, O_TRUNC);
	return 0;
}

static int
split(char *text, char *argv[static ARGS_MAX])
{
	char *save, *word;
	int argc = 0;

	for (word = strtok_r(text, " ", &save);
	    word != NULL && argc < ARGS_MAX - 1;
	    word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* The verb in a child; what it prints comes through a pipe. */
struct child {
	pid_t pid;
	int out_fd;
	char got[65536];
	size_t len;
};

static void
child_start(struct child *c, const char *line)
{
	char text[256], *argv[ARGS_MAX];
	int fds[2];

	snprintf(text, sizeof(text), "%s", line);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(stdout);
	c->pid = fork();
	assert_int_not_equal(c->pid, -1);
	if (c->pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		_exit(cli_logs(split(text, argv), argv));
	}
	close(fds[1]);
	c->out_fd = fds[0];
	c->len = 0;
	c->got[0] = '\0';
}

/* Waits until all that it printed so far is want. */
static void
child_expect(struct child *c, const char *want)
{
	struct pollfd pfd = { .fd = c->out_fd, .events = POLLIN };
	ssize_t k = 1;

	while (c->len < strlen(want) && k > 0 && poll(&pfd, 1, WAIT_MS) > 0) {
		k = read(c->out_fd, c->got + c->len,
		    sizeof(c->got) - 1 - c->len);
		if (k > 0)
			c->len += (size_t)k;
		c->got[c->len] = '\0';
	}
	assert_string_equal(c->got, want);
}

static void
child_stop(struct child *c)
{
	int status;

	kill(c->pid, SIGKILL);
	close(c->out_fd);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_true(WIFSIGNALED(status));	/* it did not leave by itself */
}

static void
test_follow_appended(void **state)
{
	struct child c;

	(void)state;
	child_start(&c, "logs -f -n 1 --json log");
	child_expect(&c, REC4);
	put_file("log", REC1, O_APPEND);
	child_expect(&c, REC4 REC1);
	put_file("log", TS("2"), O_APPEND);	/* half a record */
	put_file("log", &REC2[strlen(TS("2"))], O_APPEND);
	child_expect(&c, REC4 REC1 REC2);
	child_stop(&c);
}

static void
test_follow_begins_with_ten(void **state)
{
	struct child c;
	int i;

	(void)state;
	put_file("log", "", O_TRUNC);
	for (i = 0; i < 20; i++)
		put_file("log", i < 10 ? REC1 : REC2, O_APPEND);
	child_start(&c, "logs --json -f log");
	child_expect(&c, REC2 REC2 REC2 REC2 REC2 REC2 REC2 REC2 REC2 REC2);
	child_stop(&c);
}

/* As logrotate does: rename, make anew, and only then tell the writers, who use
 * the old file until then. */
static void
test_follow_renamed(void **state)
{
	struct child c;

	(void)state;
	child_start(&c, "logs -f -n 1 --json log");
	child_expect(&c, REC4);		/* now it watches */
	put_file("log", REC1, O_APPEND);
	child_expect(&c, REC4 REC1);
	assert_int_equal(rename("log", "log.1"), 0);
	put_file("log.1", REC2, O_APPEND);
	child_expect(&c, REC4 REC1 REC2);
	put_file("log", REC4, O_EXCL);
	child_expect(&c, REC4 REC1 REC2 REC4);
	put_file("log.1", REC3, O_APPEND);	/* late, in the old one */
	child_expect(&c, REC4 REC1 REC2 REC4 REC3);
	assert_int_equal(rename("log", "log.1"), 0);	/* and once more */
	put_file("log", REC1, O_EXCL);
	child_expect(&c, REC4 REC1 REC2 REC4 REC3 REC1);
	child_stop(&c);
	unlink("log.1");
}

static void
test_follow_replaced_by_rename(void **state)
{
	struct child c;

	(void)state;
	child_start(&c, "logs -f -n 1 --json log");
	child_expect(&c, REC4);		/* now it watches */
	put_file("log", REC1, O_APPEND);
	child_expect(&c, REC4 REC1);
	put_file("log.new", REC2, O_EXCL);
	assert_int_equal(rename("log.new", "log"), 0);
	child_expect(&c, REC4 REC1 REC2);
	child_stop(&c);
}

static void
test_follow_truncated(void **state)
{
	struct child c;

	(void)state;
	child_start(&c, "logs -f -n 1 --json log");
	child_expect(&c, REC4);		/* now it watches */
	put_file("log", REC1 "half a record", O_APPEND);
	child_expect(&c, REC4 REC1);
	put_file("log", REC2, O_TRUNC);		/* shorter than before */
	child_expect(&c, REC4 REC1 REC2);
	child_stop(&c);
}

static void
test_follow_waits_for_the_file(void **state)
{
	struct child c;

	(void)state;
	unlink("log");
	child_start(&c, "logs -f --json log");
	put_file("log", REC1, O_EXCL);
	child_expect(&c, REC1);
	child_stop(&c);
}

/* `belay logs -f | head -1`: it leaves when its reader does. */
static void
test_follow_ends_with_its_reader(void **state)
{
	struct child c;
	int status;

	(void)state;
	child_start(&c, "logs -f -n 1 --json log");
	child_expect(&c, REC4);
	close(c.out_fd);
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
group_setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	unlink("log");
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_follow_appended, setup),
		cmocka_unit_test_setup(test_follow_begins_with_ten, setup),
		cmocka_unit_test_setup(test_follow_renamed, setup),
		cmocka_unit_test_setup(test_follow_replaced_by_rename, setup),
		cmocka_unit_test_setup(test_follow_truncated, setup),
		cmocka_unit_test_setup(test_follow_waits_for_the_file, setup),
		cmocka_unit_test_setup(test_follow_ends_with_its_reader, setup),
	};

	(void)cli_calls();		/* main's stand-ins */
	alarm(60);
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
