/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client whose bytes crash workers is refused for a while: newcomers only,
 * and only of that client.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common/addr.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"
#include "tests/system/lib/look.h"

enum { OTHERS = 30 };

static const char bad[] = "127.0.0.66", good[] = "127.0.0.1";

static const char faulty[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms\nrestart_backoff_max = 8ms\n"
    "service \"f\" { handler = \"faulty\" listen = {\"127.0.0.1:0\"}\n";

/* From one of our own addresses. */
static int
open_from(struct srv *srv, const char *from)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	const char *why;
	struct addr a;
	int fd;

	assert_int_equal(addr_parse(srv_addr(srv, "f", 0), &a, &why), 0);
	assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	assert_int_equal(connect(fd, &a.u.sa, a.len), 0);
	return fd;
}

static void
served(int fd)
{
	client_say(fd, "served");
	client_expect(fd, "served");
}

static void
served_from(struct srv *srv, const char *from)
{
	int fd = open_from(srv, from);

	served(fd);
	client_close(&fd);
}

/* Taken and ended at once, without a byte. */
static void
refused(struct srv *srv, const char *from)
{
	int fd = open_from(srv, from);
	char c;

	assert_true(client_readable(fd, LIMIT_MS));
	assert_int_equal(recv(fd, &c, 1, 0), 0);
	client_close(&fd);
}

static void
crash_from(struct srv *srv, const char *from, int times)
{
	for (int i = 0; i < times; i++) {
		int fd = open_from(srv, from);

		served(fd);
		client_say(fd, "CRASH");
		client_expect_reset(fd);
		client_close(&fd);
	}
}

static struct srv *
start(const char *more, const char *service)
{
	struct srv *srv = srv_new_faulty();

	srv_conf(srv, "%s%s%s}\n", more, faulty, service);
	srv_boot(srv);
	srv_expect_error(srv, "worker.crash");
	return srv;
}

static void
check_listed(struct srv *srv)
{
	json_t *status = look_status(srv), *list, *c;
	struct proc p;

	list = json_object_get(status, "quarantine");
	assert_int_equal(json_array_size(list), 1);
	c = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(c, "client")),
	    "127.0.0.66/32");
	assert_int_equal(look_number(c, "crashes"), 3);
	assert_true(strcmp(json_string_value(json_object_get(c, "since")),
	    json_string_value(json_object_get(c, "until"))) < 0);
	json_decref(status);
	assert_int_equal(srv_verb(srv, &p, "quarantine", NULL), 0);
	look_holds(p.out, "127.0.0.66/32");
	look_holds(p.out, "UNTIL");
	proc_end(&p);
}

static void
lift(struct srv *srv, const char *cidr, const char *says)
{
	struct proc p;

	assert_int_equal(srv_verb(srv, &p, "quarantine", "--lift", cidr, NULL),
	    0);
	look_holds(p.out, says);
	proc_end(&p);
}

static void
test_quarantine(void **state)
{
	struct srv *srv = start("", "");
	int *others = client_open_many(OTHERS, srv_addr(srv, "f", 0));
	int old = open_from(srv, bad);
	struct proc p;

	(void)state;
	served(old);
	crash_from(srv, bad, 2);
	served_from(srv, bad);
	crash_from(srv, bad, 1);
	srv_wait_event(srv, "client.quarantine", "{s:s,s:i,s:s}", "client",
	    "127.0.0.66/32", "crashes", 3, "reason", "crash");
	refused(srv, bad);
	srv_wait_event(srv, "conn.reject", "{s:s}", "reason", "quarantine");
	served_from(srv, good);
	served(old);			/* what it has goes on */
	check_listed(srv);
	assert_true(srv_audit_count(srv, "rejected") >= 1);

	/* A new master knows it still. */
	srv_mark(srv);
	assert_true(srv_kill(srv, "master"));
	srv_wait_event(srv, "master.restart", NULL);
	check_listed(srv);
	refused(srv, bad);

	lift(srv, "10.0.0.0/8", "127.0.0.66/32");
	refused(srv, bad);
	lift(srv, "127.0.0.0/24", "nobody is refused");
	served_from(srv, bad);
	assert_int_equal(srv_verb(srv, &p, "quarantine", "--lift", "bad",
	    NULL), 1);
	proc_end(&p);
	crash_from(srv, bad, 2);	/* it begins anew */
	served_from(srv, bad);
	client_close(&old);
	client_close_many(&others, OTHERS);
	srv_finish(&srv);
}

static const struct never {
	const char *name, *more, *service;
	int crashes;
} nevers[] = {
	{ "off", "quarantine_crashes = 0\n", "", 5 },
	{ "exempt", "quarantine_exempt = {\"127.0.0.64/29\"}\n", "", 5 },
	{ "more are needed", "quarantine_crashes = 6\n", "", 5 },
	{ "one crash is an accident", "quarantine_crashes = 1\n", "", 1 },
};

static void
test_never(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(nevers); i++) {
		struct srv *srv = start(nevers[i].more, nevers[i].service);

		print_message("%s\n", nevers[i].name);
		crash_from(srv, bad, nevers[i].crashes);
		served_from(srv, bad);
		assert_int_equal(srv_count_events(srv, "client.quarantine",
		    NULL), 0);
		srv_finish(&srv);
	}
}

/* Who has more than a tenth of the connections may be many clients. */
static void
test_share(void **state)
{
	struct srv *srv = start("", "");
	int *others = client_open_many(OTHERS, srv_addr(srv, "f", 0));

	(void)state;
	crash_from(srv, good, 4);
	srv_wait_event(srv, "client.quarantine", "{s:s,s:s}", "client",
	    "127.0.0.1/32", "reason", "it holds more than a tenth of the "
	    "connections");
	served_from(srv, good);
	client_close_many(&others, OTHERS);
	srv_finish(&srv);
}

/* What one client is, the service says; being killed is no crash. */
static void
test_prefix(void **state)
{
	struct srv *srv = start("", "client_prefix4 = 30\n");
	int *others = client_open_many(OTHERS, srv_addr(srv, "f", 0));

	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = open_from(srv, bad);

		client_say(fd, "DIE");
		srv_wait_nth(srv, (size_t)i + 1, "conn.close", "{s:s}",
		    "reason", "crash");
		client_close(&fd);
	}
	served_from(srv, bad);
	crash_from(srv, bad, 2);
	crash_from(srv, "127.0.0.67", 1);
	srv_wait_event(srv, "client.quarantine", "{s:s}", "client",
	    "127.0.0.64/30");
	refused(srv, bad);
	refused(srv, "127.0.0.65");
	served_from(srv, "127.0.0.68");
	client_close_many(&others, OTHERS);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_quarantine, test_end),
		cmocka_unit_test_teardown(test_never, test_end),
		cmocka_unit_test_teardown(test_share, test_end),
		cmocka_unit_test_teardown(test_prefix, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
