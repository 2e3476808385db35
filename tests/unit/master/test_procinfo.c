/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * procinfo: of this process, of a dead one, and of one with an ugly name.
 */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "master/procinfo.h"

static void
test_self(void **state)
{
	struct procinfo p, q;
	char *much = malloc(32 << 20);

	(void)state;
	assert_non_null(much);
	assert_int_equal(procinfo_get(getpid(), &p), 0);
	assert_int_equal(p.state, 'R');
	assert_true(p.rss_bytes > 100000);
	memset(much, 1, 32 << 20);
	while (clock() < CLOCKS_PER_SEC / 20)
		;
	assert_int_equal(procinfo_get(getpid(), &q), 0);
	assert_true(q.rss_bytes >= p.rss_bytes + (16 << 20));
	assert_in_range(q.cpu_ms, 10, 60000);
	free(much);
}

/* The name may hold anything, also what the fields behind it look like. */
static void
test_name(void **state)
{
	static const char *const names[] = { "a) Z 1 2 3", ") )", "(", "a b" };
	struct procinfo p;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(prctl(PR_SET_NAME, names[i]), 0);
		assert_int_equal(procinfo_get(getpid(), &p), 0);
		assert_int_equal(p.state, 'R');
		assert_true(p.rss_bytes > 0);
	}
}

static void
test_dead(void **state)
{
	struct procinfo p;
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
	    0);
	assert_int_equal(procinfo_get(pid, &p), 0);
	assert_int_equal(p.state, 'Z');
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(procinfo_get(pid, &p), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_dead),
	};

	return cmocka_run_group_tests_name("procinfo", tests, NULL, NULL);
}
