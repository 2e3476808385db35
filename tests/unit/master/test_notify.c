/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify: which datagram for which state, to which kinds of socket, and when
 * the watchdog is fed.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"
#include "master/notify.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

static struct book book;
static struct master m = { .book = &book };
static int manager_fd = -1;

static void
manager_open(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(sun.sun_path, name, len);
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	manager_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	assert_int_not_equal(manager_fd, -1);
	assert_int_equal(bind(manager_fd, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static void
manager_open_any(void)
{
	char name[64];

	snprintf(name, sizeof name, "@belay-unit-%d", (int)getpid());
	manager_open(name);
}

/* What has come, NULL: nothing. */
static const char *
told(void)
{
	static char text[512];
	ssize_t n = recv(manager_fd, text, sizeof text - 1, 0);

	if (n == -1)
		return NULL;
	text[n] = '\0';
	return text;
}

static int
clean(void **state)
{
	(void)state;
	fd_close(&manager_fd);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	m.watchdog_ms = 0;
	return 0;
}

static void
test_states(void **state)
{
	static const struct {
		enum mstate state;
		const char *text;	/* it begins so; NULL: none */
	} rows[] = {
		{ MS_STARTING,	NULL },
		{ MS_RUNNING,
		    "READY=1\nSTATUS=generation 7, 3 workers\n" },
		{ MS_RELOADING,	"RELOADING=1\nMONOTONIC_USEC=" },
		{ MS_DRAINING,	"STOPPING=1\nSTATUS=draining\n" },
		{ MS_STOPPING,	"STOPPING=1\nSTATUS=stopping\n" },
	};
	const char *text;

	(void)state;
	assert_int_equal(NITEMS(rows), MS_NSTATES);
	book.generation = 7;
	book.workers = 3;
	manager_open_any();
	for (size_t i = 0; i < NITEMS(rows); i++) {
		notify_state(&m, rows[i].state);
		text = told();
		assert_int_equal(text == NULL, rows[i].text == NULL);
		if (text != NULL)
			assert_memory_equal(text, rows[i].text,
			    strlen(rows[i].text));
		assert_null(told());
	}
}

static void
test_path(void **state)
{
	char dir[] = "/tmp/belay-unit-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/notify", dir);
	manager_open(path);
	assert_int_equal(notify_send("READY=1\n"), 0);
	assert_string_equal(told(), "READY=1\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(notify_send("READY=1\n"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_no_manager(void **state)
{
	char too_long[200];
	const struct {
		const char *name;
		int rc;
	} rows[] = {
		{ NULL, 0 }, { "", 0 }, { "vsock:2:1", -1 },
		{ "relative", -1 }, { too_long, -1 },
	};

	(void)state;
	memset(too_long, '/', sizeof too_long - 1);
	too_long[sizeof too_long - 1] = '\0';
	for (size_t i = 0; i < NITEMS(rows); i++) {
		if (rows[i].name != NULL)
			setenv("NOTIFY_SOCKET", rows[i].name, 1);
		else
			unsetenv("NOTIFY_SOCKET");
		assert_int_equal(notify_send("READY=1\n"), rows[i].rc);
		if (rows[i].rc == -1)
			assert_int_equal(errno, EINVAL);
	}
}

/* At half the time, then again; not before. */
static void
test_watchdog(void **state)
{
	(void)state;
	manager_open_any();
	m.now_ms = 1000;
	assert_true(notify_watchdog(&m) == INT64_MAX);
	setenv("WATCHDOG_USEC", "20000000", 1);
	assert_int_equal(notify_watchdog(&m), 11000);
	assert_string_equal(told(), "WATCHDOG=1\n");
	m.now_ms = 10999;
	assert_int_equal(notify_watchdog(&m), 11000);
	assert_null(told());
	m.now_ms = 11000;
	assert_int_equal(notify_watchdog(&m), 21000);
	assert_string_equal(told(), "WATCHDOG=1\n");
}

static void
test_watchdog_off(void **state)
{
	static const char *const off[] = { "", "0", "-1", "1", "soon" };
	char pid[16];

	(void)state;
	manager_open_any();
	m.now_ms = 1000;
	for (size_t i = 0; i < NITEMS(off); i++) {
		setenv("WATCHDOG_USEC", off[i], 1);
		assert_true(notify_watchdog(&m) == INT64_MAX);
	}
	/* It counts for the anchor, our parent, only. */
	setenv("WATCHDOG_USEC", "20000000", 1);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_true(notify_watchdog(&m) == INT64_MAX);
	assert_null(told());
	snprintf(pid, sizeof pid, "%d", (int)getppid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog(&m), 11000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_states, clean),
		cmocka_unit_test_teardown(test_path, clean),
		cmocka_unit_test_teardown(test_no_manager, clean),
		cmocka_unit_test_teardown(test_watchdog, clean),
		cmocka_unit_test_teardown(test_watchdog_off, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
