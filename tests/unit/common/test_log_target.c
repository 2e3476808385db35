/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log_target: what may be a log, and that what may not is
 * refused with a reason instead of waited for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log_target.h"

static char dir[] = "/tmp/test_log_target.XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void
refused(const char *target, const char *syslog_path, int errnum)
{
	const char *why = NULL;
	enum log_kind kind;

	assert_int_equal(log_target_open(target, syslog_path, &kind, &why), -1);
	assert_int_equal(errno, errnum);
	assert_non_null(why);
	assert_true(strlen(why) > 10);
}

static void
test_stderr(void **state)
{
	const char *why;
	enum log_kind kind = LOG_NKINDS;

	(void)state;
	assert_int_equal(log_target_open("stderr", NULL, &kind, &why), 2);
	assert_int_equal(kind, LOG_K_FD);
}

static void
test_file(void **state)
{
	const char *why;
	enum log_kind kind;
	struct stat st;
	int i, fd;
	mode_t mask = umask(0);

	(void)state;
	for (i = 0; i < 2; i++) {	/* made, then appended to */
		fd = log_target_open("./log", NULL, &kind, &why);
		assert_int_not_equal(fd, -1);
		assert_int_equal(kind, LOG_K_FD);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(fd, "x\n", 2), 2);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		assert_int_equal(st.st_size, 2 * (i + 1));
		close(fd);
	}
	umask(mask);
	unlink("log");
}

static void
test_paths_refused(void **state)
{
	(void)state;
	refused(dir, NULL, EISDIR);
	refused("./none/log", NULL, ENOENT);
	refused("/dev/null/log", NULL, ENOTDIR);
	refused("stder", NULL, EINVAL);
	refused("", NULL, EINVAL);
	refused("journal", NULL, ENOTSUP);
	assert_int_equal(access("stder", F_OK), -1);	/* nothing was made */
}

static void
test_fifo(void **state)
{
	const char *why;
	enum log_kind kind;
	int reader, fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	refused("./fifo", NULL, ENXIO);
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fd = log_target_open("./fifo", NULL, &kind, &why);
	assert_int_not_equal(fd, -1);
	close(fd);
	close(reader);
	unlink("fifo");
}

static void
test_syslog(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "sock" };
	char longer[200];
	const char *why;
	enum log_kind kind = LOG_NKINDS;
	int daemon_fd, fd;

	(void)state;
	refused("syslog", "sock", ENOENT);
	daemon_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(daemon_fd, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	fd = log_target_open("syslog", "sock", &kind, &why);
	assert_int_not_equal(fd, -1);
	assert_int_equal(kind, LOG_K_SYSLOG);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(daemon_fd);
	refused("syslog", "sock", ECONNREFUSED);
	refused("./sock", NULL, ENXIO);
	unlink("sock");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	refused("syslog", longer, ENAMETOOLONG);
}

static void
test_syslog_stream_is_refused(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	refused("syslog", "sock", EPROTOTYPE);
	close(fd);
	unlink("sock");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stderr),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_paths_refused),
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_syslog_stream_is_refused),
	};

	alarm(60);			/* what must not block, blocked */
	return cmocka_run_group_tests(tests, setup, teardown);
}
