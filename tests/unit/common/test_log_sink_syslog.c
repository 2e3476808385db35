/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log_sink on a syslog socket: priorities, and a daemon that is
 * started again, gone, or asleep.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log_sink.h"

static struct log_sink sink;		/* fresh in each test */
static char dir[] = "/tmp/test_log_sink_syslog.XXXXXX";
static struct sockaddr_un sun = { .sun_family = AF_UNIX };
static int daemon_fd, log_sock;

static int
write_text(const char *text)
{
	return log_sink_write(&sink, text, strlen(text));
}

static int
syslogd_open(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlink(sun.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static int
setup(void **state)
{
	(void)state;
	daemon_fd = syslogd_open();
	log_sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(log_sock, (struct sockaddr *)&sun,
	    sizeof(sun)), 0);
	memset(&sink, 0, sizeof(sink));
	log_sink_open(&sink, log_sock, LOG_K_SYSLOG, LOG_F_LOGFMT);
	log_sink_pid(&sink, 77);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(log_sock);
	close(daemon_fd);
	return unlink(sun.sun_path);
}

static void
expect_datagram(const char *want)
{
	char got[256];
	ssize_t k = recv(daemon_fd, got, sizeof(got) - 1, 0);

	assert_true(k > 0);
	got[k] = '\0';
	assert_string_equal(got, want);
}

#define REC(level)	"ts=2026-01-02T12:00:01.123456Z level=" level " event=a"

/* A batch becomes one datagram a record, each with its own priority. */
static void
test_priorities(void **state)
{
	(void)state;
	assert_int_equal(write_text(REC("error") "\n" REC("warn") "\n"
	    REC("info") "\n" REC("debug") "\n"), 0);
	expect_datagram("<27>belay[77]: " REC("error"));
	expect_datagram("<28>belay[77]: " REC("warn"));
	expect_datagram("<30>belay[77]: " REC("info"));
	expect_datagram("<31>belay[77]: " REC("debug"));
}

/* The same name, another socket: nothing is lost. */
static void
test_daemon_starts_again(void **state)
{
	(void)state;
	close(daemon_fd);
	daemon_fd = syslogd_open();
	assert_int_equal(write_text("x\n"), 0);
	expect_datagram("<30>belay[77]: x");
	assert_int_equal(sink.dropped, 0);
}

static void
test_daemon_gone_and_back(void **state)
{
	(void)state;
	close(daemon_fd);
	assert_int_equal(write_text("y\nz\n"), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(sink.dropped, 2);
	daemon_fd = syslogd_open();
	assert_int_equal(write_text("back\n"), 0);
	expect_datagram("<30>belay[77]: back");
	assert_int_equal(sink.dropped, 2);
}

/* Its queue is full: what does not fit is dropped after one wait, not waited
 * for; what fits is in order; then it flows again. */
static void
test_daemon_sleeps(void **state)
{
	char got[256];
	int queued = 0, i;

	(void)state;
	for (i = 0; i < 5000 && write_text("m\n") == 0; i++)
		queued++;
	assert_true(i < 5000);
	assert_int_equal(errno, EAGAIN);
	assert_true(sink.stalled);
	assert_int_equal(sink.dropped, 1);
	while (recv(daemon_fd, got, sizeof(got), 0) > 0)
		queued--;
	assert_int_equal(queued, 0);
	assert_int_equal(write_text("again\n"), 0);
	assert_false(sink.stalled);
	expect_datagram("<30>belay[77]: again");
}

static int
group_setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/log", dir);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

#define SYSLOG_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SYSLOG_TEST(test_priorities),
		SYSLOG_TEST(test_daemon_starts_again),
		SYSLOG_TEST(test_daemon_gone_and_back),
		SYSLOG_TEST(test_daemon_sleeps),
	};

	alarm(60);			/* what must not block, blocked */
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
