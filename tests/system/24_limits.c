/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of a connection: each ends it by its own name, not before its time,
 * and nobody else's.
 */
#include <sys/socket.h>
#include <string.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"

enum { LATE_MS = 5000 };

static const char conf[] =
    "workers = 1\n"
    "service \"free\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"first\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	first_byte_timeout = 300ms }\n"
    "service \"idle\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	idle_timeout = 300ms }\n"
    "service \"write\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	write_timeout = 200ms }\n"
    "service \"life\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	max_lifetime = 200ms }\n"
    "service \"requests\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	max_requests = 3 }\n"
    "service \"denied\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	deny = {\"127.0.0.0/8\"} }\n";

static void
hello(int fd)
{
	client_say(fd, "hi");
	client_expect(fd, "hi");
}

/* The record of its end, and that its time was at least the limit. */
static void
check_end(struct srv *srv, const char *service, const char *reason, int ms)
{
	json_t *rec = srv_wait_event(srv, "conn.close", "{s:s}", "service",
	    service);
	int64_t took = look_number(rec, "duration_ms");

	assert_string_equal(json_string_value(json_object_get(rec, "reason")),
	    reason);
	assert_in_range(took, ms, ms + LATE_MS);
}

static void
test_first_byte(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int silent = client_open(srv_addr(srv, "first", 0));
	int speaks = client_open(srv_addr(srv, "first", 0));

	(void)state;
	hello(speaks);
	client_expect_eof(silent);
	client_close(&silent);
	check_end(srv, "first", "first_byte_timeout", 300);
	hello(speaks);
	client_close(&speaks);
	srv_finish(&srv);
}

static void
test_idle(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "idle", 0));
	int64_t until = clock_mono_ms() + 600;

	(void)state;
	while (clock_mono_ms() < until)	/* busy longer than it may be idle */
		hello(fd);
	client_expect_eof(fd);
	client_close(&fd);
	check_end(srv, "idle", "idle_timeout", 800);
	srv_finish(&srv);
}

static void
test_write(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open_tight(srv_addr(srv, "write", 0));
	int other = client_open(srv_addr(srv, "write", 0));

	(void)state;
	look_fill(fd, 1);
	hello(other);
	check_end(srv, "write", "write_timeout", 200);
	hello(other);			/* it rests, which is no write */
	client_close(&fd);
	client_close(&other);
	srv_finish(&srv);
}

static void
test_lifetime(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "life", 0));
	char buf[16];
	ssize_t n;

	(void)state;
	do {
		client_say(fd, "hi");
		assert_true(client_readable(fd, LIMIT_MS));
		n = recv(fd, buf, sizeof buf, 0);
	} while (n > 0);
	assert_int_equal(n, 0);
	client_close(&fd);
	check_end(srv, "life", "lifetime", 200);
	srv_finish(&srv);
}

static void
test_requests(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "requests", 0)), i;

	(void)state;
	for (i = 0; i < 3; i++)
		hello(fd);
	client_expect_eof(fd);
	client_close(&fd);
	check_end(srv, "requests", "max_requests", 0);
	srv_finish(&srv);
}

static void
test_denied(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "denied", 0));
	json_t *status;

	(void)state;
	client_expect_eof(fd);
	client_close(&fd);
	srv_wait_event(srv, "conn.reject", "{s:s, s:s}", "service", "denied",
	    "reason", "acl");
	status = look_status(srv);
	assert_int_equal(look_number(status, "services.6.rejected.acl"), 1);
	assert_int_equal(look_number(status, "ledger.rejected"), 1);
	json_decref(status);
	srv_finish(&srv);
}

/* Who asks for no limit outlives all of them. */
static void
test_unlimited(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "free", 0));
	int other = client_open(srv_addr(srv, "life", 0));

	(void)state;
	hello(fd);
	client_expect_eof(other);
	hello(fd);
	client_close(&fd);
	client_close(&other);
	check_end(srv, "free", "client", 200);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_first_byte, test_end),
		cmocka_unit_test_teardown(test_idle, test_end),
		cmocka_unit_test_teardown(test_write, test_end),
		cmocka_unit_test_teardown(test_lifetime, test_end),
		cmocka_unit_test_teardown(test_requests, test_end),
		cmocka_unit_test_teardown(test_denied, test_end),
		cmocka_unit_test_teardown(test_unlimited, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
