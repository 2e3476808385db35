/* SPDX-License-Identifier: BSD-2-Clause */
/* status, audit, reopen, stop and restart against a server that is a script. */
#include <sys/socket.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

struct server {
	char dir[32], path[64];
	char *conf;
	struct cli_peer peer;
	const char *answer;
	char request[256];
};

static void
serve(int fd, void *arg)
{
	struct server *s = arg;
	size_t n = 0;
	char c;

	while (n + 1 < sizeof(s->request) && recv(fd, &c, 1, 0) == 1 &&
	    c != '\n')
		s->request[n++] = c;
	s->request[n] = '\0';
	peer_write(fd, s->answer, strlen(s->answer));
}

static int
setup(void **state)
{
	struct server *s = calloc(1, sizeof(*s));

	*state = s;
	strcpy(s->dir, "/tmp/cli_verb.XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/s", s->dir);
	s->conf = cli_write_conf(s->path);
	return 0;
}

static int
teardown(void **state)
{
	struct server *s = *state;

	unlink(s->path);
	unlink(s->conf);
	rmdir(s->dir);
	free(s->conf);
	free(s);
	return 0;
}

static struct cli_result
call(struct server *s, const char *verb, const char *answer)
{
	struct cli_result r;
	char line[256];

	s->answer = answer;
	s->request[0] = '\0';
	snprintf(line, sizeof(line), "belay %s -c %s", verb, s->conf);
	if (answer != NULL)
		cli_peer_start_unix(&s->peer, s->path, serve, s);
	r = cli_call(cli_main, line, NULL);
	if (answer != NULL)
		cli_peer_stop(&s->peer);
	unlink(s->path);
	return r;
}

static const char status_answer[] =
    "{\"done\":true,\"ok\":true,\"status\":{\"version\":\"0.1\",\"pid\":10,"
    "\"master_pid\":11,\"generation\":1,\"state\":\"running\","
    "\"engine\":\"epoll\",\"workers\":["
    "{\"slot\":1,\"pid\":12,\"state\":\"ready\",\"connections\":3,"
    "\"rss_bytes\":1572864,\"last_exit\":null},"
    "{\"slot\":12,\"pid\":null,\"state\":\"waiting\",\"connections\":0,"
    "\"rss_bytes\":0,\"last_exit\":\"signal 11\"}],"
    "\"services\":[{\"name\":\"web\\u001b\",\"handler\":\"echo\","
    "\"connections\":3,\"accepted\":10,\"closed\":{\"client\":5,\"eof\":2,"
    "\"error\":0},\"rejected\":{},\"listeners\":[{\"address\":"
    "\"127.0.0.1:80\",\"backlog\":4096,\"queue\":0,\"drops\":7,"
    "\"queue_wait_ms\":{\"p50\":0,\"p99\":12}}]}],"
    "\"tcp\":{\"ESTABLISHED\":3,\"TIME_WAIT\":0,\"CLOSE_WAIT\":1},"
    "\"ledger\":{\"accepted\":10,\"closed\":7,\"rejected\":0,\"handed\":0,"
    "\"open\":3,\"lost\":0}}}\n";

static const char status_text[] =
    "belay 0.1 running, pid 10, master 11, generation 1, engine epoll\n"
    "\n"
    "WORKER  PID  STATE    CONNECTIONS   RSS  LAST EXIT\n"
    "     1   12  ready              3  1.5M  -\n"
    "    12    -  waiting            0    0B  signal 11\n"
    "\n"
    "SERVICE    HANDLER  CONNECTIONS  ACCEPTED  CLOSED  REJECTED\n"
    "web\\u001b  echo               3        10       7         0\n"
    "\n"
    "LISTENER      SERVICE    QUEUE  BACKLOG  DROPS  WAIT P50 MS  WAIT P99 MS"
    "\n"
    "127.0.0.1:80  web\\u001b      0     4096      7            0           12"
    "\n"
    "\n"
    "web\\u001b closed: client 5, eof 2\n"
    "tcp: ESTABLISHED 3, CLOSE_WAIT 1\n"
    "accepted 10 = closed 7 + rejected 0 + handed 0 + open 3 + lost 0\n";

static void
test_status(void **state)
{
	struct server *s = *state;
	struct cli_result r = call(s, "status", status_answer);

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, status_text);
	assert_string_equal(r.err, "");
	assert_string_equal(s->request, "{\"verb\":\"status\"}");
	cli_result_free(&r);

	r = call(s, "status --json", status_answer);
	assert_int_equal(r.code, CLI_DONE);
	assert_memory_equal(r.out, "{\"version\":\"0.1\",\"pid\":10,", 26);
	assert_int_equal(r.out[r.out_len - 1], '\n');
	cli_result_free(&r);
}

/* A server that knows less is shown as far as it goes. */
static void
test_status_sparse(void **state)
{
	struct cli_result r = call(*state, "status", "{\"done\":true,"
	    "\"ok\":true,\"status\":{\"pid\":10,\"workers\":[],"
	    "\"services\":\"?\",\"tcp\":[]}}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_non_null(strstr(r.out, "pid 10\n"));
	cli_result_free(&r);

	r = call(*state, "status", "{\"done\":true,\"ok\":true}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "said nothing of \"status\""));
	cli_result_free(&r);
}

static void
test_audit(void **state)
{
	struct server *s = *state;
	struct cli_result r = call(s, "audit", "{\"done\":true,\"ok\":true,"
	    "\"audit\":{\"accepted\":4,\"closed\":3,\"rejected\":0,"
	    "\"handed\":0,\"open\":1,\"lost\":0,\"balances\":true,\"slots\":["
	    "{\"slot\":1,\"accepted\":4,\"rows_without_fd\":0,"
	    "\"balances\":true}]}}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out,
	    "WORKER  ACCEPTED  ROWS WITHOUT FD  BALANCES\n"
	    "     1         4                0  yes\n\n"
	    "accepted 4 = closed 3 + rejected 0 + handed 0 + open 1 + lost 0\n"
	    "the ledger balances\n");
	cli_result_free(&r);

	r = call(s, "audit", "{\"done\":true,\"ok\":true,\"audit\":{"
	    "\"balances\":false}}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "the ledger does NOT balance\n");
	cli_result_free(&r);

	r = call(s, "audit --json", "{\"done\":true,\"ok\":true,\"audit\":{"
	    "\"balances\":false}}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "{\"balances\":false}\n");
	cli_result_free(&r);
}

static void
test_reopen(void **state)
{
	struct server *s = *state;
	struct cli_result r = call(s, "reopen",
	    "{\"done\":true,\"ok\":true}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "log files are open again\n");
	assert_string_equal(s->request, "{\"verb\":\"reopen\"}");
	cli_result_free(&r);

	r = call(s, "reopen", "{\"done\":true,\"ok\":false,"
	    "\"error\":\"disk full\"}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	assert_string_equal(r.err, "belay reopen: disk full\n");
	cli_result_free(&r);
}

static void
test_stop(void **state)
{
	static const char answer[] = "{\"progress\":\"draining\"}\n"
	    "{\"done\":true,\"ok\":true,\"finished\":7,\"cut\":2}\n";
	struct server *s = *state;
	struct cli_result r = call(s, "stop", answer);

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "draining\n"
	    "stopped: 7 connections finished, 2 were cut\n");
	assert_string_equal(s->request, "{\"verb\":\"stop\",\"now\":false}");
	cli_result_free(&r);

	r = call(s, "stop --now --timeout 2s", answer);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(s->request,
	    "{\"verb\":\"stop\",\"now\":true,\"timeout_ms\":2000}");
	cli_result_free(&r);

	r = call(s, "stop", "{\"done\":true,\"ok\":true}\n");
	assert_string_equal(r.out, "stopped\n");
	cli_result_free(&r);

	r = call(s, "stop", "{\"done\":true,\"ok\":false,"
	    "\"error\":\"busy\"}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	cli_result_free(&r);
}

static void
test_restart(void **state)
{
	static const char answer[] = "{\"done\":true,\"ok\":true}\n";
	struct server *s = *state;
	struct cli_calls *calls = cli_calls();
	struct cli_result r;
	char line[128];

	calls->starts = 0;
	r = call(s, "restart", answer);
	snprintf(line, sizeof(line), "start -c %s", s->conf);
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(calls->starts, 1);
	assert_string_equal(calls->start_line, line);
	assert_memory_equal(s->request, "{\"verb\":\"stop\"", 14);
	cli_result_free(&r);

	r = call(s, "restart", NULL);	/* not running: only start */
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(calls->starts, 2);
	cli_result_free(&r);

	r = call(s, "restart", "{\"done\":true,\"ok\":false}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_int_equal(calls->starts, 2);
	cli_result_free(&r);
}

/* A wrong configuration stops nothing, and a running server is still found. */
static void
test_broken_conf(void **state)
{
	struct server *s = *state;
	struct cli_calls *calls = cli_calls();
	struct cli_result r;
	char line[128];

	calls->starts = 0;
	r = cli_call(cli_main, "belay restart -c /nonexistent/x", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "nothing was stopped"));
	assert_int_equal(calls->starts, 0);
	cli_result_free(&r);

	assert_int_equal(setenv("XDG_RUNTIME_DIR", s->dir, 1), 0);
	snprintf(line, sizeof(line), "%s/belay/control.sock", s->dir);
	r = cli_call(cli_main, "belay status -c /nonexistent/x", NULL);
	assert_int_equal(r.code, CLI_NOT_RUNNING);
	assert_non_null(strstr(r.err, "/nonexistent/x: "));
	assert_non_null(strstr(r.err, line));
	cli_result_free(&r);
	unsetenv("XDG_RUNTIME_DIR");
}

static void
test_not_running(void **state)
{
	static const char *const verbs[] = { "status", "audit", "reopen",
	    "stop" };
	struct server *s = *state;
	struct cli_result r;
	char expected[128];
	size_t i;

	snprintf(expected, sizeof(expected),
	    "belay is not running (no answer on %s)\n", s->path);
	for (i = 0; i < NITEMS(verbs); i++) {
		r = call(s, verbs[i], NULL);
		assert_int_equal(r.code, CLI_NOT_RUNNING);
		assert_string_equal(r.out, "");
		assert_string_equal(r.err, expected);
		cli_result_free(&r);
	}
}

/* Output that does not get out is a failure. */
static int
status_to_full_disk(int argc, char **argv)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	close(fd);
	return cli_status(argc, argv);
}

static void
test_full_disk(void **state)
{
	struct server *s = *state;
	struct cli_result r;
	char line[128];

	s->answer = status_answer;
	snprintf(line, sizeof(line), "status -c %s", s->conf);
	cli_peer_start_unix(&s->peer, s->path, serve, s);
	r = cli_call(status_to_full_disk, line, NULL);
	cli_peer_stop(&s->peer);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "No space left"));
	cli_result_free(&r);
}

static void
test_check(void **state)
{
	struct server *s = *state;
	struct cli_result r = call(s, "check", NULL);
	char expected[128], bad[64];
	FILE *f;

	snprintf(expected, sizeof(expected),
	    "%s is good: 1 service, 2 listen addresses\n", s->conf);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, expected);
	cli_result_free(&r);

	r = call(s, "check --print", NULL);
	assert_int_equal(r.code, CLI_DONE);
	assert_non_null(strstr(r.out, s->path));
	assert_non_null(strstr(r.out, "drain_timeout"));
	cli_result_free(&r);

	r = cli_call(cli_main, "belay check", NULL);
	assert_int_equal(r.code, CLI_DONE);
	assert_memory_equal(r.out, "the built-in default is good: ", 30);
	cli_result_free(&r);

	snprintf(bad, sizeof(bad), "%s/bad", s->dir);
	f = fopen(bad, "w");
	fputs("workers = 1\nworkerz = 2\n", f);
	fclose(f);
	snprintf(expected, sizeof(expected), "belay check -c %s", bad);
	r = cli_call(cli_main, expected, NULL);
	snprintf(expected, sizeof(expected), "%s:2: ", bad);
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	assert_non_null(strstr(r.err, expected));
	cli_result_free(&r);
	unlink(bad);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status),
		TEST(test_status_sparse),
		TEST(test_audit),
		TEST(test_reopen),
		TEST(test_stop),
		TEST(test_restart),
		TEST(test_broken_conf),
		TEST(test_not_running),
		TEST(test_full_disk),
		TEST(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
