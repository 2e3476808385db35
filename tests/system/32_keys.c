/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The foreground's keys, from a pipe and from a terminal, which is as it was
 * when the server has gone; and what `run` takes on its command line.
 */
#include <sys/ioctl.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { SAID_MAX = 1 << 20 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";
static const char conf_stderr[] =
    "workers = 2\n"
    "log { target = \"stderr\" }\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
test_pipe(void **state)
{
	static const char *const ends[] = { "q", "q\n" };
	struct srv *srv = srv_new();
	struct proc p;
	size_t i;

	(void)state;
	srv_conf(srv, "%s", conf);
	for (i = 0; i < nitems(ends); i++) {
		srv_verb_start(srv, &p, "run", "--keys", NULL);
		proc_wait_said(&p, "q stop");
		proc_feed(&p, "s\n", 2);
		proc_wait_said(&p, "\"workers\":[");
		assert_int_equal(look_count(p.err, "q stop"), 1);
		proc_feed(&p, "h", 1);
		proc_wait_said(&p, "q stop");
		proc_feed(&p, ends[i], strlen(ends[i]));
		assert_int_equal(proc_wait(&p), 0);
		assert_int_equal(look_count(p.err, "q stop"), 2);
		proc_end(&p);
	}
	srv_finish(&srv);
}

/* r, + and - are the transitions of HUP, TTIN and TTOU. */
static void
test_changes(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", conf_stderr);
	srv_verb_start(srv, &p, "run", "--keys", NULL);
	proc_wait_said(&p, "\"event\":\"master.ready\"");
	proc_feed(&p, "+", 1);
	proc_wait_said(&p, "\"worker serves\",\"pid\":");
	proc_feed(&p, "r", 1);
	proc_wait_said(&p, "\"event\":\"reload.done\"");
	proc_feed(&p, "q", 1);
	assert_int_equal(proc_wait(&p), 0);
	proc_end(&p);
	srv_finish(&srv);
}

/* The keys' end is not the server's; without --keys a pipe is not read. */
static void
test_no_keys(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", conf_stderr);
	srv_verb_start(srv, &p, "run", "--keys", NULL);
	proc_wait_said(&p, "\"event\":\"master.ready\"");
	proc_feed_end(&p);
	json_decref(look_status(srv));
	assert_int_equal(kill(p.pid, SIGTERM), 0);
	assert_int_equal(proc_wait(&p), 0);
	proc_end(&p);
	srv_verb_start(srv, &p, "run", NULL);
	proc_wait_said(&p, "\"event\":\"master.ready\"");
	proc_feed(&p, "q", 1);
	json_decref(look_status(srv));
	assert_int_equal(kill(p.pid, SIGTERM), 0);
	assert_int_equal(proc_wait(&p), 0);
	assert_null(strstr(p.err, "q stop"));
	proc_end(&p);
	srv_finish(&srv);
}

static void
test_options(void **state)
{
	static const struct {
		const char *a, *b, *has, *not;
	} rows[] = {
		{ "--log-format", "json", "\"event\":\"master.stop\"",
		    "event=" },
		{ "--log-format", "logfmt", "event=master.stop", "{\"ts\"" },
		{ "--log-format", "pretty", "master.stop", "{\"ts\"" },
		{ "--log-format=logfmt", NULL, "event=master.stop", "\033" },
	};
	struct srv *srv = srv_new();
	struct proc p;
	size_t i;

	(void)state;
	srv_conf(srv, "%s", conf_stderr);
	for (i = 0; i < nitems(rows); i++) {
		srv_verb_start(srv, &p, "run", rows[i].a, rows[i].b, NULL);
		proc_wait_said(&p, "master.ready");
		assert_int_equal(kill(p.pid, SIGTERM), 0);
		assert_int_equal(proc_wait(&p), 0);
		look_holds(p.err, rows[i].has);
		assert_null(strstr(p.err, rows[i].not));
		proc_end(&p);
	}
	/* Nothing but the log: no help either, asked for or not. */
	srv_verb_start(srv, &p, "run", "--quiet", "--keys", NULL);
	proc_feed(&p, "h?s", 3);
	proc_wait_said(&p, "\"workers\":[");
	proc_feed(&p, "q", 1);
	assert_int_equal(proc_wait(&p), 0);
	assert_string_equal(p.err, "");
	proc_end(&p);
	srv_finish(&srv);
}

/* ------------------------------------------------------ on a terminal ---- */

struct tty {
	int ours, theirs;		/* theirs: its settings stay */
	struct termios before;
	char said[SAID_MAX];
	size_t len;
};

static void
tty_open(struct tty *t)
{
	t->len = 0;
	t->ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (t->ours == -1)
		look_skip("no terminals are to be had here");
	assert_int_equal(grantpt(t->ours), 0);
	assert_int_equal(unlockpt(t->ours), 0);
	t->theirs = open(ptsname(t->ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_not_equal(t->theirs, -1);
	assert_int_equal(tcgetattr(t->theirs, &t->before), 0);
}

static void
tty_close(struct tty *t)
{
	fd_close(&t->ours);
	fd_close(&t->theirs);
}

/* `belay run` with the terminal as its own. */
static void
tty_run(struct tty *t, struct srv *srv)
{
	srv->pid = fork();
	assert_int_not_equal(srv->pid, -1);
	if (srv->pid == 0) {
		setenv("DIR", srv->dir, 1);
		if (setsid() != -1 && ioctl(t->theirs, TIOCSCTTY, 0) != -1 &&
		    dup2(t->theirs, 0) != -1 && dup2(t->theirs, 1) != -1 &&
		    dup2(t->theirs, 2) != -1)
			execl(srv->binary, srv->binary, "run", "-c",
			    srv_path(srv, "belay.conf"), (char *)NULL);
		_exit(127);
	}
	srv->pid_fd = -1;
}

static void
tty_wait_said(struct tty *t, const char *text)
{
	struct pollfd p = { .fd = t->ours, .events = POLLIN };
	int64_t deadline = test_deadline_ms();
	ssize_t n;

	t->said[t->len] = '\0';
	while (strstr(t->said, text) == NULL) {
		if (poll(&p, 1, test_left_ms(deadline)) <= 0)
			fail_msg("the terminal does not show `%s': %s", text,
			    t->said);
		n = read(t->ours, t->said + t->len, SAID_MAX - 1 - t->len);
		assert_true(n > 0);
		t->len += (size_t)n;
		t->said[t->len] = '\0';
	}
	t->len = 0;
}

static void
check_restored(const struct tty *t)
{
	struct termios now;

	assert_int_equal(tcgetattr(t->theirs, &now), 0);
	assert_int_equal(now.c_lflag, t->before.c_lflag);
	assert_int_equal(now.c_iflag, t->before.c_iflag);
	assert_int_equal(now.c_oflag, t->before.c_oflag);
}

static void
check_keys_on(const struct tty *t)
{
	struct termios now;

	assert_int_equal(tcgetattr(t->theirs, &now), 0);
	assert_int_equal(now.c_lflag & ICANON, 0);
}

static struct tty tty;

/* The pid is at hand as long as the server runs: the wait begins before q. */
static void
tty_end(struct srv *srv, const char *key)
{
	look_take_over(srv);
	assert_int_equal(write(tty.ours, key, strlen(key)),
	    (ssize_t)strlen(key));
	assert_int_equal(srv_wait_end(srv), 0);
	check_restored(&tty);
}

static void
test_terminal(void **state)
{
	static const char *const ends[] = { "q", "q\n", "\003" };
	struct srv *srv = srv_new();
	size_t i;

	(void)state;
	srv_conf(srv, "%s", conf_stderr);
	for (i = 0; i < nitems(ends); i++) {
		tty_open(&tty);
		tty_run(&tty, srv);
		tty_wait_said(&tty, "q stop");
		check_keys_on(&tty);
		assert_int_equal(write(tty.ours, "s", 1), 1);
		tty_wait_said(&tty, "\"workers\":[");
		tty_end(srv, ends[i]);
		tty_close(&tty);
	}
	srv_finish(&srv);
}

/* A killed master's successor knows how the terminal was. */
static void
test_terminal_and_kill(void **state)
{
	struct srv *srv = srv_new();

	(void)state;
	srv_conf(srv, "%s", conf_stderr);
	tty_open(&tty);
	tty_run(&tty, srv);
	tty_wait_said(&tty, "q stop");
	assert_true(srv_kill(srv, "master"));
	tty_wait_said(&tty, "master.restart");
	assert_int_equal(write(tty.ours, "h", 1), 1);
	tty_wait_said(&tty, "q stop");
	check_keys_on(&tty);
	tty_end(srv, "q");
	tty_close(&tty);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_pipe, test_end),
		cmocka_unit_test_teardown(test_changes, test_end),
		cmocka_unit_test_teardown(test_no_keys, test_end),
		cmocka_unit_test_teardown(test_options, test_end),
		cmocka_unit_test_teardown(test_terminal, test_end),
		cmocka_unit_test_teardown(test_terminal_and_kill, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
