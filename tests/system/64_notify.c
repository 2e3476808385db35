/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service manager is told (sd_notify(3)), by a socket with a path and
 * by an abstract one.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { WATCHDOG_MS = 200, BEATS = 6 };

/* The manager of the next server; set by the tests, used in the child. */
static struct {
	int fd;
	char name[108];			/* NOTIFY_SOCKET */
	bool watchdog;
} manager;

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
prepare(const struct srv *srv)
{
	char number[16];

	(void)srv;
	setenv("NOTIFY_SOCKET", manager.name, 1);
	snprintf(number, sizeof number, "%d", WATCHDOG_MS * 1000);
	if (manager.watchdog)
		setenv("WATCHDOG_USEC", number, 1);
	snprintf(number, sizeof number, "%d", (int)getpid());
	if (manager.watchdog)
		setenv("WATCHDOG_PID", number, 1);
}

static void
manager_open(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	snprintf(manager.name, sizeof manager.name, "%s", name);
	memcpy(sun.sun_path, name, len);
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(manager.fd, -1);
	assert_int_equal(bind(manager.fd, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
}

/* The next message, each line of it ended. */
static const char *
told(void)
{
	static char text[1024];
	struct pollfd p = { .fd = manager.fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, LIMIT_MS) != 1)
		fail_msg("the manager is told nothing");
	n = recv(manager.fd, text, sizeof text - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(text[n - 1], '\n');
	return text;
}

static void
expect(const char *line)
{
	look_holds(told(), line);
}

static void
expect_reloading(void)
{
	int64_t before_us = clock_mono_us(), usec;
	const char *text = told(), *at = strstr(text, "MONOTONIC_USEC=");

	look_holds(text, "RELOADING=1\n");
	assert_non_null(at);
	usec = strtoll(at + strlen("MONOTONIC_USEC="), NULL, 10);
	assert_in_range(usec, before_us - LIMIT_MS * 1000, clock_mono_us());
}

/* A whole life: each step is told, in this order, and nothing else. */
static void
life(struct srv *srv)
{
	struct proc p;

	srv->prepare = prepare;
	srv_conf(srv, "%s", conf);
	srv_boot(srv);
	expect("READY=1\nSTATUS=generation 1, 2 workers\n");
	assert_int_equal(srv_verb(srv, &p, "reload", NULL), 0);
	proc_end(&p);
	expect_reloading();
	expect("READY=1\nSTATUS=generation 2, 2 workers\n");
	/* One that fails ends so too: the old configuration serves on. */
	srv_conf(srv, "%s", "servce");
	srv_signal(srv, SIGHUP);
	expect_reloading();
	expect("READY=1\nSTATUS=generation 2, 2 workers\n");
	srv_conf(srv, "%s", conf);
	assert_int_equal(srv_stop(srv), 0);
	expect("STOPPING=1\nSTATUS=draining\n");
	srv_finish(&srv);
	fd_close(&manager.fd);
}

static void
test_path(void **state)
{
	struct srv *srv = srv_new();

	(void)state;
	srv_file(srv, "notify", "");
	assert_int_equal(unlink(srv_path(srv, "notify")), 0);
	manager_open(srv_path(srv, "notify"));
	life(srv);
}

static void
test_abstract(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "@belay-test-%d", (int)getpid());
	manager_open(name);
	life(srv_new());
}

/* A master that dies in a transition is followed by one that ends it: the
 * manager is not left with RELOADING. */
static void
test_master_dies(void **state)
{
	struct srv *srv = srv_new();
	char name[64];
	const char *text;

	(void)state;
	snprintf(name, sizeof name, "@belay-dies-%d", (int)getpid());
	manager_open(name);
	srv->prepare = prepare;
	srv_conf(srv, "%s", conf);
	srv_boot(srv);
	expect("READY=1\n");
	srv_signal(srv, SIGHUP);
	expect_reloading();
	assert_true(srv_kill(srv, "master"));
	do
		text = told();
	while (strstr(text, "READY=1\n") == NULL);
	srv_wait_event(srv, "master.restart", NULL);
	srv_finish(&srv);
	fd_close(&manager.fd);
}

/* At least once in half the time; for the pid that is meant. */
static void
test_watchdog(void **state)
{
	struct srv *srv = srv_new();
	int64_t last, now;
	char name[64];
	int n = 0;

	(void)state;
	snprintf(name, sizeof name, "@belay-dog-%d", (int)getpid());
	manager_open(name);
	manager.watchdog = true;
	srv->prepare = prepare;
	srv_conf(srv, "%s", conf);
	srv_boot(srv);
	last = clock_mono_ms();
	while (n < BEATS) {
		if (strcmp(told(), "WATCHDOG=1\n") != 0)
			continue;
		now = clock_mono_ms();
		if (n++ > 0 && !test_sanitized())
			assert_in_range(now - last, WATCHDOG_MS / 4,
			    WATCHDOG_MS);
		last = now;
	}
	srv_finish(&srv);
	manager.watchdog = false;
	fd_close(&manager.fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_path, test_end),
		cmocka_unit_test_teardown(test_abstract, test_end),
		cmocka_unit_test_teardown(test_master_dies, test_end),
		cmocka_unit_test_teardown(test_watchdog, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
