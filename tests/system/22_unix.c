/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of a unix listener: its mode and owner, whom it replaces, whom not,
 * and that it is gone afterwards.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

static const char conf[] =
    "workers = 1\n"
    "service \"e\" { handler = \"echo\" listen = {\"unix:%s%s\"} }\n";

static void
hello(const char *path)
{
	char addr[128];
	int fd;

	snprintf(addr, sizeof addr, "unix:%s", path);
	fd = client_open(addr);
	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_shut(fd);
	client_expect_eof(fd);
	client_close(&fd);
}

static void
check_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
}

static void
test_mode(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
	} rows[] = {
		{ " mode=0660", 0660 }, { " mode=0600", 0600 },
		{ " mode=0777", 0777 }, { "", 0755 },
	};
	mode_t mask = umask(022);
	struct srv *srv;
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		srv = srv_new();
		snprintf(path, sizeof path, "%s", srv_path(srv, "e.sock"));
		srv_conf(srv, conf, path, rows[i].text);
		srv_boot(srv);
		check_mode(path, rows[i].mode);
		check_mode(srv_path(srv, "control.sock"), 0600);
		hello(path);
		assert_int_equal(srv_stop(srv), 0);
		assert_false(look_exists(path));
		srv_finish(&srv);
	}
	umask(mask);
}

static void
test_owner(void **state)
{
	const struct passwd *pw = getpwnam("nobody");
	const struct group *gr;
	struct srv *srv;
	char path[128], how[64];
	struct stat st;

	(void)state;
	if (geteuid() != 0 || pw == NULL)
		look_skip("only root may give a file to nobody");
	gr = getgrgid(pw->pw_gid);
	assert_non_null(gr);
	snprintf(how, sizeof how, " group=%s mode=0620 owner=nobody",
	    gr->gr_name);
	srv = srv_new();
	snprintf(path, sizeof path, "%s", srv_path(srv, "e.sock"));
	srv_conf(srv, conf, path, how);
	srv_boot(srv);
	check_mode(path, 0620);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, pw->pw_uid);
	assert_int_equal(st.st_gid, pw->pw_gid);
	hello(path);
	srv_finish(&srv);
}

static void
test_live_owner(void **state)
{
	struct srv *first = srv_new(), *second = srv_new();
	char path[128], held[64];
	struct stat before, after;
	struct proc p;

	(void)state;
	snprintf(path, sizeof path, "%s", srv_path(first, "e.sock"));
	srv_conf(first, conf, path, "");
	srv_conf(second, conf, path, "");
	srv_boot(first);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(srv_verb(second, &p, "run", NULL), 1);
	snprintf(held, sizeof held, "held by pid %d (belay)",
	    (int)srv_master_pid(first));
	look_holds(p.err, held);
	proc_end(&p);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	hello(path);
	srv_finish(&first);
	srv_finish(&second);
}

/* A file whose owner died, as a bind without a listener leaves it. */
static void
leave_socket(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(listen(fd, 1), 0);
	fd_close(&fd);
}

static void
test_dead_owner(void **state)
{
	struct srv *srv = srv_new();
	struct stat before, after;
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s", srv_path(srv, "e.sock"));
	leave_socket(path);
	leave_socket(srv_path(srv, "control.sock"));
	assert_int_equal(stat(path, &before), 0);
	srv_conf(srv, conf, path, " mode=0666");
	srv_boot(srv);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	hello(path);
	srv_finish(&srv);
}

static void
test_not_a_socket(void **state)
{
	struct srv *srv = srv_new();
	struct proc p;
	char *text;

	(void)state;
	srv_file(srv, "precious", "data\n");
	srv_conf(srv, conf, srv_path(srv, "precious"), "");
	assert_int_equal(srv_verb(srv, &p, "run", NULL), 1);
	look_holds(p.err, "not a socket");
	proc_end(&p);
	text = look_file(srv_path(srv, "precious"), NULL);
	assert_string_equal(text, "data\n");
	free(text);
	srv_finish(&srv);
}

/* Who replaced the file since is not ours to remove. */
static void
test_replaced(void **state)
{
	struct srv *srv = srv_new();
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s", srv_path(srv, "e.sock"));
	srv_conf(srv, conf, path, "");
	srv_boot(srv);
	assert_int_equal(unlink(path), 0);
	srv_file(srv, "e.sock", "another's\n");
	assert_int_equal(srv_stop(srv), 0);
	assert_true(look_exists(path));
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_mode, test_end),
		cmocka_unit_test_teardown(test_owner, test_end),
		cmocka_unit_test_teardown(test_live_owner, test_end),
		cmocka_unit_test_teardown(test_dead_owner, test_end),
		cmocka_unit_test_teardown(test_not_a_socket, test_end),
		cmocka_unit_test_teardown(test_replaced, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
