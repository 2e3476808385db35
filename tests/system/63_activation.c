/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets from the service manager (sd_listen_fds(3)): used by address or by
 * name, never closed to newcomers, so that who comes while no server runs is
 * served by the next one.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { SOCKETS_MAX = 4, FIRST_FD = 3, HIGH_FD = 100 };

/* What the next server inherits; set by the tests, used in the child. */
static struct {
	int fd[SOCKETS_MAX];
	size_t n;
	const char *names;		/* LISTEN_FDNAMES, NULL: unset */
	int pid_off;			/* LISTEN_PID is wrong by that */
} give;

static void
prepare(const struct srv *srv)
{
	char number[16];
	size_t i;

	(void)srv;
	/* Away from the numbers they will have; those stay open over exec. */
	for (i = 0; i < give.n; i++)
		if (dup2(give.fd[i], HIGH_FD + (int)i) == -1)
			_exit(126);
	for (i = 0; i < give.n; i++)
		if (dup2(HIGH_FD + (int)i, FIRST_FD + (int)i) == -1 ||
		    close(HIGH_FD + (int)i) == -1)
			_exit(126);
	snprintf(number, sizeof number, "%zu", give.n);
	setenv("LISTEN_FDS", number, 1);
	snprintf(number, sizeof number, "%d", (int)getpid() + give.pid_off);
	setenv("LISTEN_PID", number, 1);
	if (give.names != NULL)
		setenv("LISTEN_FDNAMES", give.names, 1);
}

/* A listener of ours; returns its port. */
static int
listen_tcp(int *fd, const char *ip)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(*fd, -1);
	sin.sin_addr.s_addr = inet_addr(ip);
	assert_int_equal(bind(*fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(*fd, 16), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&sin, &len), 0);
	return ntohs(sin.sin_port);
}

static void
listen_unix(int *fd, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(*fd, -1);
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	assert_int_equal(bind(*fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(listen(*fd, 16), 0);
}

static void
hello(const char *addr)
{
	int fd = client_open(addr);

	client_say(fd, "hello");
	client_expect(fd, "hello");
	client_close(&fd);
}

static void
drop_sockets(void)
{
	size_t i;

	for (i = 0; i < give.n; i++)
		fd_close(&give.fd[i]);
	give.n = 0;
	give.names = NULL;
	give.pid_off = 0;
}

/* One by its address, one by its name whatever its address. */
static void
test_matched(void **state)
{
	struct srv *srv = srv_new();
	char by_addr[32], by_name[32];
	int a = listen_tcp(&give.fd[0], "127.0.0.1");
	int b = listen_tcp(&give.fd[1], "127.0.0.1"), on = 0;
	socklen_t len = sizeof on;
	struct proc p;

	(void)state;
	give.n = 2;
	give.names = "other:n";
	srv->prepare = prepare;
	srv_conf(srv, "workers = 2\n"
	    "service \"a\" { handler = \"echo\" listen = {\"127.0.0.1:%d\"} }\n"
	    "service \"n\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
	    "	keepalive = 9s }\n", a);
	srv_boot(srv);
	snprintf(by_addr, sizeof by_addr, "127.0.0.1:%d", a);
	snprintf(by_name, sizeof by_name, "127.0.0.1:%d", b);
	assert_string_equal(srv_addr(srv, "a", 0), by_addr);
	assert_string_equal(srv_addr(srv, "n", 0), by_name);
	assert_int_equal(srv_count_events(srv, "config.warning", NULL), 0);
	hello(by_addr);
	hello(by_name);
	/* Its options are those of the service. */
	assert_int_equal(getsockopt(give.fd[1], SOL_SOCKET, SO_KEEPALIVE, &on,
	    &len), 0);
	assert_int_equal(on, 1);
	/* A reload goes on with both; so does another master. */
	assert_int_equal(srv_verb(srv, &p, "reload", NULL), 0);
	proc_end(&p);
	assert_true(srv_kill(srv, "master"));
	srv_wait_event(srv, "master.restart", NULL);
	hello(by_addr);
	hello(by_name);
	srv_finish(&srv);
	drop_sockets();
}

/* Who comes while no server runs is served by the next one. */
static void
test_outlives(void **state)
{
	struct srv *srv = srv_new();
	int port = listen_tcp(&give.fd[0], "127.0.0.1"), i, fd;
	char addr[32];

	(void)state;
	give.n = 1;
	srv->prepare = prepare;
	snprintf(addr, sizeof addr, "127.0.0.1:%d", port);
	srv_conf(srv, "service \"a\" { handler = \"echo\" "
	    "listen = {\"%s\"} }\n", addr);
	for (i = 0; i < 3; i++) {
		fd = client_open(addr);
		client_say(fd, "early");
		srv_boot(srv);
		client_expect(fd, "early");
		client_close(&fd);
		hello(addr);
		if (i < 2)
			assert_int_equal(srv_stop(srv), 0);
	}
	srv_finish(&srv);
	drop_sockets();
}

/* The file belongs to who made it. */
static void
test_unix(void **state)
{
	struct srv *srv = srv_new();
	char addr[128];
	struct stat st;

	(void)state;
	srv_file(srv, "x.sock", "");
	assert_int_equal(unlink(srv_path(srv, "x.sock")), 0);
	listen_unix(&give.fd[0], srv_path(srv, "x.sock"));
	give.n = 1;
	srv->prepare = prepare;
	snprintf(addr, sizeof addr, "unix:%s", srv_path(srv, "x.sock"));
	srv_conf(srv, "service \"a\" { handler = \"echo\" "
	    "listen = {\"%s mode=0600\"} }\n", addr);
	srv_boot(srv);
	assert_string_equal(srv_addr(srv, "a", 0), addr);
	hello(addr);
	assert_int_equal(srv_stop(srv), 0);
	assert_int_equal(stat(srv_path(srv, "x.sock"), &st), 0);
	srv_finish(&srv);
	drop_sockets();
}

/* What nobody asked for is said, and closed; so is what does not listen. */
static void
test_unasked(void **state)
{
	struct srv *srv = srv_new();
	int port = listen_tcp(&give.fd[0], "127.0.0.1"), p[2];
	char addr[32];
	int fd;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	give.fd[1] = p[0];
	give.n = 2;
	give.names = "stranger:pipe";
	srv->prepare = prepare;
	srv_conf(srv, "service \"a\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:0\"} }\n");
	srv_boot(srv);
	snprintf(addr, sizeof addr, "127.0.0.1:%d", port);
	srv_wait_event(srv, "config.warning", "{s:s, s:s, s:i}", "name",
	    "stranger", "address", addr, "fd", 3);
	srv_wait_event(srv, "config.warning", "{s:s, s:i}", "name", "pipe",
	    "fd", 4);
	hello(srv_addr(srv, "a", 0));
	/* Nobody but this test holds them any more. */
	assert_true(write(p[1], "x", 1) == 1);
	drop_sockets();
	assert_true(write(p[1], "x", 1) == -1);
	fd = client_try(addr);
	assert_int_equal(fd, -1);
	close(p[1]);
	srv_finish(&srv);
}

/* Somebody else was meant: nothing is taken, nothing is closed or said. */
static void
test_other_pid(void **state)
{
	struct srv *srv = srv_new();

	(void)state;
	listen_tcp(&give.fd[0], "127.0.0.1");
	give.n = 1;
	give.names = "a";
	give.pid_off = 1;
	srv->prepare = prepare;
	srv_conf(srv, "service \"a\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:0\"} }\n");
	srv_boot(srv);
	assert_int_equal(srv_count_events(srv, "config.warning", NULL), 0);
	assert_null(srv_last_event(srv, "listener.open", "{s:s}", "msg",
	    "listening, inherited"));
	hello(srv_addr(srv, "a", 0));
	srv_finish(&srv);
	drop_sockets();
}

/* No process of the server has the variables any more. */
static void
test_unset(void **state)
{
	struct srv *srv = srv_new();
	pid_t pids[LOOK_PIDS_MAX];
	size_t i, n, len;
	char path[64], *text;

	(void)state;
	listen_tcp(&give.fd[0], "127.0.0.1");
	give.n = 1;
	give.names = "a";
	srv->prepare = prepare;
	srv_conf(srv, "service \"a\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:0\"} }\n");
	srv_boot(srv);
	/* Upgraded, it is executed with what it hands on. */
	srv_signal(srv, SIGUSR2);
	srv_wait_event(srv, "upgrade.done", NULL);
	n = look_pids(srv, pids);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "/proc/%d/environ", (int)pids[i]);
		text = look_file(path, &len);
		if (text != NULL)
			assert_null(memmem(text, len, "LISTEN_FDS=", 11));
		free(text);
	}
	hello(srv_addr(srv, "a", 0));
	srv_finish(&srv);
	drop_sockets();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_matched, test_end),
		cmocka_unit_test_teardown(test_outlives, test_end),
		cmocka_unit_test_teardown(test_unix, test_end),
		cmocka_unit_test_teardown(test_unasked, test_end),
		cmocka_unit_test_teardown(test_other_pid, test_end),
		cmocka_unit_test_teardown(test_unset, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
