/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log's formats, levels and targets, and that a target that takes nothing
 * stops nobody.  That JSON records are whole and right, every test checks.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { CLIENTS = 20 };

static const char conf[] =
    "workers = 2\n"
    "log { target = \"%s\" %s }\n"
    "service \"e\" { handler = \"echo\" listen = {\"unix:${DIR}/e.sock\"} }\n"
    "service \"s\" { handler = \"sink\" listen = {\"unix:${DIR}/s.sock\"}\n"
    "	sink { max_bytes = 3072 } }\n";

static void
start(struct srv *srv, const char *target, const char *more)
{
	struct proc p;

	srv_conf(srv, conf, target, more);
	if (look_start(srv, &p, "start") != 0)
		fail_msg("start: %d: %s", p.status, p.err);
	proc_end(&p);
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
	client_shut(fd);
	client_expect_eof(fd);
	client_close(&fd);
}

/* Starts, serves some, stops; returns what the log says, malloc'd. */
static char *
log_of(struct srv *srv, const char *more)
{
	char *text;
	int i;

	start(srv, srv_path(srv, "other.log"), more);
	for (i = 0; i < CLIENTS; i++)
		hello(srv);
	assert_int_equal(srv_stop(srv), 0);
	text = look_file(srv_path(srv, "other.log"), NULL);
	assert_non_null(text);
	assert_int_equal(unlink(srv_path(srv, "other.log")), 0);
	return text;
}

static void
check_lines(char *text, const char *const *words)
{
	char *line, *rest = text;
	size_t i;

	assert_true(strlen(text) > 0 && text[strlen(text) - 1] == '\n');
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		for (i = 0; words[i] != NULL; i++)
			look_holds(line, words[i]);
		for (i = 0; line[i] != '\0'; i++)
			if ((unsigned char)line[i] < ' ')
				fail_msg("byte %d in %s", line[i], line);
	}
}

static void
test_formats(void **state)
{
	static const char *const logfmt[] = { "ts=20", " level=", " event=",
	    " msg=", " pid=", " role=", NULL };
	static const char *const pretty[] = { ":", NULL };
	struct srv *srv = srv_new();
	char *text;

	(void)state;
	text = log_of(srv, "format = \"logfmt\"");
	assert_int_equal(look_count(text, " event=conn.close "), CLIENTS);
	assert_int_equal(look_count(text, " reason=client"), CLIENTS);
	assert_int_equal(look_count(text, " event=master.ready "), 1);
	check_lines(text, logfmt);
	free(text);
	text = log_of(srv, "format = \"pretty\"");
	assert_int_equal(look_count(text, "conn.close"), CLIENTS);
	assert_int_equal(look_count(text, "master.stop"), 1);
	check_lines(text, pretty);
	free(text);
	srv_finish(&srv);
}

static void
test_levels(void **state)
{
	static const struct {
		const char *more;
		size_t opens, ready;
	} rows[] = {
		{ "level = \"debug\"", CLIENTS, 1 },
		{ "level = \"info\"", CLIENTS, 1 },
		{ "connections = false", 0, 1 },
		{ "level = \"warn\"", 0, 0 },
		{ "level = \"error\"", 0, 0 },
	};
	struct srv *srv = srv_new();
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		text = log_of(srv, rows[i].more);
		assert_int_equal(look_count(text, "\"conn.open\""),
		    rows[i].opens);
		assert_int_equal(look_count(text, "\"conn.close\""),
		    rows[i].opens);
		assert_int_equal(look_count(text, "\"master.ready\""),
		    rows[i].ready);
		free(text);
	}
	srv_finish(&srv);
}

/* Fields of any bytes are escaped, and cut where a record would be too long:
 * the library checks each line. */
static void
test_any_bytes(void **state)
{
	struct srv *srv = srv_start("service \"s\" { handler = \"sink\" "
	    "listen = {\"127.0.0.1:0\"} sink { max_bytes = 3072 } }\n");
	const char *addr = srv_addr(srv, "s", 0);
	char bytes[3000];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)i;
	fd = client_open(addr);
	client_send(fd, bytes, sizeof bytes);
	client_close(&fd);
	memset(bytes, 1, sizeof bytes);
	fd = client_open(addr);
	client_send(fd, bytes, sizeof bytes);
	client_close(&fd);
	srv_wait_nth(srv, 2, "conn.close", NULL);
	assert_true(srv_count_events(srv, "service.message", NULL) >= 2);
	srv_finish(&srv);
}

static void
test_bad_targets(void **state)
{
	static const struct {
		const char *target, *why;
	} rows[] = {
		{ "${DIR}/no/such/log", "its directory does not exist" },
		{ "${DIR}", "it is a directory" },
		{ "${DIR}/belay.conf/log", "is a file, not a directory" },
		{ "${DIR}/fifo", "nobody reads this FIFO" },
	};
	static const char *const verbs[] = { "start", "run" };
	struct srv *srv = srv_new();
	struct proc p;
	size_t i, k;

	(void)state;
	assert_int_equal(mkfifo(srv_path(srv, "fifo"), 0600), 0);
	for (i = 0; i < nitems(rows); i++) {
		for (k = 0; k < nitems(verbs); k++) {
			srv_conf(srv, conf, rows[i].target, "");
			assert_int_equal(srv_verb(srv, &p, verbs[k], NULL), 1);
			look_holds(p.err, "log target ");
			look_holds(p.err, rows[i].why);
			proc_end(&p);
		}
	}
	assert_int_equal(unlink(srv_path(srv, "fifo")), 0);
	srv_finish(&srv);
}

static void
test_syslog_missing(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;

	(void)state;
	if (look_exists("/dev/log"))
		look_skip("a syslog daemon runs here");
	srv_conf(srv, conf, "syslog", "");
	assert_int_equal(srv_verb(srv, &p, "start", NULL), 1);
	look_holds(p.err, "no syslog daemon");
	proc_end(&p);
	srv_finish(&srv);
}

/* A full disk: it serves on, and ends in order. */
static void
test_full(void **state)
{
	struct srv *srv = srv_new();
	int i;

	(void)state;
	start(srv, "/dev/full", "");
	for (i = 0; i < CLIENTS; i++)
		hello(srv);
	srv_finish(&srv);
}

/* A reader that does not read holds nobody up. */
static void
test_fifo(void **state)
{
	struct srv *srv = srv_new();
	char buf[65536];
	int fd, i;

	(void)state;
	assert_int_equal(mkfifo(srv_path(srv, "fifo"), 0600), 0);
	fd = open(srv_path(srv, "fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_true(fcntl(fd, F_SETPIPE_SZ, 4096) > 0);
	start(srv, srv_path(srv, "fifo"), "");
	for (i = 0; i < 2 * CLIENTS; i++)
		hello(srv);
	assert_true(read(fd, buf, sizeof buf) > 0);
	fd_close(&fd);			/* and gone altogether: EPIPE */
	for (i = 0; i < CLIENTS; i++)
		hello(srv);
	assert_int_equal(srv_stop(srv), 0);
	assert_int_equal(unlink(srv_path(srv, "fifo")), 0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_formats, test_end),
		cmocka_unit_test_teardown(test_levels, test_end),
		cmocka_unit_test_teardown(test_any_bytes, test_end),
		cmocka_unit_test_teardown(test_bad_targets, test_end),
		cmocka_unit_test_teardown(test_syslog_missing, test_end),
		cmocka_unit_test_teardown(test_full, test_end),
		cmocka_unit_test_teardown(test_fifo, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
