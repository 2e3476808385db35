/* SPDX-License-Identifier: BSD-2-Clause */
/* status, audit and reopen against a server that is a script. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

static const char status_answer[] =
    "{\"done\":true,\"ok\":true,\"status\":{\"version\":\"0.1\",\"pid\":10,"
    "\"master_pid\":11,\"generation\":1,\"state\":\"running\","
    "\"engine\":\"epoll\",\"workers\":["
    "{\"slot\":1,\"pid\":12,\"state\":\"ready\",\"role\":\"serving\","
    "\"connections\":3,"
    "\"rss_bytes\":1572864,\"last_exit\":null},"
    "{\"slot\":12,\"pid\":null,\"state\":\"waiting\","
    "\"role\":\"retiring\",\"connections\":0,"
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
    "WORKER  PID  STATE    ROLE      OPEN   RSS  LAST EXIT\n"
    "     1   12  ready    serving      3  1.5M  -\n"
    "    12    -  waiting  retiring     0    0B  signal 11\n"
    "\n"
    "SERVICE    HANDLER  OPEN  ACCEPTED  CLOSED  REJECTED\n"
    "web\\u001b  echo        3        10       7         0\n"
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
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "status", status_answer);

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, status_text);
	assert_string_equal(r.err, "");
	assert_string_equal(s->request, "{\"verb\":\"status\"}");
	cli_result_free(&r);

	r = cli_server_call(s, "status --json", status_answer);
	assert_int_equal(r.code, CLI_DONE);
	assert_memory_equal(r.out, "{\"version\":\"0.1\",\"pid\":10,", 26);
	assert_int_equal(r.out[r.out_len - 1], '\n');
	cli_result_free(&r);
}

/* A server that knows less is shown as far as it goes. */
static void
test_status_sparse(void **state)
{
	struct cli_result r = cli_server_call(*state, "status",
	    "{\"done\":true,\"ok\":true,\"status\":{\"pid\":10,\"workers\":[],"
	    "\"services\":\"?\",\"tcp\":[]}}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_non_null(strstr(r.out, "pid 10\n"));
	cli_result_free(&r);

	r = cli_server_call(*state, "status", "{\"done\":true,\"ok\":true}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "said nothing of \"status\""));
	cli_result_free(&r);
}

static void
test_audit(void **state)
{
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "audit",
	    "{\"done\":true,\"ok\":true,"
	    "\"audit\":{\"accepted\":4,\"closed\":3,\"rejected\":0,"
	    "\"handed\":0,\"open\":1,\"lost\":0,\"balances\":true,\"slots\":["
	    "{\"slot\":1,\"accepted\":4,\"rows_without_fd\":0,"
	    "\"balances\":true}]}}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out,
	    "WORKER  ACCEPTED  ROW ONLY  BALANCES\n"
	    "     1         4         0  yes\n\n"
	    "accepted 4 = closed 3 + rejected 0 + handed 0 + open 1 + lost 0\n"
	    "the ledger balances\n");
	cli_result_free(&r);

	r = cli_server_call(s, "audit", "{\"done\":true,\"ok\":true,\"audit\":{"
	    "\"balances\":false}}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "the ledger does NOT balance\n");
	cli_result_free(&r);

	r = cli_server_call(s, "audit --json",
	    "{\"done\":true,\"ok\":true,\"audit\":{"
	    "\"balances\":false}}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "{\"balances\":false}\n");
	cli_result_free(&r);
}

static void
test_quarantine(void **state)
{
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "quarantine",
	    "{\"done\":true,\"ok\":true,\"quarantine\":{\"lifted\":0,"
	    "\"clients\":[{\"client\":\"10.0.0.1/32\",\"since\":\"s\","
	    "\"until\":\"u\",\"crashes\":3}]}}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out,
	    "REFUSED      SINCE  UNTIL  CRASHES\n"
	    "10.0.0.1/32  s      u            3\n");
	assert_string_equal(s->request, "{\"verb\":\"quarantine\"}");
	cli_result_free(&r);

	r = cli_server_call(s, "quarantine --lift 10.0.0.1",
	    "{\"done\":true,\"ok\":true,\"quarantine\":{\"lifted\":1,"
	    "\"clients\":[]}}\n");
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "1 admitted again\nnobody is refused\n");
	assert_string_equal(s->request,
	    "{\"verb\":\"quarantine\",\"lift\":\"10.0.0.1\"}");
	cli_result_free(&r);

	r = cli_server_call(s, "quarantine --json",
	    "{\"done\":true,\"ok\":true,\"quarantine\":{\"clients\":[]}}\n");
	assert_string_equal(r.out, "{\"clients\":[]}\n");
	cli_result_free(&r);
}

static void
test_reopen(void **state)
{
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "reopen",
	    "{\"done\":true,\"ok\":true}\n");

	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "log files are open again\n");
	assert_string_equal(s->request, "{\"verb\":\"reopen\"}");
	cli_result_free(&r);

	r = cli_server_call(s, "reopen", "{\"done\":true,\"ok\":false,"
	    "\"error\":\"disk full\"}\n");
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	assert_string_equal(r.err, "belay reopen: disk full\n");
	cli_result_free(&r);
}

static void
test_not_running(void **state)
{
	static const char *const verbs[] = { "status", "audit", "reopen",
	    "stop" };
	struct cli_server *s = *state;
	struct cli_result r;
	char expected[128];
	size_t i;

	snprintf(expected, sizeof(expected),
	    "belay is not running (no answer on %s)\n", s->path);
	for (i = 0; i < NITEMS(verbs); i++) {
		r = cli_server_call(s, verbs[i], NULL);
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
	struct cli_server *s = *state;
	struct cli_result r;
	char line[128];

	s->answer = status_answer;
	snprintf(line, sizeof(line), "status -c %s", s->conf);
	cli_server_start(s);
	r = cli_call(status_to_full_disk, line, NULL);
	cli_peer_stop(&s->peer);
	unlink(s->path);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "No space left"));
	cli_result_free(&r);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, cli_server_open, cli_server_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status),
		TEST(test_status_sparse),
		TEST(test_audit),
		TEST(test_quarantine),
		TEST(test_reopen),
		TEST(test_not_running),
		TEST(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
