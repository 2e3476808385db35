/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_read - files: what is none, too long, missing; includes: order,
 * folders, loops, depth, and that errors name the right file and line.
 */
#include "tests/unit/common/conf_help.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define ECHO(name, port) \
	"service \"" name "\" {\n\thandler = \"echo\"\n" \
	"\tlisten = \"127.0.0.1:" port "\"\n}\n"

static int
enter(void **state)
{
	(void)state;
	help_folder_enter();
	return 0;
}

static int
leave(void **state)
{
	(void)state;
	help_folder_leave();
	return 0;
}

/* Loads a file; the names of its services, in order, with spaces. */
static void
check_services(const char *path, const char *names)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_load(path, help_sections, &e);
	char got[256] = "";

	if (conf == NULL)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < conf->nservices; i++) {
		(void)strcat(got, conf->services[i].name);
		(void)strcat(got, " ");
	}
	assert_string_equal(got, names);
	conf_free(&conf);
	conf_errors_free(&e);
}

static void
test_not_a_file(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	help_refuse_file("none.conf", "none.conf: cannot be opened: No such "
	    "file or directory\n");
	assert_int_equal(mkdir("dir", 0700), 0);
	help_refuse_file("dir", "dir: is a directory; a configuration is a "
	    "regular file\n");
	/* Nobody writes to it: opening it must not wait. */
	assert_int_equal(mkfifo("fifo", 0600), 0);
	help_refuse_file("fifo", "fifo: is a FIFO; a configuration is a "
	    "regular file\n");
	help_refuse_file("/dev/zero", "/dev/zero: is a device; a configuration "
	    "is a regular file\n");
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	help_refuse_file("sock", "sock: cannot be opened: No such device or "
	    "address\n");
	assert_int_equal(close(fd), 0);
	assert_int_equal(symlink("none.conf", "dangling"), 0);
	help_refuse_file("dangling", "dangling: cannot be opened: No such file "
	    "or directory\n");
	assert_int_equal(symlink("self", "self"), 0);
	help_refuse_file("self", "self: cannot be opened: Too many levels of "
	    "symbolic links\n");
}

static void
write_bytes(const char *path, size_t n, unsigned seed)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		(void)putc(seed >> 16 & 0xff, f);
	}
	assert_int_equal(fclose(f), 0);
}

static void
test_junk(void **state)
{
	struct conf_errors e = { 0 };

	(void)state;
	write_bytes("junk", 10 << 20, 1);
	help_refuse_file("junk", "junk: is longer than 1 MiB; a configuration "
	    "is shorter\n");
	write_bytes("less", 1 << 20, 1);
	assert_null(conf_load("less", help_sections, &e));
	assert_non_null(strstr(e.text, "less:"));
	assert_non_null(strstr(e.text, ": a NUL byte; a configuration is a "
	    "text file\n"));
	conf_errors_free(&e);
}

static void
test_length(void **state)
{
	char *text = malloc((1 << 20) + 2);
	size_t n = strlen(HELP_SERVICE);

	(void)state;
	memset(text, ' ', (1 << 20) + 1);
	memcpy(text, HELP_SERVICE, n);
	text[1 << 20] = '\0';
	help_write("at", text);
	check_services("at", "e ");
	text[1 << 20] = ' ';
	text[(1 << 20) + 1] = '\0';
	help_write("above", text);
	help_refuse_file("above", "above: is longer than 1 MiB; a "
	    "configuration is shorter\n");
	free(text);
}

/* Kernel files say that they are empty, and are not. */
static void
test_no_size(void **state)
{
	struct conf_errors e = { 0 };

	(void)state;
	assert_null(conf_load("/proc/self/status", help_sections, &e));
	assert_memory_equal(e.text, "/proc/self/status:1: \"Name:\" is "
	    "followed by", 43);
	conf_errors_free(&e);
}

static void
test_include_order(void **state)
{
	(void)state;
	assert_int_equal(mkdir("conf.d", 0700), 0);
	help_write("conf.d/20-b.conf", ECHO("b", "2"));
	help_write("conf.d/10-c.conf", ECHO("c", "3"));
	help_write("conf.d/Z.conf", ECHO("z", "4"));
	help_write("conf.d/.hidden.conf", "bad");
	help_write("conf.d/x.conf~", "bad");
	help_write("m.conf", ECHO("a", "1") "include(\"conf.d/*.conf\")\n"
	    ECHO("last", "9"));
	check_services("m.conf", "a c b z last ");
	/* Relative to the including file, not to the working folder. */
	assert_int_equal(mkdir("elsewhere", 0700), 0);
	assert_int_equal(chdir("elsewhere"), 0);
	check_services("../m.conf", "a c b z last ");
	assert_int_equal(chdir(".."), 0);
}

static void
test_include_places(void **state)
{
	char cwd[1024], text[2048];

	(void)state;
	assert_int_equal(mkdir("[a]*", 0700), 0);	/* a name, no pattern */
	help_write("[a]*/in.conf", "delay = 2s\n");
	help_write("[a]*/m.conf", "service \"e\" { handler = echo\n"
	    "listen = 127.0.0.1:1 echo { include ( 'in.conf' ) } }");
	check_services("[a]*/m.conf", "e ");
	help_write("one.conf", ECHO("one", "1"));
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	(void)snprintf(text, sizeof(text), "include(\"%s/one.conf\")", cwd);
	help_write("abs.conf", text);
	check_services("abs.conf", "one ");
	/* A pattern may match nothing, even in a folder that is not there. */
	help_write("none.conf", "include(\"nowhere/*.conf\")\n"
	    "include(\"x?.conf\")\n" ECHO("e", "1"));
	check_services("none.conf", "e ");
	assert_int_equal(setenv("WHICH", "one", 1), 0);
	help_write("env.conf", "include(\"${WHICH}.conf\")");
	check_services("env.conf", "one ");
	/* The same file twice is no loop. */
	help_write("empty.conf", "# nothing\n");
	help_write("twice.conf", "include(\"empty.conf\")\n"
	    "include(\"empty.conf\")\n" ECHO("e", "1"));
	check_services("twice.conf", "e ");
}

static void
test_include_bad(void **state)
{
	(void)state;
	help_write("a.conf", "\ninclude(\"b.conf\")\n");
	help_refuse_file("a.conf", "a.conf:2: include(\"b.conf\"): there is no "
	    "such file\n");
	help_write("a.conf", "include(\"no/b.conf\")\ninclude(\".\")\n");
	help_refuse_file("a.conf", "a.conf:1: include(\"no/b.conf\"): there is "
	    "no such file\na.conf:2: include: . is a directory; a "
	    "configuration is a regular file\n");
	assert_int_equal(mkfifo("b.conf", 0600), 0);
	help_write("a.conf", "include(\"b.conf\")\n");
	help_refuse_file("a.conf", "a.conf:1: include: b.conf is a FIFO; a "
	    "configuration is a regular file\n");
	assert_int_equal(unlink("b.conf"), 0);
	help_write("a.conf", "include(\"a\"\ninclude()\ninclude = 1\n");
	help_refuse_file("a.conf", "a.conf:1: include has one pattern in "
	    "quotes; write include(\"conf.d/*.conf\")\n"
	    "a.conf:2: include has one pattern in quotes; write "
	    "include(\"conf.d/*.conf\")\n");
	help_write("a.conf", "include = 1\n");
	help_refuse_file("a.conf", "a.conf:1: include is not known in the top "
	    "level; belay.conf(5) lists what is\n");
	help_refuse("include(\"x\")", "t:1: include works in files only; write "
	    "its content here\n");
}

/* Each error is at its own file and line, whatever came before it. */
static void
test_include_lines(void **state)
{
	(void)state;
	help_write("a.conf", "workers = 1\n\ninclude(\"b.conf\") nice = 99\n"
	    "\nengine = x\nwerkers = 1\n");
	help_write("b.conf", "# b\n/* two\nlines */ start_timeout = 1\n"
	    "log { level =\n\"loud\" }\n");
	help_refuse_file("a.conf",
	    "a.conf:6: werkers is not known in the top level; did you mean "
	    "workers?\n"
	    "b.conf:3: start_timeout = \"1\": not a duration; write a number "
	    "and its unit, like 250ms, 30s, 5m or 1h\n"
	    "a.conf:3: nice = \"99\": out of range; it may be 0 to 19\n"
	    "b.conf:5: level = \"loud\": not known; one of debug, info, warn, "
	    "error\n");
	/* The same line number of two files. */
	help_write("a.conf", "include(\"b.conf\") nice = 99 " HELP_SERVICE);
	help_write("b.conf", "workers = 1");
	help_refuse_file("a.conf", "a.conf:1: nice = \"99\": out of range; it "
	    "may be 0 to 19\n");
	help_write("a.conf", "\ninclude(\"b.conf\")\nnice = 2\n");
	help_write("b.conf", "\n\nnice = 1\n");
	help_refuse_file("a.conf", "a.conf:3: nice is given twice; remove one, "
	    "the first is at b.conf:3\n");
}

static void
test_include_balance(void **state)
{
	(void)state;
	help_write("a.conf", "log {\ninclude(\"b.conf\")\n");
	help_write("b.conf", "}\n");
	help_refuse_file("a.conf",
	    "b.conf:1: } closes nothing; remove it, or add the { before it\n"
	    "a.conf:1: { is not closed in this file; } is missing\n");
	help_write("a.conf", "include(\"b.conf\")\n}\n");
	help_write("b.conf", "\nlog {\n");
	help_refuse_file("a.conf",
	    "b.conf:2: { is not closed in this file; } is missing\n"
	    "a.conf:2: } closes nothing; remove it, or add the { before it\n");
}

static void
test_include_loop(void **state)
{
	(void)state;
	help_write("a.conf", "include(\"a.conf\")\n");
	help_refuse_file("a.conf", "a.conf:1: include: a.conf includes "
	    "itself\n");
	help_write("a.conf", "include(\"b.conf\")\n");
	help_write("b.conf", "\ninclude(\"c.conf\")\n");
	assert_int_equal(link("a.conf", "c.conf"), 0);	/* by another name */
	help_refuse_file("a.conf", "b.conf:2: include: c.conf includes "
	    "itself\n");
	help_refuse_file("./a.conf", "./b.conf:2: include: ./c.conf includes "
	    "itself\n");
}

/* 0.conf includes 1.conf and so on; the last one has a service. */
static void
write_chain(int n)
{
	char path[32], text[64];

	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%d.conf", i);
		(void)snprintf(text, sizeof(text), "include(\"%d.conf\")\n",
		    i + 1);
		help_write(path, i == n - 1 ? HELP_SERVICE : text);
	}
}

static void
test_include_depth(void **state)
{
	(void)state;
	write_chain(16);
	check_services("0.conf", "e ");
	write_chain(17);
	help_refuse_file("0.conf", "15.conf:1: include: 16.conf is nested "
	    "deeper than 16 files\n");
}

/* Two includes a file, 15 levels: 32768 files were it not for the limit. */
static void
test_include_bomb(void **state)
{
	struct conf_errors e = { 0 };
	char path[32], text[64];

	(void)state;
	for (int i = 0; i < 15; i++) {
		(void)snprintf(path, sizeof(path), "%d.conf", i);
		(void)snprintf(text, sizeof(text), "include(\"%d.conf\")\n"
		    "include(\"%d.conf\")\n", i + 1, i + 1);
		help_write(path, text);
	}
	help_write("15.conf", "");
	assert_null(conf_load("0.conf", help_sections, &e));
	assert_non_null(strstr(e.text, ".conf is one more than 1000 files\n"));
	conf_errors_free(&e);
}

static void
test_include_bytes(void **state)
{
	char *text = malloc((1 << 20) + 1), line[32];

	(void)state;
	memset(text, ' ', 1 << 20);
	text[1 << 20] = '\0';
	help_write("big", text);
	text[0] = '\0';
	for (int i = 0; i < 9; i++) {
		(void)snprintf(line, sizeof(line), "include(\"big\")\n");
		(void)strcat(text, line);
	}
	help_write("a.conf", text);
	help_refuse_file("a.conf", "a.conf:8: include: big makes the whole "
	    "longer than 8 MiB\na.conf:9: include: big makes the whole longer "
	    "than 8 MiB\n");
	free(text);
}

static void
test_unreadable(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("skip: root may read everything\n");
		skip();
	}
	help_write("a.conf", HELP_SERVICE);
	assert_int_equal(chmod("a.conf", 0), 0);
	help_refuse_file("a.conf", "a.conf: cannot be opened: Permission "
	    "denied\n");
	assert_int_equal(mkdir("shut", 0), 0);
	help_write("b.conf", "include(\"shut/*.conf\")");
	help_refuse_file("b.conf", "b.conf:1: include(\"shut/*.conf\"): a "
	    "folder cannot be read\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_not_a_file), T(test_junk), T(test_length),
		T(test_no_size), T(test_include_order),
		T(test_include_places), T(test_include_bad),
		T(test_include_lines), T(test_include_balance),
		T(test_include_loop), T(test_include_depth),
		T(test_include_bomb), T(test_include_bytes),
		T(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
