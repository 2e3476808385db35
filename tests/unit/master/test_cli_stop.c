/* SPDX-License-Identifier: BSD-2-Clause */
/* stop and restart against a server that is a script. */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

static void
test_stop(void **state)
{
	static const char answer[] = "{\"progress\":\"draining\"}\n"
	    "{\"done\":true,\"ok\":true,\"finished\":7,\"cut\":2}\n";
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "stop", answer);

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "draining\n"
	    "stopped: 7 connections finished, 2 were cut\n");
	assert_string_equal(s->request, "{\"verb\":\"stop\",\"now\":false}");
	cli_result_free(&r);

	r = cli_server_call(s, "stop --now --timeout 2s", answer);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(s->request,
	    "{\"verb\":\"stop\",\"now\":true,\"timeout_ms\":2000}");
	cli_result_free(&r);

	r = cli_server_call(s, "stop", "{\"done\":true,\"ok\":true}\n");
	assert_string_equal(r.out, "stopped\n");
	cli_result_free(&r);

	r = cli_server_call(s, "stop", "{\"done\":true,\"ok\":false,"
	    "\"error\":\"busy\"}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	cli_result_free(&r);
}

/* A process that stands in the pid file, and ends when the other end of its
 * pipe is closed. */
static pid_t
stand_in(struct cli_server *s, int *leave_fd)
{
	int p[2];
	char c;
	pid_t pid;
	FILE *f;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		close(p[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(read(p[0], &c, 1) == 0 ? 0 : 1);
	}
	close(p[0]);
	*leave_fd = p[1];
	f = fopen(s->pid_file, "w");
	assert_non_null(f);
	fprintf(f, "%d\n", (int)pid);
	fclose(f);
	return pid;
}

/* Stopped is who has ended, not who has answered. */
static void
test_stop_waits_for_the_end(void **state)
{
	static const char answer[] = "{\"done\":true,\"ok\":true}\n";
	struct cli_server *s = *state;
	struct cli_result r;
	siginfo_t info;
	pid_t pid;
	int fd;

	pid = stand_in(s, &s->leave_fd);
	r = cli_server_call(s, "stop --timeout 20s", answer);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "stopped\n");
	info.si_pid = 0;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info,
	    WEXITED | WNOHANG), 0);
	assert_int_equal(info.si_pid, pid);
	cli_result_free(&r);

	pid = stand_in(s, &fd);		/* one that stays */
	r = cli_server_call(s, "stop --timeout 50ms", answer);
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	assert_non_null(strstr(r.err, "it still runs"));
	cli_result_free(&r);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_restart(void **state)
{
	static const char answer[] = "{\"done\":true,\"ok\":true}\n";
	struct cli_server *s = *state;
	struct cli_calls *calls = cli_calls();
	struct cli_result r;
	char line[128];

	calls->starts = 0;
	r = cli_server_call(s, "restart", answer);
	snprintf(line, sizeof(line), "start -c %s", s->conf);
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(calls->starts, 1);
	assert_string_equal(calls->start_line, line);
	assert_memory_equal(s->request, "{\"verb\":\"stop\"", 14);
	cli_result_free(&r);

	/* Not running: only start. */
	r = cli_server_call(s, "restart", NULL);
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(calls->starts, 2);
	cli_result_free(&r);

	r = cli_server_call(s, "restart", "{\"done\":true,\"ok\":false}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_int_equal(calls->starts, 2);
	cli_result_free(&r);
}

/* A wrong configuration stops nothing, and a running server is still found. */
static void
test_broken_conf(void **state)
{
	struct cli_server *s = *state;
	struct cli_calls *calls = cli_calls();
	struct cli_result r;
	FILE *f;

	calls->starts = 0;
	r = cli_call(cli_main, "belay restart -c /nonexistent/x", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "nothing was stopped"));
	assert_int_equal(calls->starts, 0);
	cli_result_free(&r);

	f = fopen(s->conf, "a");
	assert_non_null(f);
	fputs("nonsense = 1\n", f);
	assert_int_equal(fclose(f), 0);
	r = cli_server_call(s, "restart", "{\"done\":true,\"ok\":true}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "nothing was stopped"));
	assert_string_equal(s->request, "");
	cli_result_free(&r);
	r = cli_server_call(s, "stop", "{\"done\":true,\"ok\":true}\n");
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "stopped\n");
	assert_string_equal(r.err, "");
	cli_result_free(&r);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, cli_server_open, cli_server_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stop),
		TEST(test_stop_waits_for_the_end),
		TEST(test_restart),
		TEST(test_broken_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
