/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The anchor's death: the others notice, drain and leave, and the port is free
 * for the next start.  While it lives it reaps whatever becomes its child.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

static const char conf[] =
    "workers = 2\n"
    "drain_timeout = %s\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:%d\",\n"
    "	\"unix:${DIR}/e.sock\"}\n"
    "	echo { delay = %s delay_if = \"slow\" } }\n";

static void
hello(int fd)
{
	client_say(fd, "hi");
	client_expect(fd, "hi");
}

/* SIGKILL to the anchor; its children are ours from then on. */
static void
kill_anchor(struct srv *srv, pid_t *pids, size_t *n)
{
	*n = look_pids(srv, pids);
	srv_expect_error(srv, "master.stop");
	srv_signal(srv, SIGKILL);
	assert_int_equal(srv_wait_end(srv), 128 + SIGKILL);
	srv->status = 0;
}

static void
wait_children(const pid_t *pids, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		test_wait_gone(pids[i]);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
}

/* Who rests gets the EOF, who waits its reply, the next server the port. */
static void
test_port_is_free(void **state)
{
	struct srv *srv = srv_start(conf, "30s", 0, "300ms");
	int port = srv_port(srv, "e"), rests, slow, fd;
	const char *addr = srv_addr(srv, "e", 0);
	pid_t pids[LOOK_PIDS_MAX];
	size_t n;

	(void)state;
	rests = client_open(addr);
	hello(rests);
	slow = client_open(srv_addr(srv, "e", 1));
	client_say(slow, "slow");
	look_wait_number(srv, "services.0.bytes_in", 6);
	kill_anchor(srv, pids, &n);
	client_expect_eof(rests);
	client_close(&rests);
	client_expect(slow, "slow");
	client_expect_eof(slow);
	client_close(&slow);
	wait_children(pids, n);
	/* Pid file and sockets of the dead one are in nobody's way. */
	srv_conf(srv, conf, "30s", port, "1ms");
	srv_boot(srv);
	fd = client_open(addr);
	hello(fd);
	client_close(&fd);
	srv_finish(&srv);
}

/* Without an anchor too a drain has its limit. */
static void
test_limit(void **state)
{
	struct srv *srv = srv_start(conf, "300ms", 0, "1h");
	int slow = client_open(srv_addr(srv, "e", 0));
	pid_t pids[LOOK_PIDS_MAX];
	size_t n;

	(void)state;
	client_say(slow, "slow");
	look_wait_number(srv, "services.0.bytes_in", 4);
	kill_anchor(srv, pids, &n);
	wait_children(pids, n);
	client_close(&slow);
	srv_conf(srv, conf, "300ms", 0, "1ms");
	srv_boot(srv);
	srv_finish(&srv);
}

static bool
has_child(struct srv *srv, pid_t pid)
{
	pid_t pids[LOOK_PIDS_MAX];
	size_t i, n = look_pids(srv, pids);

	for (i = 1; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* The server is born with a child it knows nothing of. */
static void
test_strangers(void **state)
{
	const char *binary = getenv("BELAY");
	struct srv *srv = srv_new();
	int64_t deadline = test_deadline_ms();
	pid_t stranger;
	char text[512], *said;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(srv_path(srv, "fifo"), 0600), 0);
	snprintf(text, sizeof text, "#!/bin/sh\ncat %s &\necho $! >%s\n"
	    "exec %s \"$@\"\n", srv_path(srv, "fifo"), srv_path(srv, "pid"),
	    binary);
	srv_file(srv, "wrapper", text);
	srv_file(srv, "pid", "");
	assert_int_equal(chmod(srv_path(srv, "wrapper"), 0700), 0);
	srv_conf(srv, conf, "30s", 0, "1ms");
	srv->binary = srv_path(srv, "wrapper");
	srv_boot(srv);
	srv->binary = binary;
	said = look_file(srv_path(srv, "pid"), NULL);
	stranger = (pid_t)strtol(said, NULL, 10);
	free(said);
	assert_true(has_child(srv, stranger));
	fd = open(srv_path(srv, "fifo"), O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	fd_close(&fd);			/* which ends it */
	while (has_child(srv, stranger))
		if (test_left_ms(deadline) == 0)
			fail_msg("stranger %d is not reaped", (int)stranger);
	assert_int_equal(srv_count_events(srv, "worker.exit", NULL), 0);
	assert_int_equal(unlink(srv_path(srv, "fifo")), 0);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_port_is_free, test_end),
		cmocka_unit_test_teardown(test_limit, test_end),
		cmocka_unit_test_teardown(test_strangers, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
