/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may use the control socket, and that whoever gets no answer is told why:
 * strangers, crowds, requests that are too long or cut short.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

enum { PLACES = 16, ANSWER_MAX = 1 << 20, GROUP = 1, OTHER = 2 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 1h delay_if = \"slow\" } }\n";

static const char *
control(struct srv *srv)
{
	static char addr[128];

	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "control.sock"));
	return addr;
}

/* All that comes up to the end, be that a reset; fails without this word. */
static void
expect_words(int fd, const char *words)
{
	static char text[ANSWER_MAX];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof text - 1) {
		if (!client_readable(fd, LIMIT_MS))
			fail_msg("no answer: %.*s", (int)len, text);
		n = recv(fd, text + len, sizeof text - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	look_holds(text, words);
	look_holds(text, "\"done\":true");
	assert_int_equal(text[len - 1], '\n');
}

/* ------------------------------------------------------------ rights ---- */

/* With mode 0660 the kernel keeps strangers out; with 0777 the server. */
static const struct person {
	uid_t uid;
	gid_t gid;
	gid_t groups[3];
	size_t ngroups;
	bool member;			/* of GROUP, or root */
} people[] = {
	{ 0, OTHER, { 0 }, 0, true },
	{ 65534, 65534, { 0 }, 0, false },
	{ 65534, GROUP, { 0 }, 0, true },
	{ 65534, 65534, { OTHER, GROUP, 3 }, 3, true },
	{ 65534, OTHER, { OTHER, 65534 }, 2, false },
};

enum ends { ANSWERED = 1, REFUSED, KEPT_OUT, ODD };

static enum ends
ask_status(const char *addr)
{
	static const char request[] = "{\"verb\":\"status\"}\n";
	char text[256];
	int fd = client_try(addr);
	ssize_t n;

	if (fd == -1)
		return errno == EACCES ? KEPT_OUT : ODD;
	(void)!send(fd, request, sizeof request - 1, MSG_NOSIGNAL);
	if (!client_readable(fd, LIMIT_MS))
		return ODD;
	n = recv(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (strstr(text, "\"ok\":true") != NULL)
		return ANSWERED;
	return strstr(text, "\"error\":\"not permitted: root, the server's "
	    "user or members of control_group may\"") != NULL ? REFUSED : ODD;
}

static enum ends
ask_as(struct srv *srv, const struct person *p)
{
	const char *addr = control(srv);
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (setgroups(p->ngroups, p->groups) == -1 ||
		    setgid(p->gid) == -1 || setuid(p->uid) == -1)
			_exit(ODD);
		_exit(ask_status(addr));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum ends)WEXITSTATUS(status);
}

static void
ask_all(struct srv *srv, bool has_group, enum ends stranger)
{
	size_t i;

	for (i = 0; i < nitems(people); i++) {
		bool may = people[i].uid == 0 ||
		    (has_group && people[i].member);

		if (ask_as(srv, &people[i]) != (may ? ANSWERED : stranger))
			fail_msg("person %zu: %d", i,
			    ask_as(srv, &people[i]));
	}
}

static void
open_to_all(struct srv *srv)
{
	assert_int_equal(chmod(srv->dir, 0755), 0);
	assert_int_equal(chmod(srv_path(srv, "control.sock"), 0777), 0);
}

static void
test_group(void **state)
{
	const struct group *gr = getgrgid(GROUP);
	struct srv *srv;
	struct stat st;

	(void)state;
	if (geteuid() != 0 || gr == NULL)
		look_skip("only root can be many people");
	srv = srv_start("control_group = \"%s\"\n%s", gr->gr_name, conf);
	assert_int_equal(stat(srv_path(srv, "control.sock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(st.st_gid, GROUP);
	assert_int_equal(chmod(srv->dir, 0755), 0);
	ask_all(srv, true, KEPT_OUT);
	open_to_all(srv);
	ask_all(srv, true, REFUSED);
	/* The next master knows the group too. */
	assert_true(srv_kill(srv, "master"));
	srv_wait_event(srv, "master.restart", NULL);
	ask_all(srv, true, REFUSED);
	srv_finish(&srv);
}

static void
test_no_group(void **state)
{
	struct srv *srv;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		look_skip("only root can be many people");
	srv = srv_start("%s", conf);
	assert_int_equal(stat(srv_path(srv, "control.sock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	open_to_all(srv);
	ask_all(srv, false, REFUSED);
	srv_finish(&srv);
}

/* ------------------------------------------------------------ crowds ---- */

/* All places wait for a stop that takes long: who comes is told so. */
static void
test_all_wait(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int slow = client_open(srv_addr(srv, "e", 0)), *fds, fd, i;
	struct proc p;

	(void)state;
	client_say(slow, "slow");
	look_wait_number(srv, "services.0.bytes_in", 4);
	fds = client_open_many(PLACES, control(srv));
	for (i = 0; i < PLACES; i++)
		client_say(fds[i], "{\"verb\":\"stop\"}\n");
	assert_int_equal(srv_verb(srv, &p, "status", NULL), 1);
	look_holds(p.err, "belay status: too many control clients at once, "
	    "try again");
	proc_end(&p);
	fd = client_open(control(srv));
	expect_words(fd, "too many control clients at once, try again");
	client_close(&fd);
	/* One goes, one finds room. */
	client_close(&fds[0]);
	json_decref(look_status(srv));
	client_reset(&slow);
	for (i = 1; i < PLACES; i++)
		expect_words(fds[i], "\"ok\":true");
	client_close_many(&fds, PLACES);
	assert_int_equal(srv_wait_end(srv), 0);
	srv_finish(&srv);
}

/* Silent ones leave their place to those who wait for one. */
static void
test_all_silent(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int *fds = client_open_many(PLACES, control(srv)), i;

	(void)state;
	json_decref(look_status(srv));
	for (i = 0; i < PLACES; i++)
		if (client_readable(fds[i], 0))
			break;
	assert_in_range(i, 0, PLACES - 1);
	expect_words(fds[i], "too many control clients at once, try again");
	client_close_many(&fds, PLACES);
	srv_finish(&srv);
}

/* ---------------------------------------------------------- requests ---- */

static void
test_too_long(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	char line[4096];
	int fd;

	(void)state;
	/* The longest that fits, then one byte more. */
	memset(line, ' ', sizeof line);
	memcpy(line, "{\"verb\":\"status\"}", 17);
	line[4094] = '\n';
	fd = client_open(control(srv));
	client_send(fd, line, 4095);
	expect_words(fd, "\"ok\":true");
	client_close(&fd);
	line[4094] = ' ';
	fd = client_open(control(srv));
	client_send(fd, line, 4095);
	expect_words(fd, "\"error\":\"a request has less than 4096 bytes\"");
	client_close(&fd);
	srv_finish(&srv);
}

/* Ends its side at once, as `nc -N` does: a line needs no newline then. */
static void
test_half_closed(void **state)
{
	static const struct { const char *request, *words; } rows[] = {
		{ "{\"verb\":\"status\"}", "\"ok\":true" },
		{ "{\"verb\":\"audit\"}", "\"balances\":true" },
		{ "{\"verb\":\"audit\"}\n", "\"balances\":true" },
		{ "{\"verb\":\"scale\",\"to\":\"3\"}\n", "3 workers" },
		{ "{\"verb\":\"reload\"}\n", "reloaded: generation 2" },
		{ "hello", "\"error\":\"a request is one JSON object" },
		{ "{\"verb\":\"sta", "\"error\":\"a request is one JSON" },
		{ "\xff", "\"error\":\"a request is one JSON object" },
	};
	struct srv *srv = srv_start("%s", conf);
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		fd = client_open(control(srv));
		client_say(fd, rows[i].request);
		client_shut(fd);
		expect_words(fd, rows[i].words);
		client_close(&fd);
	}
	/* Nothing said is nothing answered. */
	fd = client_open(control(srv));
	client_shut(fd);
	client_expect_eof(fd);
	client_close(&fd);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_group, test_end),
		cmocka_unit_test_teardown(test_no_group, test_end),
		cmocka_unit_test_teardown(test_all_wait, test_end),
		cmocka_unit_test_teardown(test_all_silent, test_end),
		cmocka_unit_test_teardown(test_too_long, test_end),
		cmocka_unit_test_teardown(test_half_closed, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
