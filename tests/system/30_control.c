/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket and those who misuse it: garbage, silence, crowds and
 * strangers disturb neither the server nor the verbs of others.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"

enum { CROWD = 50, SILENT_MS = 10000, ANSWER_MAX = 1 << 20 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static const char *
control(struct srv *srv)
{
	static char addr[128];

	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "control.sock"));
	return addr;
}

/* The server serves and answers. */
static void
check_well(struct srv *srv)
{
	int fd = client_open(srv_addr(srv, "e", 0));

	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_close(&fd);
	json_decref(look_status(srv));
	assert_int_equal(srv_count_events(srv, "master.restart", NULL), 0);
}

/* One line, up to EOF; the caller owns it. */
static json_t *
answer(int fd)
{
	char *buf = malloc(ANSWER_MAX);
	json_error_t error;
	json_t *reply;
	size_t n;

	assert_non_null(buf);
	n = client_recv_all(fd, buf, ANSWER_MAX);
	reply = json_loadb(buf, n, 0, &error);
	if (reply == NULL)
		fail_msg("no JSON: %.*s", (int)n, buf);
	assert_int_equal(buf[n - 1], '\n');
	free(buf);
	return reply;
}

static void
test_garbage(void **state)
{
	static const char *const lines[] = {
		"hello\n", "\n", "{}\n", "[]\n", "{\"verb\":7}\n", "\xff\xfe\n",
		"{\"verb\":\"frobnicate\"}\n", "{\"verb\":\"status\"\n",
		"{\"verb\":\"status\",\"verb\":\"stop\"}\n", "null\n",
		"{\"verb\":\"scale\",\"to\":[]}\n", "GET / HTTP/1.0\r\n\r\n",
	};
	struct srv *srv = srv_start("%s", conf);
	json_t *reply;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < nitems(lines); i++) {
		fd = client_open(control(srv));
		client_say(fd, lines[i]);
		reply = answer(fd);
		assert_true(json_is_false(json_object_get(reply, "ok")));
		assert_true(json_is_string(json_object_get(reply, "error")));
		json_decref(reply);
		client_close(&fd);
	}
	check_well(srv);
	srv_finish(&srv);
}

/* A request in single bytes is one all the same; more than one is dropped. */
static void
test_pieces(void **state)
{
	static const char request[] = "{\"verb\":\"status\"}\n{\"verb\":\"stop";
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(control(srv));
	json_t *reply;
	size_t i;

	(void)state;
	for (i = 0; request[i] != '\n'; i++)
		client_send(fd, request + i, 1);
	client_say(fd, request + i);
	reply = answer(fd);
	assert_true(json_is_true(json_object_get(reply, "ok")));
	assert_true(json_is_object(json_object_get(reply, "status")));
	json_decref(reply);
	client_close(&fd);
	check_well(srv);
	srv_finish(&srv);
}

/* Sends until the server hangs up. */
static void
test_endless_line(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(control(srv));
	char junk[16384];
	size_t sent = 0;
	ssize_t n;

	(void)state;
	memset(junk, 'x', sizeof junk);
	do {
		n = send(fd, junk, sizeof junk, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
	} while ((n > 0 || errno == EAGAIN) && sent < 1 << 20);
	assert_true(n == -1 && (errno == EPIPE || errno == ECONNRESET));
	client_close(&fd);
	check_well(srv);
	srv_finish(&srv);
}

/* Half a line and away; an answer that nobody reads; a reset in the wait. */
static void
test_hang_up(void **state)
{
	static const char *const lines[] = { "", "{\"verb\":\"sta",
	    "{\"verb\":\"status\"}\n", "{\"verb\":\"audit\"}\n" };
	struct srv *srv = srv_start("%s", conf);
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 3 * nitems(lines); i++) {
		fd = client_open(control(srv));
		client_say(fd, lines[i % nitems(lines)]);
		client_close(&fd);
	}
	check_well(srv);
	srv_finish(&srv);
}

/* As many as there are, and more, who say nothing: a verb waits a second. */
static void
test_silent_crowd(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int *fds = client_open_many(CROWD, control(srv));

	(void)state;
	check_well(srv);
	client_close_many(&fds, CROWD);
	check_well(srv);
	srv_finish(&srv);
}

static void
test_busy_crowd(void **state)
{
	static const char *const verbs[] = { "status", "audit", "reopen" };
	struct srv *srv = srv_start("%s", conf);
	struct proc p[CROWD];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(p); i++)
		srv_verb_start(srv, &p[i], verbs[i % nitems(verbs)], NULL);
	for (i = 0; i < nitems(p); i++) {
		if (proc_wait(&p[i]) != 0)
			fail_msg("%s: %d: %s%s", verbs[i % nitems(verbs)],
			    p[i].status, p[i].out, p[i].err);
		proc_end(&p[i]);
	}
	check_well(srv);
	srv_finish(&srv);
}

/* In a process of its own, as nobody: what connect(2) gives; EPERM: told that
 * it may not; 0: something else. */
static int
as_nobody(struct srv *srv, const struct passwd *pw)
{
	const char *addr = control(srv);
	pid_t pid = fork();
	char text[256] = "";
	int fd, status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1)
			_exit(99);
		fd = client_try(addr);
		if (fd == -1)
			_exit(errno);
		(void)!send(fd, "{\"verb\":\"stop\"}\n", 16, MSG_NOSIGNAL);
		client_readable(fd, LIMIT_MS);
		(void)!recv(fd, text, sizeof text - 1, 0);
		_exit(strstr(text, "not permitted") != NULL ? EPERM : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The mode keeps strangers out; were it changed, their uid would. */
static void
test_stranger(void **state)
{
	const struct passwd *pw = getpwnam("nobody");
	struct srv *srv;

	(void)state;
	if (geteuid() != 0 || pw == NULL)
		look_skip("only root can become nobody");
	srv = srv_start("%s", conf);
	assert_int_equal(chmod(srv->dir, 0755), 0);
	assert_int_equal(as_nobody(srv, pw), EACCES);
	assert_int_equal(chmod(srv_path(srv, "control.sock"), 0777), 0);
	assert_int_equal(as_nobody(srv, pw), EPERM);
	check_well(srv);
	srv_finish(&srv);
}

static void
test_silent(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int64_t began = clock_mono_ms();
	int fd = client_open(control(srv)), half = client_open(control(srv));

	(void)state;
	client_say(half, "{\"verb\"");
	if (!client_readable(fd, 2 * SILENT_MS))
		fail_msg("a silent client is not dropped");
	client_expect_eof(fd);
	client_expect_eof(half);
	assert_in_range(clock_mono_ms() - began, SILENT_MS - 100,
	    SILENT_MS + 5000);
	client_close(&fd);
	client_close(&half);
	check_well(srv);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_garbage, test_end),
		cmocka_unit_test_teardown(test_pieces, test_end),
		cmocka_unit_test_teardown(test_endless_line, test_end),
		cmocka_unit_test_teardown(test_hang_up, test_end),
		cmocka_unit_test_teardown(test_silent_crowd, test_end),
		cmocka_unit_test_teardown(test_busy_crowd, test_end),
		cmocka_unit_test_teardown(test_stranger, test_end),
		cmocka_unit_test_teardown(test_silent, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
