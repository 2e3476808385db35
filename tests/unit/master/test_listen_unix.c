/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_listen_unix - a unix listener's file: modes and owners, a live owner, a
 * dead one's file, what is not a socket.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"
#include "master/listen.h"
#include "tests/unit/master/listen_help.h"

struct fixture {
	char dir[32];
	struct addr a;			/* dir/x.sock */
	int fds;			/* open at the start */
};

static int
count(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;			/* . and .. */
}

static int
setup(void **state)
{
	static struct fixture f;
	char text[64];

	snprintf(f.dir, sizeof(f.dir), "/tmp/listen.XXXXXX");
	if (mkdtemp(f.dir) == NULL)
		return -1;
	f.fds = count("/proc/self/fd");
	snprintf(text, sizeof(text), "unix:%s/x.sock", f.dir);
	parse(text, &f.a);
	*state = &f;
	return 0;
}

/* Every test removes what it made: a temporary name left over is an error. */
static int
teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->a.u.sun.sun_path);
	if (count("/proc/self/fd") != f->fds)
		return -1;
	return rmdir(f->dir);
}

static int
open_as(const struct fixture *f, const char *options)
{
	char text[160];
	struct addr a;

	snprintf(text, sizeof(text), "unix:%s%s", f->a.u.sun.sun_path, options);
	return must_open(text, &plain, &a);
}

static void
expect_refused(const struct addr *a, int err, const char *advice)
{
	char why[256] = "";
	int fd = -1;

	errno = 0;
	assert_int_equal(listen_open(a, &plain, &fd, why, sizeof(why)), -1);
	assert_int_equal(errno, err);
	assert_int_equal(fd, -1);
	if (strstr(why, advice) == NULL)
		fail_msg("%s", why);
}

static struct stat
stat_of(const struct addr *a)
{
	struct stat st;

	assert_int_equal(lstat(a->u.sun.sun_path, &st), 0);
	return st;
}

static void
test_fresh(void **state)
{
	struct fixture *f = *state;
	int c, fd = open_as(f, ""), s;
	mode_t mask = umask(022);

	umask(mask);
	assert_int_equal(stat_of(&f->a).st_mode, S_IFSOCK | (0777 & ~mask));
	assert_int_equal(count(f->dir), 1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	c = client(&f->a);
	s = must_accept(fd);
	fd_close(&s);
	fd_close(&c);
	fd_close(&fd);
}

static void
test_modes(void **state)
{
	static const struct {
		const char *options;
		mode_t mode;
		uid_t uid;
		gid_t gid;
	} rows[] = {
		{ " mode=0600", 0600, 0, 0 },
		{ " mode=0777", 0777, 0, 0 },
		{ " mode=0000", 0000, 0, 0 },
		{ " owner=root group=root mode=0666", 0666, 0, 0 },
		{ " owner=65534 mode=0640", 0640, 65534, 0 },
		{ " group=65533 mode=0640", 0640, 0, 65533 },
		{ " group=12 owner=34 mode=0707", 0707, 34, 12 },
	};
	struct fixture *f = *state;
	struct stat st;
	mode_t mask;
	size_t i;
	int fd;

	if (geteuid() != 0)
		skip();
	mask = umask(027);
	for (i = 0; i < NITEMS(rows); i++) {
		fd = open_as(f, rows[i].options);
		st = stat_of(&f->a);
		assert_int_equal(st.st_mode, S_IFSOCK | rows[i].mode);
		assert_int_equal(st.st_uid, rows[i].uid);
		assert_int_equal(st.st_gid, rows[i].gid);
		fd_close(&fd);
		unlink(f->a.u.sun.sun_path);
	}
	assert_int_equal(umask(mask), 027);
}

static void
test_owner_unknown(void **state)
{
	static const struct {
		const char *owner, *group, *advice;
	} rows[] = {
		{ "no-such-user", "", "owner=no-such-user: no such user" },
		{ "", "no-such-group", "group=no-such-group: no such group" },
		{ "12x", "", "owner=12x: no such user" },
		{ "4294967295", "", "owner=4294967295: no such user" },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		strcpy(f->a.owner, rows[i].owner);
		strcpy(f->a.group, rows[i].group);
		expect_refused(&f->a, EINVAL, rows[i].advice);
		assert_int_equal(count(f->dir), 0);
	}
}

static void
test_live(void **state)
{
	struct fixture *f = *state;
	int fd = open_as(f, "");
	struct stat st = stat_of(&f->a);
	char held[64];

	snprintf(held, sizeof(held), "held by pid %d (", (int)getpid());
	expect_refused(&f->a, EADDRINUSE, held);
	/* Also when its queue is full, here of who asked just now. */
	assert_int_equal(listen(fd, 0), 0);
	expect_refused(&f->a, EADDRINUSE, "is in use");
	assert_int_equal(stat_of(&f->a).st_ino, st.st_ino);
	assert_int_equal(count(f->dir), 1);
	fd_close(&fd);
}

static void
test_live_datagram(void **state)
{
	struct fixture *f = *state;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, &f->a.u.sa, f->a.len), 0);
	expect_refused(&f->a, EADDRINUSE, "is in use");
	fd_close(&fd);
}

static int
giver(const void *arg)
{
	char why[256] = "";
	int fd = -1;

	if (listen_open(arg, &plain, &fd, why, sizeof(why)) != -1 ||
	    errno != EPERM)
		return 1;
	return strstr(why, "cannot give it owner=0") != NULL ? 0 : 2;
}

/* What was begun under the temporary name does not stay. */
static void
test_owner_refused(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(f->dir, 0777), 0);
	strcpy(f->a.owner, "0");
	assert_int_equal(as_nobody(giver, &f->a), 0);
	assert_int_equal(count(f->dir), 0);
}

/* As somebody who may neither ask the owner nor write to the directory. */
static int
stranger(const void *arg)
{
	char why[256] = "";
	int fd = -1;

	if (listen_open(arg, &plain, &fd, why, sizeof(why)) != -1 ||
	    errno != EACCES)
		return 1;
	if (strstr(why, "cannot tell whether its owner lives") != NULL)
		return 2;
	return strstr(why, "directory must be writable") != NULL ? 3 : 4;
}

static void
test_stranger(void **state)
{
	struct fixture *f = *state;
	int fd;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(f->dir, 0755), 0);
	fd = open_as(f, " mode=0600");
	assert_int_equal(as_nobody(stranger, &f->a), 2);
	assert_int_equal(unlink(f->a.u.sun.sun_path), 0);
	assert_int_equal(as_nobody(stranger, &f->a), 3);
	fd_close(&fd);
}

static void
test_stale(void **state)
{
	struct fixture *f = *state;
	int c, fd = open_as(f, " mode=0600"), s;
	ino_t old = stat_of(&f->a).st_ino;
	int keep = open(f->a.u.sun.sun_path, O_PATH | O_CLOEXEC);

	fd_close(&fd);			/* as a kill -9 leaves it */
	fd = open_as(f, " mode=0660");
	/* keep holds the old inode, so that its number is not used again. */
	assert_int_not_equal(stat_of(&f->a).st_ino, old);
	assert_int_equal(stat_of(&f->a).st_mode, S_IFSOCK | 0660);
	assert_int_equal(count(f->dir), 1);
	c = client(&f->a);
	s = must_accept(fd);
	fd_close(&s);
	fd_close(&c);
	fd_close(&fd);
	fd_close(&keep);
}

static void
test_not_a_socket(void **state)
{
	struct fixture *f = *state;
	const char *path = f->a.u.sun.sun_path;
	char buf[8];
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "precious", 8), 8);
	fd_close(&fd);
	expect_refused(&f->a, ENOTSOCK, "not a socket");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, buf, 8), 8);
	assert_memory_equal(buf, "precious", 8);
	fd_close(&fd);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_refused(&f->a, ENOTSOCK, "not a socket");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refused(&f->a, ENOTSOCK, "not a socket");
	unlink(path);
	assert_int_equal(symlink("/nowhere", path), 0);
	expect_refused(&f->a, ENOTSOCK, "not a socket");
	assert_true(S_ISLNK(stat_of(&f->a).st_mode));
}

static void
test_no_directory(void **state)
{
	struct fixture *f = *state;
	struct addr a;
	char text[64];

	snprintf(text, sizeof(text), "unix:%s/no/x.sock", f->dir);
	parse(text, &a);
	expect_refused(&a, ENOENT, "directory does not exist");
}

/* 107 bytes fit; a directory that leaves no room for a second name does not. */
static void
test_long(void **state)
{
	static const struct {
		size_t dir, name;
		bool is_ok;
	} rows[] = { { 0, 88, true }, { 80, 7, true }, { 82, 5, true },
	    { 83, 4, true }, { 84, 3, false }, { 86, 1, false } };
	struct fixture *f = *state;
	char fill[128], dir[256], path[512], text[520];
	struct addr a;
	size_t i;
	int fd;

	memset(fill, 'x', sizeof(fill));
	for (i = 0; i < NITEMS(rows); i++) {
		/* f->dir is "/tmp/listen.XXXXXX", 18 bytes. */
		snprintf(dir, sizeof(dir), "%s%s%.*s", f->dir,
		    rows[i].dir > 0 ? "/" : "", (int)rows[i].dir, fill);
		if (rows[i].dir > 0)
			assert_int_equal(mkdir(dir, 0700), 0);
		snprintf(path, sizeof(path), "%s/%.*s", dir, (int)rows[i].name,
		    fill);
		assert_int_equal(strlen(path), 107);
		snprintf(text, sizeof(text), "unix:%s", path);
		parse(text, &a);
		if (rows[i].is_ok) {
			fd = must_open(text, &plain, &a);
			fd_close(&fd);
			assert_int_equal(unlink(path), 0);
		} else {
			expect_refused(&a, ENAMETOOLONG, "at most 102 bytes");
		}
		if (rows[i].dir > 0)
			assert_int_equal(rmdir(dir), 0);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_fresh), T(test_modes), T(test_owner_unknown),
		T(test_owner_refused), T(test_live), T(test_live_datagram),
		T(test_stale),
		T(test_not_a_socket), T(test_no_directory), T(test_long),
		T(test_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
