/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidfile: the lock decides who runs; the number and the file's end.
 */
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "master/pidfile.h"

static char folder[] = "/tmp/belay-pidfile-XXXXXX";
static char path[64], other_path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/pid", folder);
	snprintf(other_path, sizeof other_path, "%s/other", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(other_path);
	return rmdir(folder);
}

static void
content(const char *want)
{
	char got[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	(void)!fread(got, 1, sizeof got - 1, f);
	fclose(f);
	assert_string_equal(got, want);
}

static void
test_one_only(void **state)
{
	pid_t other = 1;
	int fd = pidfile_open(path, &other);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(other, 0);
	content("");			/* not before it serves */
	assert_int_equal(pidfile_open(path, &other), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(other, 0);
	assert_int_equal(pidfile_write(fd, 4711), 0);
	content("4711\n");
	assert_int_equal(pidfile_open(path, &other), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(other, 4711);
	assert_int_equal(pidfile_write(fd, 8), 0);	/* shorter */
	content("8\n");
	pidfile_remove(fd, path);
	assert_int_equal(access(path, F_OK), -1);
	pidfile_remove(fd, path);	/* it is gone already */
	close(fd);
}

/* What a dead server has left is no hindrance. */
static void
test_left_over(void **state)
{
	pid_t other = 1;
	int fd = open(path, O_CREAT | O_WRONLY, 0644);

	(void)state;
	assert_int_equal(write(fd, "99999999\n", 9), 9);
	close(fd);
	fd = pidfile_open(path, &other);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pidfile_write(fd, 12), 0);
	content("12\n");
	pidfile_remove(fd, path);
	close(fd);
}

/* Another's file under our name is not ours to remove. */
static void
test_replaced(void **state)
{
	pid_t other;
	int fd = pidfile_open(path, &other), fd2;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(rename(path, other_path), 0);
	fd2 = pidfile_open(path, &other);
	assert_int_not_equal(fd2, -1);
	pidfile_remove(fd, path);
	assert_int_equal(access(path, F_OK), 0);
	pidfile_remove(fd2, path);
	assert_int_equal(access(path, F_OK), -1);
	close(fd);
	close(fd2);
}

static void
test_refused(void **state)
{
	pid_t other;

	(void)state;
	assert_int_equal(symlink(other_path, path), 0);
	assert_int_equal(pidfile_open(path, &other), -1);
	assert_int_equal(errno, ELOOP);
	unlink(path);
	assert_int_equal(pidfile_open("/nonexistent/pid", &other), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(pidfile_write(-1, 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_only),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("pidfile", tests, setup, teardown);
}
