/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a verb looks for its server, whatever its configuration looks like. */
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf_paths.h"
#include "master/cli/conf_path.h"
#include "tests/unit/master/cli_fixture.h"

#define SERVICE	"service \"e\" { handler = \"echo\" " \
		"listen = {\"127.0.0.1:7\"} }\n"

static char conf_file[] = "/tmp/cli_conf_path.XXXXXX";

static int
setup(void **state)
{
	int fd = mkstemp(conf_file);

	(void)state;
	unsetenv("NOT_SET");
	return fd == -1 ? -1 : close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(conf_file);
}

/* A verb that says where it would ask. */
static int
show_paths(int argc, char **argv)
{
	struct conf *conf = cli_conf_load_server(argc > 1 ? argv[1] : NULL);
	char *path = cli_control_path(argc > 1 ? argv[1] : NULL);

	if (conf == NULL || path == NULL)
		return CLI_FAILED;
	printf("%s %s %d", path, conf->pid_file,
	    strcmp(conf->control_socket, path));
	conf_free(&conf);
	free(path);
	return CLI_DONE;
}

static struct cli_result
paths_of(const char *path)
{
	char line[128];

	snprintf(line, sizeof(line), "paths %s", path);
	return cli_call(show_paths, line, NULL);
}

static void
write_conf(const char *text, size_t len)
{
	FILE *f = fopen(conf_file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Each is wrong somewhere; control is what is to be found, NULL: nothing. */
static const struct row {
	const char *text, *control;
	size_t len;			/* 0: up to the NUL */
} rows[] = {
	{ "control_socket = \"/r/a\"\n" SERVICE, "/r/a", 0 },
	{ "control_socket = \"/r/a\"\nnonsense = 1\n" SERVICE, "/r/a", 0 },
	{ "}}} control_socket='/r/a'", "/r/a", 0 },
	{ "service \"e\" {\ncontrol_socket = /r/a\n", "/r/a", 0 },
	{ "control_socket=\"/r/\\x61\"; x", "/r/a", 0 },
	{ "control_socket = \"/r/a\ncontrol_socket = \"/r/b\"", "/r/a", 0 },
	{ "control_socket = \"/r/a\"\ncontrol_socket = \"/r/b\"", "/r/a", 0 },
	{ "# control_socket = \"/r/x\"\ncontrol_socket = \"/r/a\"\nx", "/r/a",
	    0 },
	{ "// control_socket = \"/r/x\"\n/* control_socket = \"/r/y\"\n*/"
	    "control_socket = \"/r/a\" x", "/r/a", 0 },
	{ "x = \"control_socket = /r/x\" control_socket = \"/r/a\"", "/r/a",
	    0 },
	{ "\xef\xbb\xbf" "control_socket = \"/r/a\"", "/r/a", 0 },
	{ "control_socket = \"/r/a\"\n\0 and more", "/r/a", 35 },
	{ "user = \"${NOT_SET}\" control_socket = \"/r/a\"", "/r/a", 0 },
	{ "control_socket = \"/r${NOT_SET:-/a}\" x", "/r/a", 0 },
	{ "control_socket = \"/r/a\" /* no end", "/r/a", 0 },
	{ "", NULL, 0 },
	{ "nonsense = 1\n", NULL, 0 },
	{ "control_socket", NULL, 0 },
	{ "control_socket =", NULL, 0 },
	{ "control_socket \"/r/x\"", NULL, 0 },
	{ "control_socket = { \"/r/x\" }", NULL, 0 },
	{ "# control_socket = \"/r/x\"\nx", NULL, 0 },
	{ "/* control_socket = \"/r/x\"", NULL, 0 },
	{ "\0control_socket = \"/r/x\"", NULL, 25 },
};

static void
test_broken(void **state)
{
	char dir[CONF_PATH_MAX], want[2 * CONF_PATH_MAX + 64];
	struct cli_result r;
	size_t i;

	(void)state;
	assert_int_equal(conf_paths_dir(false, dir), 0);
	for (i = 0; i < NITEMS(rows); i++) {
		const struct row *row = &rows[i];

		write_conf(row->text, row->len != 0 ? row->len :
		    strlen(row->text));
		if (row->control != NULL)
			snprintf(want, sizeof(want), "%s %s/belay.pid 0",
			    row->control, dir);
		else
			snprintf(want, sizeof(want), "%s/control.sock "
			    "%s/belay.pid 0", dir, dir);
		r = paths_of(conf_file);
		if (strcmp(r.out, want) != 0 || r.err[0] != '\0')
			fail_msg("row %zu: out \"%s\", not \"%s\"; err \"%s\"",
			    i, r.out, want, r.err);
		cli_result_free(&r);
	}
}

static void
test_pid_file(void **state)
{
	static const char text[] = "x\npid_file = \"/r/p\" "
	    "control_socket = \"/r/a\"";
	struct cli_result r;

	(void)state;
	write_conf(text, strlen(text));
	r = paths_of(conf_file);
	assert_string_equal(r.out, "/r/a /r/p 0");
	cli_result_free(&r);
}

/* Only what cannot be read at all is worth a word. */
static void
test_unreadable(void **state)
{
	char dir[CONF_PATH_MAX], want[2 * CONF_PATH_MAX + 64];
	struct cli_result r;

	(void)state;
	assert_int_equal(conf_paths_dir(false, dir), 0);
	snprintf(want, sizeof(want), "%s/control.sock %s/belay.pid 0", dir,
	    dir);
	r = paths_of("/none/such.conf");
	assert_string_equal(r.out, want);
	assert_non_null(strstr(r.err, "belay: /none/such.conf: cannot be "
	    "opened: No such file"));
	cli_result_free(&r);
	r = paths_of("/tmp");
	assert_string_equal(r.out, want);
	assert_non_null(strstr(r.err, "belay: /tmp: "));
	cli_result_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_pid_file),
		cmocka_unit_test(test_unreadable),
	};

	(void)cli_calls();
	return cmocka_run_group_tests(tests, setup, teardown);
}
