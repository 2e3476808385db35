/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log_sink: full disks, readers that are gone, slow or asleep,
 * and torn tails.  (Datagrams have a file of their own.)
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log_sink.h"

static struct log_sink sink;		/* fresh in each test */

static int
setup(void **state)
{
	(void)state;
	memset(&sink, 0, sizeof(sink));
	return 0;
}

static int
write_text(const char *text)
{
	return log_sink_write(&sink, text, strlen(text));
}

/* n records of 100 bytes each, numbered. */
static void
fill(char *buf, int n)
{
	int i;

	for (i = 0; i < n; i++)
		snprintf(buf + i * 100, 101, "%-99d\n", i);
}

/* All that can be read now; a string. */
static void
slurp(int fd, char *buf, size_t size)
{
	ssize_t k;
	size_t len = 0;

	while (len < size - 1 &&
	    (k = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)k;
	buf[len] = '\0';
}

static int
temp_file(void)
{
	char path[] = "/tmp/test_log_sink.XXXXXX";
	int fd;

	fd = mkostemp(path, O_APPEND);
	assert_int_not_equal(fd, -1);
	unlink(path);
	return fd;
}

static void
slurp_file(int fd, char *buf, size_t size)
{
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	slurp(fd, buf, size);
}

static void
test_full_disk(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_not_equal(fd, -1);
	log_sink_open(&sink, fd, LOG_K_FD, LOG_F_JSON);
	assert_int_equal(write_text("a\nb\nc\n"), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(sink.dropped, 3);
	assert_false(sink.torn);
	close(fd);
}

static void
test_reader_gone(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	log_sink_open(&sink, fds[1], LOG_K_FD, LOG_F_JSON);
	close(fds[0]);
	assert_int_equal(write_text("a\nb\n"), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(sink.dropped, 2);
	close(fds[1]);
}

/* A limit on the file's size is a full disk that can be widened. */
static void
test_torn_tail_gets_its_newline(void **state)
{
	struct rlimit old, small;
	char batch[401], got[1024], want[1024];
	int fd = temp_file();

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 150;
	fill(batch, 4);
	log_sink_open(&sink, fd, LOG_K_FD, LOG_F_JSON);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(log_sink_write(&sink, batch, 300), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(sink.dropped, 2);
	assert_true(sink.torn);
	assert_int_equal(write_text("lost\n"), -1);
	assert_int_equal(sink.dropped, 3);
	assert_true(sink.torn);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(log_sink_write(&sink, batch + 300, 100), 0);
	assert_false(sink.torn);
	assert_int_equal(write_text("next\n"), 0);
	slurp_file(fd, got, sizeof(got));
	snprintf(want, sizeof(want), "%.150s\n%.100snext\n", batch,
	    batch + 300);
	assert_string_equal(got, want);
	close(fd);
}

/* Room for the newline only: it counts as written. */
static void
test_torn_tail_ends_though_the_record_fails(void **state)
{
	struct rlimit old, small;
	char got[64];
	int fd = temp_file();

	(void)state;
	assert_int_equal(write(fd, "torn", 4), 4);
	log_sink_open(&sink, fd, LOG_K_FD, LOG_F_JSON);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 5;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_text("lost\n"), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(sink.torn);
	assert_int_equal(write_text("next\n"), 0);
	slurp_file(fd, got, sizeof(got));
	assert_string_equal(got, "torn\nnext\n");
	close(fd);
}

static void
test_tail_of_another_writer(void **state)
{
	static const struct { const char *there, *want; } cases[] = {
		{ "", "new\n" },
		{ "whole\n", "whole\nnew\n" },
		{ "torn", "torn\nnew\n" },
	};
	char got[64];
	size_t i, n;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = temp_file();
		n = strlen(cases[i].there);
		assert_int_equal(write(fd, cases[i].there, n), n);
		log_sink_open(&sink, fd, LOG_K_FD, LOG_F_JSON);
		assert_int_equal(write_text("new\n"), 0);
		slurp_file(fd, got, sizeof(got));
		assert_string_equal(got, cases[i].want);
		close(fd);
	}
}

/* A packet pipe shows each write: whole records, at most PIPE_BUF bytes, so
 * that those of several processes cannot mix. */
static void
test_writes_to_a_pipe_are_whole(void **state)
{
	char batch[10001], got[8192];
	int fds[2];
	ssize_t k, total = 0;

	(void)state;
	fill(batch, 100);
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_DIRECT | O_NONBLOCK), 0);
	log_sink_open(&sink, fds[1], LOG_K_FD, LOG_F_JSON);
	assert_int_equal(log_sink_write(&sink, batch, 10000), 0);
	while ((k = read(fds[0], got, sizeof(got))) > 0) {
		assert_true(k <= PIPE_BUF);
		assert_int_equal(got[k - 1], '\n');
		assert_memory_equal(got, batch + total, k);
		total += k;
	}
	assert_int_equal(total, 10000);
	close(fds[0]);
	close(fds[1]);
}

/* A child that reads slowly, a byte at first; exit 0 if all came. */
static pid_t
fork_reader(int fd, int other, const char *want, size_t n)
{
	char got[777];
	size_t len = 0;
	ssize_t k;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid > 0)
		return pid;
	close(other);
	while ((k = read(fd, got, len == 0 ? 1 : sizeof(got))) > 0) {
		if (len + (size_t)k > n || memcmp(got, want + len, (size_t)k))
			_exit(1);
		len += (size_t)k;
	}
	_exit(len == n ? 0 : 2);
}

static void
through(int read_fd, int write_fd)
{
	static char batch[60001];
	pid_t pid;
	int status;

	fill(batch, 600);
	pid = fork_reader(read_fd, write_fd, batch, 60000);
	log_sink_open(&sink, write_fd, LOG_K_FD, LOG_F_JSON);
	assert_int_equal(log_sink_write(&sink, batch, 60000), 0);
	assert_int_equal(sink.dropped, 0);
	close(write_fd);
	close(read_fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Small buffers and a slow reader: partial writes and waits, nothing lost. */
static void
test_slow_reader(void **state)
{
	static const int flags[] = { 0, O_NONBLOCK };
	int fds[2], small = 1;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(pipe2(fds, O_CLOEXEC | flags[i]), 0);
		assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) > 0);
		assert_int_equal(fcntl(fds[0], F_SETFL, 0), 0);
		through(fds[0], fds[1]);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC,
		    0, fds), 0);
		assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF,
		    &small, sizeof(small)), 0);
		assert_int_equal(fcntl(fds[1], F_SETFL, flags[i]), 0);
		through(fds[0], fds[1]);
	}
}

/* Nobody reads: given up after one wait, in both modes of the descriptor; then
 * nobody waits any more until somebody reads again. */
static void
test_sleeping_reader(void **state)
{
	static const int flags[] = { 0, O_NONBLOCK };
	char batch[10001], got[8192];
	int fds[2];
	size_t i;

	(void)state;
	fill(batch, 100);
	for (i = 0; i < 2; i++) {
		setup(NULL);
		assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
		assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) > 0);
		assert_int_equal(fcntl(fds[1], F_SETFL, flags[i]), 0);
		log_sink_open(&sink, fds[1], LOG_K_FD, LOG_F_JSON);
		assert_int_equal(log_sink_write(&sink, batch, 10000), -1);
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(sink.dropped, 60);
		assert_true(sink.stalled);
		assert_int_equal(log_sink_write(&sink, batch, 100), -1);
		assert_int_equal(sink.dropped, 61);
		slurp(fds[0], got, sizeof(got));
		assert_int_equal(strlen(got), 4000);
		assert_memory_equal(got, batch, 4000);
		assert_int_equal(write_text("again\n"), 0);
		assert_false(sink.stalled);
		slurp(fds[0], got, sizeof(got));
		assert_string_equal(got, "again\n");
		close(fds[0]);
		close(fds[1]);
	}
}

/* A stream socket may take part of a record and no more: its reader sees that
 * part ended, and whole records after it. */
static void
test_torn_tail_on_a_socket(void **state)
{
	char big[PIPE_BUF], got[4 * PIPE_BUF];
	int fds[2], i;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\n';
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, fds), 0);
	log_sink_open(&sink, fds[1], LOG_K_FD, LOG_F_JSON);
	sink.torn = true;
	for (i = 0; i < 3; i++)
		assert_int_equal(log_sink_write(&sink, big, sizeof(big)), 0);
	slurp(fds[0], got, sizeof(got));
	assert_int_equal(strlen(got), 1 + 3 * sizeof(big));
	assert_int_equal(got[0], '\n');
	for (i = 0; i < 3; i++)
		assert_memory_equal(got + 1 + (size_t)i * sizeof(big), big,
		    sizeof(big));
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_full_disk, setup),
		cmocka_unit_test_setup(test_reader_gone, setup),
		cmocka_unit_test_setup(test_torn_tail_gets_its_newline, setup),
		cmocka_unit_test_setup(
		    test_torn_tail_ends_though_the_record_fails, setup),
		cmocka_unit_test_setup(test_tail_of_another_writer, setup),
		cmocka_unit_test_setup(test_writes_to_a_pipe_are_whole, setup),
		cmocka_unit_test_setup(test_slow_reader, setup),
		cmocka_unit_test_setup(test_sleeping_reader, setup),
		cmocka_unit_test_setup(test_torn_tail_on_a_socket, setup),
	};

	alarm(60);			/* what must not block, blocked */
	signal(SIGPIPE, SIG_IGN);	/* as in every process of the server */
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
