/* SPDX-License-Identifier: BSD-2-Clause */
/* reload, scale and upgrade against a server that is a script. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

#define DONE	"{\"done\":true,\"ok\":true,\"text\":\"2 workers\"}\n"

static const struct row {
	const char *line, *answer;
	int code;
	const char *request, *out, *err;
} rows[] = {
	{ "scale 2", DONE, CLI_DONE, "{\"verb\":\"scale\",\"to\":\"2\"}",
	    "2 workers\n", "" },
	{ "scale +1", DONE, CLI_DONE, "{\"verb\":\"scale\",\"to\":\"+1\"}",
	    "2 workers\n", "" },
	{ "scale -1", DONE, CLI_DONE, "{\"verb\":\"scale\",\"to\":\"-1\"}",
	    "2 workers\n", "" },
	{ "scale 0", "{\"done\":true,\"ok\":false,\"error\":\"at least one "
	    "worker stays\"}\n", CLI_FAILED,
	    "{\"verb\":\"scale\",\"to\":\"0\"}", "",
	    "belay scale: at least one worker stays\n" },
	{ "reload", DONE, CLI_DONE, "{\"verb\":\"reload\"}", "2 workers\n",
	    "" },
	{ "reload", "{\"done\":true,\"ok\":true}\n", CLI_DONE,
	    "{\"verb\":\"reload\"}", "", "" },
	{ "reload", "{\"done\":true,\"ok\":false,"
	    "\"error\":\"f:1: bad\\nf:2: worse\\n\","
	    "\"text\":\"the old configuration serves on\"}\n", CLI_FAILED,
	    "{\"verb\":\"reload\"}", "", "f:1: bad\nf:2: worse\n"
	    "belay reload: the old configuration serves on\n" },
	{ "reload", "{\"done\":true,\"ok\":false,\"error\":\"port 80 is taken"
	    "\",\"text\":\"the old configuration serves on\"}\n", CLI_FAILED,
	    "{\"verb\":\"reload\"}", "", "belay reload: port 80 is taken\n"
	    "belay reload: the old configuration serves on\n" },
	{ "reload", "{\"done\":true,\"ok\":false,\"error\":\"another "
	    "transition is running\"}\n", CLI_FAILED, "{\"verb\":\"reload\"}",
	    "", "belay reload: another transition is running\n" },
	{ "upgrade", DONE, CLI_DONE, "{\"verb\":\"upgrade\"}", "2 workers\n",
	    "" },
	{ "upgrade /", DONE, CLI_DONE,
	    "{\"verb\":\"upgrade\",\"binary\":\"/\"}", "2 workers\n", "" },
};

static void
check(struct cli_server *s, const struct row *row)
{
	struct cli_result r = cli_server_call(s, row->line, row->answer);

	assert_string_equal(s->request, row->request);
	assert_string_equal(r.out, row->out);
	assert_string_equal(r.err, row->err);
	assert_int_equal(r.code, row->code);
	cli_result_free(&r);
}

static void
test_rows(void **state)
{
	size_t i;

	for (i = 0; i < NITEMS(rows); i++)
		check(*state, &rows[i]);
}

/* The server says what is wrong in the file, nobody else. */
static void
test_broken_file(void **state)
{
	struct cli_server *s = *state;
	FILE *f = fopen(s->conf, "a");
	size_t i;

	assert_non_null(f);
	fputs("nonsense = 1\n}\n", f);
	assert_int_equal(fclose(f), 0);
	for (i = 0; i < NITEMS(rows); i++)
		check(s, &rows[i]);
}

static void
test_not_running(void **state)
{
	static const char *const lines[] = { "reload", "scale 3", "upgrade" };
	struct cli_server *s = *state;
	struct cli_result r;
	size_t i;

	for (i = 0; i < NITEMS(lines); i++) {
		r = cli_server_call(s, lines[i], NULL);
		assert_int_equal(r.code, CLI_NOT_RUNNING);
		assert_string_equal(r.out, "");
		assert_non_null(strstr(r.err, "belay is not running"));
		cli_result_free(&r);
	}
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, cli_server_open, cli_server_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_broken_file),
		TEST(test_not_running),
	};

	(void)cli_calls();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
