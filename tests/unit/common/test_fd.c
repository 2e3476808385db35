/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fd - descriptors over a seqpacket pair: what is sent is what comes, and
 * a message that does not fit leaves nothing open behind it.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

struct pair {
	int sock[2];
	int pipe[2];		/* what is sent about */
	int open;		/* descriptors open before a test's body */
};

static int
count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int
setup(void **state)
{
	static struct pair p;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, p.sock) == -1 || pipe(p.pipe) == -1)
		return -1;
	p.open = count_open();
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *p = *state;
	int open = count_open();
	size_t i;

	for (i = 0; i < 2; i++) {
		if (p->sock[i] == -1)
			open++;
		fd_close(&p->sock[i]);
		fd_close(&p->pipe[i]);
	}
	return open == p->open ? 0 : -1;	/* nothing left over */
}

static void
test_close(void **state)
{
	struct pair *p = *state;
	int fd = dup(p->pipe[0]), same = fd;

	errno = ENOTTY;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(same, F_GETFD), -1);
	errno = ENOTTY;
	fd_close(&fd);
	assert_int_equal(errno, ENOTTY);
	fd = same;			/* EBADF inside is kept inside */
	fd_close(&fd);
	assert_int_equal(errno, ENOTTY);
}

static bool
is_same_file(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static void
test_pass(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 3, 252, FD_PASS_MAX };
	struct pair *p = *state;
	int out[FD_PASS_MAX], in[FD_PASS_MAX];
	size_t i, k, n;
	char buf[8];

	for (i = 0; i < FD_PASS_MAX; i++)
		out[i] = p->pipe[i % 2];
	for (i = 0; i < NITEMS(counts); i++) {
		assert_int_equal(fd_send(p->sock[0], "hello", 5, out,
		    counts[i]), 0);
		assert_int_equal(fd_recv(p->sock[1], buf, sizeof(buf), in,
		    counts[i], &n), 5);
		assert_memory_equal(buf, "hello", 5);
		assert_int_equal(n, counts[i]);
		for (k = 0; k < n; k++) {
			assert_true(is_same_file(in[k], out[k]));
			assert_int_equal(fcntl(in[k], F_GETFD), FD_CLOEXEC);
			fd_close(&in[k]);
		}
	}
}

/* One more than fits, and far more; the next message is whole again. */
static void
test_too_many(void **state)
{
	static const struct {
		size_t sent, max;
	} rows[] = { { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 3 }, { 253, 1 },
	    { 253, 252 } };
	struct pair *p = *state;
	int out[FD_PASS_MAX], in[FD_PASS_MAX];
	size_t i, n;
	char c;

	for (i = 0; i < FD_PASS_MAX; i++)
		out[i] = p->pipe[0];
	for (i = 0; i < NITEMS(rows); i++) {
		assert_int_equal(fd_send(p->sock[0], "x", 1, out,
		    rows[i].sent), 0);
		n = 99;
		errno = 0;
		assert_int_equal(fd_recv(p->sock[1], &c, 1, in, rows[i].max,
		    &n), -1);
		assert_int_equal(errno, EMSGSIZE);
		assert_int_equal(n, 0);
		assert_int_equal(count_open(), p->open);
		assert_int_equal(fd_send(p->sock[0], "y", 1, NULL, 0), 0);
		assert_int_equal(fd_recv(p->sock[1], &c, 1, in, 0, &n), 1);
		assert_int_equal(c, 'y');
	}
}

static void
test_too_long(void **state)
{
	struct pair *p = *state;
	char buf[4];
	int in[1];
	size_t n = 99;

	assert_int_equal(fd_send(p->sock[0], "12345", 5, p->pipe, 1), 0);
	assert_int_equal(fd_recv(p->sock[1], buf, sizeof(buf), in, 1, &n), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(n, 0);
}

/* The kernel drops what finds no number; half of a message is no message. */
static void
test_full_table(void **state)
{
	struct pair *p = *state;
	struct rlimit old, low;
	int out[4], in[4], next;
	size_t i, n = 99;
	ssize_t got;
	char c;

	for (i = 0; i < 4; i++)
		out[i] = p->pipe[0];
	assert_int_equal(fd_send(p->sock[0], "x", 1, out, 4), 0);
	next = dup(p->pipe[0]);
	close(next);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = (rlim_t)next + 2;
	setrlimit(RLIMIT_NOFILE, &low);
	got = fd_recv(p->sock[1], &c, 1, in, 4, &n);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(got, -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(n, 0);
}

static void
test_errors(void **state)
{
	struct pair *p = *state;
	int none = -1, in[1];
	size_t n = 99;
	char c;

	assert_int_equal(fd_send(p->sock[0], "x", 0, NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fd_send(p->sock[0], "x", 1, p->pipe,
	    FD_PASS_MAX + 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fd_send(p->sock[0], "x", 1, &none, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fd_recv(p->sock[1], &c, 1, in, 1, &n), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(n, 0);
	fd_close(&p->sock[0]);
	assert_int_equal(fd_recv(p->sock[1], &c, 1, in, 1, &n), 0);
	assert_int_equal(n, 0);
	/* Were it a signal, the test would end here. */
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(fd_send(p->sock[1], "x", 1, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_close), T(test_pass), T(test_too_many),
		T(test_too_long), T(test_full_table), T(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
