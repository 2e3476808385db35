/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that crash the worker cost the connection they came by, and nobody
 * else anything; the log says whose they were.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/lib/belay.h"

enum { OTHERS = 60 };

/* Other workers follow at once, however often. */
static const char conf[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "service \"f\" { handler = \"faulty\" listen = {\"127.0.0.1:0\"} }\n";

static const struct {
	const char *text, *signal;
} crashes[] = {
	{ "CRASH",			"SEGV" },
	{ "before ABORT after",		"ABRT" },
	{ "FPE\n",			"FPE" },
	{ "once more: CRASH",		"SEGV" },
	{ "SCRIBBLE, then CRASH",	"SEGV" },
};

static void
everybody_served(const int *fds, const char *text)
{
	size_t i;

	for (i = 0; i < OTHERS; i++)
		client_say(fds[i], text);
	for (i = 0; i < OTHERS; i++)
		client_expect(fds[i], text);
}

/* One that does it, after it was served as everybody. */
static void
crash_once(struct srv *srv, const char *addr, size_t i)
{
	int fd = client_open(addr);
	json_t *rec;

	srv_mark(srv);
	client_say(fd, "well behaved so far");
	client_expect(fd, "well behaved so far");
	client_say(fd, crashes[i].text);
	client_expect_reset(fd);
	rec = srv_wait_event(srv, "worker.crash", "{s:s,s:s,s:s}",
	    "signal", crashes[i].signal, "service", "f", "phase", "input");
	assert_string_equal(json_string_value(json_object_get(rec, "client")),
	    client_local(fd));
	srv_wait_event(srv, "conn.close", "{s:s,s:s}", "reason", "crash",
	    "client", client_local(fd));
	client_close(&fd);
}

static void
test_crash(void **state)
{
	struct srv *srv = srv_new_faulty();
	const char *addr;
	int *others;
	size_t i;

	(void)state;
	srv_conf(srv, conf);
	srv_boot(srv);
	addr = srv_addr(srv, "f", 0);
	others = client_open_many(OTHERS, addr);
	everybody_served(others, "hello");
	for (i = 0; i < nitems(crashes); i++) {
		crash_once(srv, addr, i);
		everybody_served(others, "still there?");
		assert_int_equal(srv_audit_count(srv, "lost"), i + 1);
		assert_int_equal(srv_audit_count(srv, "open"), OTHERS);
	}
	assert_int_equal(srv_count_events(srv, "worker.backoff", NULL), 0);
	client_close_many(&others, OTHERS);
	srv_expect_error(srv, "worker.crash");
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_crash, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
