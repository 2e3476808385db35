/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_portholder - a busy port's holder is named; where we may not look, the
 * user is.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"
#include "master/portholder.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum { NOBODY = 65534 };

static int
listener(struct addr *a)
{
	const char *why;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(addr_parse("127.0.0.1:0", a, &why), 0);
	assert_int_equal(bind(fd, &a->u.sa, a->len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, &a->u.sa, &a->len), 0);
	return fd;
}

static uint32_t
inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

static void
test_own(void **state)
{
	char text[PORTHOLDER_TEXT_MAX], want[PORTHOLDER_TEXT_MAX];
	struct addr a;
	int fd = listener(&a);

	(void)state;
	prctl(PR_SET_NAME, "holder");
	snprintf(want, sizeof(want), "held by pid %d (holder)", (int)getpid());
	assert_true(portholder_text(&a, true, text));
	assert_string_equal(text, want);
	fd_close(&fd);
	assert_false(portholder_text(&a, true, text));
	assert_string_equal(text, "");
}

/* Of a server and its workers the server is named; a worker left alone, too. */
static void
test_shared(void **state)
{
	struct addr a;
	int fd = listener(&a), gate[2];
	uint32_t inode = inode_of(fd);
	pid_t child, pid = 0;
	char c;

	(void)state;
	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		fd_close(&gate[1]);
		_exit(read(gate[0], &c, 1) == 0 ? 0 : 1);
	}
	assert_true(portholder_find(inode, &pid));
	assert_int_equal(pid, getpid() < child ? getpid() : child);
	fd_close(&fd);
	assert_true(portholder_find(inode, &pid));
	assert_int_equal(pid, child);
	fd_close(&gate[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(portholder_find(inode, &pid));
	fd_close(&gate[0]);
}

static void
test_name(void **state)
{
	static const char *const rows[][2] = {
		{ "plain", "plain" },
		{ "with space (x)", "with space (x)" },
		{ "a\nb\x1b[1m\xff", "a?b?[1m?" },
		{ "", "" },
	};
	char name[PORTHOLDER_NAME_MAX];
	pid_t child;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		prctl(PR_SET_NAME, rows[i][0]);
		portholder_name(getpid(), name);
		assert_string_equal(name, rows[i][1]);
	}
	if ((child = fork()) == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	portholder_name(child, name);
	assert_string_equal(name, "gone");
}

/* A stranger learns the user, not the process. */
static void
test_not_permitted(void **state)
{
	char text[PORTHOLDER_TEXT_MAX];
	struct addr a;
	int fd, status;
	pid_t child, pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = listener(&a);
	if ((child = fork()) == 0) {
		fd_close(&fd);
		if (setgroups(0, NULL) == -1 || setgid(NOBODY) == -1 ||
		    setuid(NOBODY) == -1)
			_exit(1);
		if (!portholder_text(&a, true, text) ||
		    strcmp(text, "held by a process of uid 0") != 0)
			_exit(2);
		_exit(portholder_find(1, &pid) ? 3 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fd_close(&fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_not_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
