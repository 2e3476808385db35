/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the verb logs: filters, both ways to print, the last N, odd files.
 * (Following has a file of its own.)
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log.h"
#include "master/cli/logs_source.h"
#include "tests/unit/master/cli_fixture.h"

enum { ARGS_MAX = 12 };

static char dir[] = "/tmp/test_cli_logs.XXXXXX";

#define TS(s)	"{\"ts\":\"2026-01-02T12:00:0" s ".123456Z\",\"level\":\""
#define REC1	TS("1") "info\",\"event\":\"worker.ready\",\"msg\":\"ready\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1}\n"
#define REC2	TS("2") "info\",\"event\":\"conn.open\",\"msg\":\"open\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1," \
		"\"service\":\"echo\",\"client\":\"10.1.2.3:80\",\"conn\":5}\n"
#define REC3	TS("3") "warn\",\"event\":\"conn.close\",\"msg\":\"closed\"," \
		"\"pid\":7,\"role\":\"worker\",\"slot\":1," \
		"\"service\":\"web\",\"client\":\"[2001:db8::1]:80\"," \
		"\"reason\":\"a \\u001b[2J \\u0000\"}\n"
#define REC4	TS("4") "error\",\"event\":\"worker.crash\",\"msg\":\"\"," \
		"\"pid\":8,\"role\":\"master\",\"client\":\"unix:/x\"," \
		"\"big\":18446744073709551615,\"list\":[1,null]}\n"
#define JUNK	"not JSON \033[2J\n"

#define DAY	"-- 2026-01-02\n"
#define OUT1	"12:00:01.123 info  worker.ready  slot 1: ready\n"
#define OUT2	"12:00:02.123 info  conn.open  slot 1: open service=echo " \
		"client=10.1.2.3:80 conn=5\n"
#define OUT3	"12:00:03.123 warn  conn.close  slot 1: closed service=web " \
		"client=[2001:db8::1]:80 reason=\"a \\u001b[2J \\u0000\"\n"
#define OUT4	"12:00:04.123 error worker.crash  master:  client=unix:/x " \
		"big=1.84467440737096e+19 list=[1.0,null]\n"
#define OUTJUNK	"? not JSON \\u001b[2J\n"

static const char fixture[] = REC1 REC2 JUNK REC3 "\n" REC4;

static void
put_file(const char *name, const char *text, int flags)
{
	size_t n = strlen(text);
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

/* "log" is the fixture; the test runs in a directory of its own. */
static int
setup(void **state)
{
	(void)state;
	put_file("log", fixture, O_TRUNC);
	return 0;
}

static int
split(char *text, char *argv[static ARGS_MAX])
{
	char *save, *word;
	int argc = 0;

	for (word = strtok_r(text, " ", &save);
	    word != NULL && argc < ARGS_MAX - 1;
	    word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* Runs the verb with stdout and stderr in files; returns its exit code. */
static int
run(const char *line, char *out, char *err, size_t size)
{
	char text[256], *argv[ARGS_MAX];
	int saved[2], files[2], i, code;
	char *into[2] = { out, err };
	ssize_t k;

	snprintf(text, sizeof(text), "%s", line);
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		saved[i] = dup(i + 1);
		files[i] = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		assert_int_not_equal(files[i], -1);
		dup2(files[i], i + 1);
	}
	code = cli_logs(split(text, argv), argv);
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		close(saved[i]);
		k = pread(files[i], into[i], size - 1, 0);
		assert_true(k >= 0);
		into[i][k] = '\0';
		close(files[i]);
	}
	return code;
}

static const struct row {
	const char *line;
	const char *out;
	int strange;			/* how many are reported; 0: silence */
} rows[] = {
	{ "logs log", DAY OUT1 OUT2 OUTJUNK OUT3 OUT4, 1 },
	{ "logs --json log", REC1 REC2 REC3 REC4, 1 },
	{ "logs --level debug log", DAY OUT1 OUT2 OUTJUNK OUT3 OUT4, 1 },
	{ "logs --level warn log", DAY OUT3 OUT4, 1 },
	{ "logs --level error --json log", REC4, 1 },
	{ "logs --service echo log", DAY OUT2, 1 },
	{ "logs --service ech log", "", 1 },
	{ "logs --event conn.open log", DAY OUT2, 1 },
	{ "logs --event conn.* log", DAY OUT2 OUT3, 1 },
	{ "logs --event conn log", "", 1 },
	{ "logs --client 10.0.0.0/8 log", DAY OUT2, 1 },
	{ "logs --client 10.1.2.3/32 log", DAY OUT2, 1 },
	{ "logs --client 2001:db8::/32 log", DAY OUT3, 1 },
	{ "logs --client 0.0.0.0/0 log", DAY OUT2, 1 },
	{ "logs --client 192.168.0.0/16 log", "", 1 },
	{ "logs --event conn.* --level warn log", DAY OUT3, 1 },
	{ "logs -n 0 log", "", 0 },
	{ "logs -n 1 log", DAY OUT4, 0 },
	{ "logs -n 2 log", DAY OUT3 OUT4, 0 },
	{ "logs -n 3 log", OUTJUNK DAY OUT3 OUT4, 1 },
	{ "logs --lines 99 log", DAY OUT1 OUT2 OUTJUNK OUT3 OUT4, 1 },
	{ "logs -n 2 --json log", REC3 REC4, 0 },
	{ "logs -n 3 --json log", REC2 REC3 REC4, 1 },
	{ "logs -n 1 --event conn.* log", DAY OUT3, 0 },
	{ "logs -n 1 --service echo log", DAY OUT2, 1 },
	{ "logs log -n 1", DAY OUT4, 0 },
};

static void
test_rows(void **state)
{
	char out[8192], err[4096], want[100];
	const struct row *row;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = &rows[i];
		assert_int_equal(run(row->line, out, err, sizeof(err)), 0);
		assert_string_equal(out, row->out);
		snprintf(want, sizeof(want), "%d line", row->strange);
		assert_int_equal(strstr(err, want) != NULL, row->strange > 0);
	}
}

static void
test_usage(void **state)
{
	static const char *const lines[] = {
		"logs -n", "logs -n x log", "logs -n -1 log",
		"logs --level loud log", "logs --client 10.0.0.0/99 log",
		"logs --client nobody log", "logs --what log", "logs log log",
		"logs -f -", "logs -n 3 -", "logs -c conf log",
	};
	char out[4096], err[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(run(lines[i], out, err, sizeof(err)), 2);
		assert_string_equal(out, "");
		assert_true(strlen(err) > 10);
	}
}

/* Which log the configuration means; what is no file is said. */
static void
test_conf(void **state)
{
	static const struct {
		const char *target, *err;	/* NULL: the file is read */
	} confs[] = {
		{ "%s/log", NULL },
		{ "%s/none", "none: No such file" },
		{ "stderr", "belay logs: the log goes to the server's stderr" },
		{ "syslog", "belay logs: the log goes to syslog: give a LOG" },
		{ "nowhere", "conf:1: target" },
	};
	char out[4096], err[4096], target[128], text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		snprintf(target, sizeof(target), "%s%s", confs[i].target[0] ==
		    '%' ? dir : "", confs[i].target +
		    (confs[i].target[0] == '%' ? 2 : 0));
		snprintf(text, sizeof(text), "log { target = \"%s\" }\n"
		    "service \"e\" { handler = \"echo\" "
		    "listen = {\"127.0.0.1:7\"} }\n", target);
		put_file("conf", text, O_TRUNC);
		assert_int_equal(run("logs -n 1 --json -c conf", out, err,
		    sizeof(err)), confs[i].err == NULL ? 0 : 1);
		assert_string_equal(out, confs[i].err == NULL ? REC4 : "");
		if (confs[i].err == NULL)
			assert_string_equal(err, "");
		else
			assert_non_null(strstr(err, confs[i].err));
	}
	unlink("conf");
}

static void
test_help(void **state)
{
	char out[4096], err[4096];

	(void)state;
	assert_int_equal(run("logs -h", out, err, sizeof(err)), 0);
	assert_non_null(strstr(out, "--client CIDR"));
	assert_string_equal(err, "");
	assert_int_equal(run("logs --help", out, err, sizeof(err)), 0);
}

static void
test_failures(void **state)
{
	char out[4096], err[4096];

	(void)state;
	assert_int_equal(run("logs none", out, err, sizeof(err)), 1);
	assert_non_null(strstr(err, "none: No such file"));
	assert_int_equal(run("logs .", out, err, sizeof(err)), 1);
	assert_int_equal(run("logs -f .", out, err, sizeof(err)), 1);
	assert_int_equal(run("logs -f none/log", out, err, sizeof(err)), 1);
}

/* Bytes of no sort break it; an unfinished last line is shown. */
static void
test_odd_files(void **state)
{
	static const struct { const char *text, *out; } cases[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "tail", "? tail\n" },
		{ "{}\n", "? {}\n" },
		{ "[1]\n", "? [1]\n" },
		{ "{\"ts\":1,\"level\":2,\"event\":3}\n",
		    "? {\"ts\":1,\"level\":2,\"event\":3}\n" },
		{ "{\"ts\":\"2026-01-02\",\"level\":\"info\",\"event\":\"\"}\n",
		    "? {\"ts\":\"2026-01-02\",\"level\":\"info\","
		    "\"event\":\"\"}\n" },
		{ TS("1") "info\",\"event\":\"e\\n\",\"slot\":1e99,"
		    "\"role\":\"r\\u001b\",\"k\\t\":true}",
		    DAY "12:00:01.123 info  e\\n  r\\u001b:  k\\t=true\n" },
	};
	char out[4096], err[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_file("odd", cases[i].text, O_TRUNC);
		assert_int_equal(run("logs odd", out, err, sizeof(err)), 0);
		assert_string_equal(out, cases[i].out);
		assert_int_equal(run("logs -n 5 odd", out, err, sizeof(err)),
		    0);
		assert_string_equal(out, cases[i].out);
	}
	unlink("odd");
}

static void
test_unfinished_record_counts(void **state)
{
	char out[4096], err[4096], text[] = REC1 REC2;

	(void)state;
	text[strlen(text) - 1] = '\0';
	put_file("odd", text, O_TRUNC);
	assert_int_equal(run("logs -n 1 --json odd", out, err, sizeof(err)), 0);
	assert_string_equal(out, REC2);
	unlink("odd");
}

/* Lines longer than any buffer, before and between records, in both
 * directions. */
static void
test_long_lines(void **state)
{
	static char out[4 * LOGS_LINE_MAX];
	static char big[LOGS_LINE_MAX + 5000];
	char err[4096];
	const char *p;
	size_t pieces;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	put_file("long", big, O_TRUNC);
	put_file("long", "\n" REC1, O_APPEND);
	put_file("long", big, O_APPEND);
	put_file("long", "\n" REC2, O_APPEND);
	assert_int_equal(run("logs --json long", out, err, sizeof(err)), 0);
	assert_string_equal(out, REC1 REC2);
	assert_int_equal(run("logs -n 2 --json long", out, err, sizeof(err)),
	    0);
	assert_string_equal(out, REC1 REC2);
	assert_int_equal(run("logs -n 2 long", err, out, sizeof(err)), 0);
	pieces = 0;
	for (p = err; (p = strstr(p, "? xxx")) != NULL; p++)
		pieces++;
	assert_true(pieces > 0);
	unlink("long");
}

static int
group_setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	unlink("log");
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows, setup),
		cmocka_unit_test_setup(test_usage, setup),
		cmocka_unit_test_setup(test_conf, setup),
		cmocka_unit_test_setup(test_help, setup),
		cmocka_unit_test_setup(test_failures, setup),
		cmocka_unit_test_setup(test_odd_files, setup),
		cmocka_unit_test_setup(test_unfinished_record_counts, setup),
		cmocka_unit_test_setup(test_long_lines, setup),
	};

	(void)cli_calls();		/* main's stand-ins */
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
