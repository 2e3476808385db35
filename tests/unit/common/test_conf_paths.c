/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_paths - where pid file and socket lie, and which folders are safe
 * to put them in.
 */
#include "tests/unit/common/conf_help.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/conf_paths.h"

static char here[1024];

static int
enter(void **state)
{
	(void)state;
	help_folder_enter();
	return getcwd(here, sizeof(here)) == NULL ? -1 : 0;
}

static int
leave(void **state)
{
	(void)state;
	help_folder_leave();
	return 0;
}

static const char *
in_here(const char *name)
{
	static char path[4][2048];
	static unsigned i;

	i = (i + 1) % 4;
	(void)snprintf(path[i], sizeof(path[i]), "%s/%s", here, name);
	return path[i];
}

static void
check_dir(bool is_builtin, const char *expected)
{
	char dir[CONF_PATH_MAX];

	assert_int_equal(conf_paths_dir(is_builtin, dir), 0);
	assert_string_equal(dir, expected);
}

static void
test_dir(void **state)
{
	char name[64], other[2048];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s", in_here("other"));
	(void)snprintf(name, sizeof(name), "belay-%u", (unsigned)geteuid());
	assert_int_equal(setenv("XDG_RUNTIME_DIR", here, 1), 0);
	assert_int_equal(setenv("TMPDIR", "/var/tmp", 1), 0);
	check_dir(true, in_here("belay"));
	/* Relative, missing, no folder, or another's: as if it were not set. */
	assert_int_equal(setenv("XDG_RUNTIME_DIR", ".", 1), 0);
	check_dir(true, strcat(strcpy(here, "/var/tmp/"), name));
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "/nowhere", 1), 0);
	check_dir(true, here);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "/dev/null", 1), 0);
	check_dir(true, here);
	assert_int_equal(mkdir("other", 0700), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("other", 12345, 12345), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", geteuid() == 0 ? other :
	    "/", 1), 0);
	check_dir(true, here);
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
	check_dir(true, here);
	check_dir(false, geteuid() == 0 ? "/run/belay" : here);
	assert_int_equal(setenv("TMPDIR", "tmp", 1), 0);
	check_dir(true, strcat(strcpy(here, "/tmp/"), name));
	assert_int_equal(unsetenv("TMPDIR"), 0);
	check_dir(true, here);
}

static void
test_dir_long(void **state)
{
	char dir[CONF_PATH_MAX], *tmp = malloc(CONF_PATH_MAX + 1);

	(void)state;
	memset(tmp, '/', CONF_PATH_MAX);
	tmp[CONF_PATH_MAX] = '\0';
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
	assert_int_equal(setenv("TMPDIR", tmp, 1), 0);
	errno = 0;
	assert_int_equal(conf_paths_dir(true, dir), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	free(tmp);
}

/* The file's word counts more than any default. */
static void
test_in_conf(void **state)
{
	struct conf_errors e = { 0 };
	struct conf *c;

	(void)state;
	assert_int_equal(setenv("XDG_RUNTIME_DIR", here, 1), 0);
	c = conf_load(NULL, help_sections, &e);
	assert_non_null(c);
	assert_string_equal(c->pid_file, in_here("belay/belay.pid"));
	assert_string_equal(c->control_socket, in_here("belay/control.sock"));
	conf_free(&c);
	c = help_parse(HELP_SERVICE "pid_file = /a/b", help_sections);
	assert_string_equal(c->pid_file, "/a/b");
	assert_string_equal(c->control_socket, geteuid() == 0 ?
	    "/run/belay/control.sock" : in_here("belay/control.sock"));
	conf_free(&c);
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
}

static int
prepare(const char *dir, char why[static 1024])
{
	char pid[2048], sock[2048];
	struct conf c = { .pid_file = pid, .control_socket = sock };
	struct conf_errors e = { 0 };
	int rc;

	(void)snprintf(pid, sizeof(pid), "%s/belay.pid", dir);
	(void)snprintf(sock, sizeof(sock), "%s/control.sock", dir);
	rc = conf_paths_prepare(&c, &e);
	(void)snprintf(why, 1024, "%s", e.text != NULL ? e.text : "");
	conf_errors_free(&e);
	assert_int_equal(conf_paths_prepare(&c, NULL), rc);
	return rc;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_prepare(void **state)
{
	char why[1024];

	(void)state;
	assert_int_equal(prepare(in_here("new"), why), 0);
	assert_string_equal(why, "");
	assert_int_equal(mode_of("new"), geteuid() == 0 ? 0755 : 0700);
	/* What the administrator made is left as it is. */
	assert_int_equal(mkdir("old", 0700), 0);
	assert_int_equal(chmod("old", 0770), 0);
	assert_int_equal(prepare(in_here("old"), why), 0);
	assert_int_equal(mode_of("old"), 0770);
	assert_int_equal(symlink("old", "link"), 0);
	assert_int_equal(prepare(in_here("link"), why), 0);
	assert_int_equal(prepare("", why), 0);		/* the root folder */
}

static void
check_refused(const char *dir, int errnum, const char *reason)
{
	char why[1024], expected[4096];

	errno = 0;
	assert_int_equal(prepare(dir, why), -1);
	assert_int_equal(errno, errnum);
	(void)snprintf(expected, sizeof(expected), "pid_file: the folder of "
	    "%s/belay.pid: %s\n", dir, reason);
	assert_string_equal(why, expected);
}

/* Where anybody may write, somebody may have been there before us. */
static void
test_prepare_shared(void **state)
{
	char why[1024];

	(void)state;
	assert_int_equal(mkdir("tmp", 0700), 0);
	assert_int_equal(chmod("tmp", 01777), 0);
	assert_int_equal(prepare(in_here("tmp/new"), why), 0);
	assert_int_equal(mode_of("tmp/new"), 0700);
	assert_int_equal(prepare(in_here("tmp/new"), why), 0);
	/* Others may look, as a control_group has to, but not write. */
	assert_int_equal(chmod("tmp/new", 0755), 0);
	assert_int_equal(prepare(in_here("tmp/new"), why), 0);
	assert_int_equal(chmod("tmp/new", 0720), 0);
	check_refused(in_here("tmp/new"), EPERM,
	    "may be written by others; chmod go-w");
	assert_int_equal(chmod("tmp/new", 0702), 0);
	check_refused(in_here("tmp/new"), EPERM,
	    "may be written by others; chmod go-w");
	assert_int_equal(mkdir("safe", 0700), 0);
	assert_int_equal(symlink("../safe", "tmp/link"), 0);
	check_refused(in_here("tmp/link"), ENOTDIR, "Not a directory");
	help_write("tmp/file", "");
	check_refused(in_here("tmp/file"), ENOTDIR, "Not a directory");
	if (geteuid() == 0) {
		assert_int_equal(mkdir("tmp/other", 0700), 0);
		assert_int_equal(chown("tmp/other", 12345, 12345), 0);
		check_refused(in_here("tmp/other"), EPERM,
		    "belongs to another user");
	}
}

static void
test_prepare_missing(void **state)
{
	(void)state;
	check_refused(in_here("no/such"), ENOENT, "No such file or directory");
	help_write("file", "");
	check_refused(in_here("file/x"), ENOTDIR, "Not a directory");
}

#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_dir), T(test_dir_long), T(test_in_conf),
		T(test_prepare), T(test_prepare_shared),
		T(test_prepare_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
