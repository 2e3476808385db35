/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The syslog target, with this program as the daemon: in a /dev of its own, so
 * that no other's log is touched.
 */
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { CLIENTS = 20, MESSAGE_MAX = 8192 };

static const char conf[] =
    "workers = 2\n"
    "log { target = \"syslog\" format = \"%s\" }\n"
    "service \"e\" { handler = \"echo\" listen = {\"unix:${DIR}/e.sock\"} }\n";

/* A /dev with the few devices that are needed; false: that is not allowed. */
static bool
private_dev(void)
{
	static const char *const devices[] = { "null", "zero", "full",
	    "random", "urandom" };
	char dir[] = "/tmp/belay-dev-XXXXXX", from[32], to[64];
	size_t i;
	int fd;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return false;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mount("dev", dir, "tmpfs", 0, "mode=0755"), 0);
	for (i = 0; i < nitems(devices); i++) {
		snprintf(from, sizeof from, "/dev/%s", devices[i]);
		snprintf(to, sizeof to, "%s/%s", dir, devices[i]);
		fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		fd_close(&fd);
		assert_int_equal(mount(from, to, NULL, MS_BIND, NULL), 0);
	}
	assert_int_equal(mount(dir, "/dev", NULL, MS_MOVE, NULL), 0);
	assert_int_equal(rmdir(dir), 0);
	return true;
}

static int
begin(void **state)
{
	static bool there;

	*state = &there;
	there = private_dev();
	return test_begin(state);
}

static int
daemon_open(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
	    .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlink(sun.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(chmod(sun.sun_path, 0666), 0);
	return fd;
}

/* Reads messages until the n-th that holds the word; each is whole, and from
 * belay. */
static void
expect_messages(int fd, const char *word, size_t n)
{
	int64_t deadline = test_deadline_ms();
	char text[MESSAGE_MAX];
	ssize_t len;

	while (n > 0) {
		if (!client_readable(fd, test_left_ms(deadline)))
			fail_msg("%zu messages with %s do not come", n, word);
		len = recv(fd, text, sizeof text - 1, 0);
		assert_true(len > 0);
		text[len] = '\0';
		if (strncmp(text, "<30>belay[", 10) != 0 &&
		    strncmp(text, "<28>belay[", 10) != 0)
			fail_msg("not of daemon.info or .warning: %s", text);
		look_holds(text, "]: ");
		n -= strstr(text, word) != NULL;
	}
}

static void
hello(struct srv *srv)
{
	char addr[128];
	int fd;

	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "e.sock"));
	fd = client_open(addr);
	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_close(&fd);
}

static void
need_dev(void **state)
{
	const bool *there = *state;

	if (!*there)
		look_skip("a /dev of our own is not allowed here");
}

static void
test_messages(void **state)
{
	static const struct {
		const char *format, *ready, *close;
	} rows[] = {
		{ "json", "\"event\":\"master.ready\"",
		    "\"event\":\"conn.close\"" },
		{ "logfmt", "event=master.ready", "event=conn.close" },
	};
	struct srv *srv;
	struct proc p;
	size_t i, k;
	int fd;

	need_dev(state);
	for (i = 0; i < nitems(rows); i++) {
		fd = daemon_open();
		srv = srv_new();
		srv_conf(srv, conf, rows[i].format);
		assert_int_equal(look_start(srv, &p, "start"), 0);
		proc_end(&p);
		expect_messages(fd, rows[i].ready, 1);
		for (k = 0; k < CLIENTS; k++) {
			hello(srv);	/* the socket holds ten or so */
			expect_messages(fd, rows[i].close, 1);
		}
		srv_finish(&srv);
		expect_messages(fd, "master.stop", 1);
		fd_close(&fd);
	}
}

/* The daemon stops, and comes back: nobody is held up, and it is heard. */
static void
test_daemon_restarts(void **state)
{
	struct srv *srv;
	struct proc p;
	int fd, i;

	need_dev(state);
	fd = daemon_open();
	srv = srv_new();
	srv_conf(srv, conf, "json");
	assert_int_equal(look_start(srv, &p, "start"), 0);
	proc_end(&p);
	fd_close(&fd);
	for (i = 0; i < CLIENTS; i++)
		hello(srv);
	json_decref(look_status(srv));
	fd = daemon_open();
	hello(srv);
	expect_messages(fd, "\"conn.close\"", 1);
	srv_verb_start(srv, &p, "reopen", NULL);
	expect_messages(fd, "\"log.reopen\"", 1);
	assert_int_equal(proc_wait(&p), 0);
	proc_end(&p);
	hello(srv);
	expect_messages(fd, "\"conn.close\"", 1);
	srv_finish(&srv);
	fd_close(&fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_messages, test_end),
		cmocka_unit_test_teardown(test_daemon_restarts, test_end),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
