/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd_sweep: in a child, which is left with what it was told to keep.
 */
#include <sys/wait.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd_sweep.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))
enum { FIRST = 40, LAST = 60, MOST = 8 };

static const struct sweep {
	int keep[MOST];
	size_t n;
} sweeps[] = {
	{ { 0 }, 0 },
	{ { FIRST }, 1 },
	{ { LAST }, 1 },
	{ { 45, 46, 47 }, 3 },
	{ { 59, 41, 50 }, 3 },		/* in any order */
	{ { 50, 50, 41, 50 }, 4 },	/* twice the same */
	{ { -1, 44, -1 }, 3 },		/* none */
	{ { -1, -1 }, 2 },
	{ { 44, 3000 }, 2 },		/* one that is not open */
};

static bool
is_kept(const struct sweep *s, int fd)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->keep[i] == fd)
			return true;
	return false;
}

/* In the child, without a word: its stderr is swept too. */
static int
swept(const struct sweep *s)
{
	for (int fd = FIRST; fd <= LAST; fd++)
		if (dup2(STDIN_FILENO, fd) == -1)
			return 1;
	if (fd_sweep(s->keep, s->n) == -1)
		return 2;
	for (int fd = 0; fd < 256; fd++) {
		bool want = is_kept(s, fd) && fd >= FIRST && fd <= LAST;

		if ((fcntl(fd, F_GETFD) != -1) != want)
			return 3;
	}
	return 0;
}

static void
test_sweep(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < NITEMS(sweeps); i++) {
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0)
			_exit(swept(&sweeps[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) != 0)
			fail_msg("sweep %zu: %d", i, WEXITSTATUS(status));
	}
}

static void
test_too_many(void **state)
{
	static const int keep[FD_SWEEP_MAX + 1];

	(void)state;
	errno = 0;
	assert_int_equal(fd_sweep(keep, NITEMS(keep)), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_not_equal(fcntl(STDOUT_FILENO, F_GETFD), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("fd_sweep", tests, NULL, NULL);
}
