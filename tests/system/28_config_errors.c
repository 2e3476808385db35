/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every kind of mistake in a configuration is told as file:line, what is wrong
 * and what would be right, by check as by run, and has touched nothing.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { JUNK = 10000000 };

#define GOOD "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n"
#define SERVICE \
	"service \"e\" {\nhandler = \"echo\"\nlisten = {\"127.0.0.1:0\"}\n"

static const struct {
	const char *text;
	int line;
	const char *wrong, *right;
} rows[] = {
	{ "\nwrokers = 2\n" GOOD, 2, "wrokers is not known", "workers?" },
	{ SERVICE "listn = {}\n}\n", 4, "listn is not known", "listen?" },
	{ SERVICE "echo {\ndelya = 1s } }\n", 5, "delya is not known",
	    "delay?" },
	{ "workers = many\n" GOOD, 1, "\"many\": not a whole number",
	    "decimal digits" },
	{ "workers = 0x10\n" GOOD, 1, "not a whole number", "decimal digits" },
	{ "core_dumps = 3\n" GOOD, 1, "neither true nor false",
	    "write one of them" },
	{ "workers = 99999\n" GOOD, 1, "out of range", "0 to 1024" },
	{ "drain_timeout = 5\n" GOOD, 1, "not a duration", "250ms, 30s" },
	{ "drain_timeout = 5x\n" GOOD, 1, "not a duration", "250ms, 30s" },
	{ "crash_bytes = 1q\n" GOOD, 1, "not a size", "16k" },
	{ "log {\nlevel = \"loud\" }\n" GOOD, 2, "\"loud\": not known",
	    "one of debug, info" },
	{ "log {\ntarget = \"journal\" }\n" GOOD, 2, "not in this version",
	    "stderr, syslog, or a path" },
	{ "engine = \"uring\"\n" GOOD, 1, "not in this version", "epoll" },
	{ "service \"e\" {\nhandler = \"eco\"\nlisten = {\"127.0.0.1:0\"} }\n",
	    2, "\"eco\": not known", "did you mean echo?" },
	{ "service \"e\" {\nlisten = {\"127.0.0.1:0\"} }\n", 1,
	    "has no handler", "handler = \"echo\"" },
	{ "service \"e\" {\nhandler = \"echo\" }\n", 1, "listens nowhere",
	    "listen = {\"127.0.0.1:7788\"}" },
	{ "\n# nothing\n", 1, "no service", "write at least one" },
	{ "", 1, "no service", "write at least one" },
	{ "service \"e\" { handler = \"echo\"\nlisten = {\"localhost:80\"} }\n",
	    2, "\"localhost:80\"", "use a numeric address" },
	{ "service \"e\" { handler = \"echo\"\nlisten = {\"[::1]:x\"} }\n", 2,
	    "\"[::1]:x\"", "a number from 1 to 65535" },
	{ "service \"e\" { handler = \"echo\"\nlisten = {\"unix:/x mode=9\"} }"
	    "\n", 2, "mode=9", "mode=0660" },
	{ "service \"e\" { handler = \"echo\"\nlisten = {\"127.0.0.1:80\",\n"
	    "\"127.0.0.1:80\"} }\n", 2, "the same as", "its own address" },
	{ SERVICE "}\nservice \"f\" { handler = \"echo\"\nlisten = "
	    "{\"127.0.0.1:80\"} }\nservice \"g\" { handler = \"echo\"\n"
	    "listen = {\"*:80\"} }\n", 8, "overlaps with", "its own address" },
	{ SERVICE "allow = {\"10.0.0.1/8\"} }\n", 4, "10.0.0.1/8",
	    "10.0.0.0/8" },
	{ "service \"e\" {\nhandler = \"echo\"\n", 1, "{ is not closed",
	    "} is missing" },
	{ GOOD "}\n", 2, "} closes nothing", "remove it" },
	{ "user = \"bel\n" GOOD, 1, "not closed", "\" is missing" },
	{ "/* never\n" GOOD, 1, "comment", "*/ is missing" },
	{ "workers 2\n" GOOD, 1, "\"workers\" is followed by", "KEY = VALUE" },
	{ "workers = 1\nworkers = 2\n" GOOD, 2, "given twice", "remove one" },
	{ GOOD GOOD, 2, "given twice", "remove one" },
	{ "\xef\xbb\xbf" GOOD, 1, "byte order mark", "UTF-8" },
	{ "workers = ${NOT_SET_HERE}\n" GOOD, 1, "${NOT_SET_HERE} is not set",
	    "${NOT_SET_HERE:-default}" },
	{ "\ninclude(\"missing.conf\")\n" GOOD, 2, "missing.conf",
	    "no such file" },
	{ "include(\"bad.conf\")\n" GOOD, 1, "includes itself", "bad.conf" },
	{ SERVICE "echo { delay_if = \"x\" } }\n", 1, "delay_if needs a delay",
	    "delay = 1s" },
	{ "restart_backoff_min = 5s\nrestart_backoff_max = 1s\n" GOOD, 2,
	    "less than restart_backoff_min", "raise one" },
	{ "pid_file = \"x.pid\"\n" GOOD, 1, "not a whole path",
	    "begin it with /" },
};

/* How many names the server's directory has. */
static size_t
names(struct srv *srv)
{
	DIR *dir = opendir(srv->dir);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* Fails to check, to run and to start; the last one's p->err. */
static void
all_fail(struct srv *srv, struct proc *p, const char *path)
{
	static const char *const verbs[] = { "check", "start", "run" };
	size_t i;

	for (i = 0; i < nitems(verbs); i++) {
		if (i > 0)
			proc_end(p);
		if (srv_verb(srv, p, verbs[i], "-c", path, NULL) != 1)
			fail_msg("%s: %d: %s%s", verbs[i], p->status, p->out,
			    p->err);
		assert_string_equal(p->out, "");
		look_holds(p->err, path);
	}
}

static void
test_mistakes(void **state)
{
	struct srv *srv = srv_new();
	char where[128];
	struct proc p;
	size_t i, n;

	(void)state;
	srv_conf(srv, "%s", GOOD);
	for (i = 0; i < nitems(rows); i++) {
		srv_file(srv, "bad.conf", rows[i].text);
		n = names(srv);
		all_fail(srv, &p, srv_path(srv, "bad.conf"));
		snprintf(where, sizeof where, "%s:%d: ",
		    srv_path(srv, "bad.conf"), rows[i].line);
		look_holds(p.err, where);
		look_holds(p.err, rows[i].wrong);
		look_holds(p.err, rows[i].right);
		proc_end(&p);
		assert_int_equal(names(srv), n);
	}
	srv_finish(&srv);
}

/* All mistakes are told at once. */
static void
test_many(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", GOOD);
	srv_file(srv, "bad.conf", "workers = x\nnonsense = 1\n"
	    "service \"e\" { handler = \"echo\" idle_timeout = 5 }\n");
	assert_int_equal(srv_verb(srv, &p, "check", "-c",
	    srv_path(srv, "bad.conf"), NULL), 1);
	look_holds(p.err, "bad.conf:1: ");
	look_holds(p.err, "bad.conf:2: ");
	look_holds(p.err, "bad.conf:3: ");
	proc_end(&p);
	srv_finish(&srv);
}

/* In an included file it is that file's line. */
static void
test_included(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", "include(\"part*.conf\")\n");
	srv_file(srv, "part1.conf", GOOD);
	srv_file(srv, "part2.conf", "\n\nworkers = x\n");
	assert_int_equal(srv_verb(srv, &p, "check", NULL), 1);
	look_holds(p.err, "part2.conf:3: ");
	proc_end(&p);
	srv_file(srv, "part2.conf", "workers = 1\n");
	assert_int_equal(srv_verb(srv, &p, "check", NULL), 0);
	proc_end(&p);
	srv_finish(&srv);
}

static void
write_junk(struct srv *srv)
{
	static char junk[JUNK + 1];
	size_t i;

	for (i = 0; i < JUNK; i++)
		junk[i] = (char)(1 + i * 7919 % 255);
	srv_file(srv, "junk", junk);
	junk[1 << 19] = '\0';
	srv_file(srv, "less", junk);
	memset(junk, '{', 1 << 19);
	srv_file(srv, "braces", junk);
}

static void
test_no_text(void **state)
{
	static const struct {
		const char *name, *why;
	} files[] = {
		{ "junk", "longer than 1 MiB" }, { "less", "less:" },
		{ "braces", "is a } missing?" }, { "dir", "is a directory" },
		{ "fifo", "is a FIFO" }, { "nowhere", "No such file" },
		{ "nul", "nul:2: a NUL byte" },
	};
	struct srv *srv = srv_new();
	struct proc p;
	size_t i;
	int fd;

	(void)state;
	srv_conf(srv, "%s", GOOD);
	write_junk(srv);
	srv_file(srv, "nul", "");
	fd = open(srv_path(srv, "nul"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, "workers = 2\n\0\n", 14), 14);
	fd_close(&fd);
	assert_int_equal(mkdir(srv_path(srv, "dir"), 0755), 0);
	assert_int_equal(mkfifo(srv_path(srv, "fifo"), 0644), 0);
	for (i = 0; i < nitems(files); i++) {
		all_fail(srv, &p, srv_path(srv, files[i].name));
		look_holds(p.err, files[i].why);
		assert_in_range(strlen(p.err), 1, 1 << 17);
		proc_end(&p);
	}
	assert_int_equal(unlink(srv_path(srv, "fifo")), 0);
	assert_int_equal(rmdir(srv_path(srv, "dir")), 0);
	srv_finish(&srv);
}

/* A good one is checked without a bind, a file or the server's knowledge. */
static void
test_check_touches_nothing(void **state)
{
	struct srv *srv = srv_start("%s", GOOD), *other = srv_new();
	struct proc p;
	size_t n;

	(void)state;
	srv_conf(other, "service \"e\" { handler = \"echo\" listen = "
	    "{\"127.0.0.1:%d\", \"unix:${DIR}/e.sock\"} }\n",
	    srv_port(srv, "e"));
	n = names(other);
	assert_int_equal(srv_verb(other, &p, "check", NULL), 0);
	look_holds(p.out, "is good: 1 service, 2 listen addresses");
	assert_string_equal(p.err, "");
	proc_end(&p);
	assert_int_equal(names(other), n);
	srv_finish(&srv);
	srv_finish(&other);
}

/* What --print shows is a configuration, and printed again the same. */
static void
test_print(void **state)
{
	struct srv *srv = srv_new();
	struct proc p, again;

	(void)state;
	srv_conf(srv, "%s", "workers = 3\n" SERVICE "deny = {\"10.0.0.0/8\"}\n"
	    "echo { delay = 1500ms delay_if = \"a\\\"\\\\b\\n\" } }\n");
	assert_int_equal(srv_verb(srv, &p, "check", "--print", NULL), 0);
	look_holds(p.out, "workers = 3");
	look_holds(p.out, "idle_timeout = 5m");
	srv_file(srv, "printed.conf", p.out);
	assert_int_equal(srv_verb(srv, &again, "check", "--print", "-c",
	    srv_path(srv, "printed.conf"), NULL), 0);
	assert_string_equal(again.out, p.out);
	proc_end(&p);
	proc_end(&again);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_mistakes, test_end),
		cmocka_unit_test_teardown(test_many, test_end),
		cmocka_unit_test_teardown(test_included, test_end),
		cmocka_unit_test_teardown(test_no_text, test_end),
		cmocka_unit_test_teardown(test_check_touches_nothing, test_end),
		cmocka_unit_test_teardown(test_print, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
