/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of verbs, and the way from argv to one of them. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/master/cli_fixture.h"

static bool
contains_line(const char *text, const char *begin)
{
	const char *at;

	for (at = text; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, begin, strlen(begin)) == 0)
			return true;
	}
	return false;
}

static void
test_rows_are_whole(void **state)
{
	const struct cli_verb *v, *w;
	char begin[64];
	size_t i;

	(void)state;
	for (v = cli_verbs; v->name != NULL; v++) {
		assert_non_null(v->run);
		assert_true(v->help[0] != '\0' && strlen(v->help) < 60);
		assert_null(strchr(v->help, '\n'));
		snprintf(begin, sizeof(begin), "belay %s", v->name);
		assert_memory_equal(v->usage, begin, strlen(begin));
		assert_int_equal(v->usage[strlen(v->usage) - 1], '\n');
		for (w = cli_verbs; w < v; w++)
			assert_string_not_equal(v->name, w->name);
		for (i = 0; cli_later_verbs[i] != NULL; i++)
			assert_string_not_equal(v->name, cli_later_verbs[i]);
	}
	assert_true(v - cli_verbs >= 16);
}

static void
test_help_lists_all(void **state)
{
	struct cli_result r = cli_call(cli_main, "belay help", NULL);
	const struct cli_verb *v;
	char begin[64];
	size_t i;

	(void)state;
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.err, "");
	for (v = cli_verbs; v->name != NULL; v++) {
		snprintf(begin, sizeof(begin), "  %s ", v->name);
		assert_true(contains_line(r.out, begin));
	}
	for (i = 0; cli_later_verbs[i] != NULL; i++) {
		snprintf(begin, sizeof(begin), "  %s ", cli_later_verbs[i]);
		assert_false(contains_line(r.out, begin));
	}
	cli_result_free(&r);
}

static void
test_help_of_each(void **state)
{
	const struct cli_verb *v;
	struct cli_result r, again;
	char line[64];

	(void)state;
	for (v = cli_verbs; v->name != NULL; v++) {
		snprintf(line, sizeof(line), "belay help %s", v->name);
		r = cli_call(cli_main, line, NULL);
		assert_int_equal(r.code, CLI_DONE);
		assert_non_null(strstr(r.out, v->usage));
		snprintf(line, sizeof(line), "belay %s --help", v->name);
		again = cli_call(cli_main, line, NULL);
		assert_int_equal(again.code, CLI_DONE);
		assert_string_equal(again.out, r.out);
		cli_result_free(&again);
		cli_result_free(&r);
	}
}

static const struct row {
	const char *line;
	int code;
	const char *out, *err;		/* parts; NULL: nothing at all */
} rows[] = {
	{ "belay", CLI_USAGE, NULL, "usage: belay VERB" },
	{ "belay statsu", CLI_USAGE, NULL, "did you mean status?" },
	{ "belay STATUS", CLI_USAGE, NULL, "`belay help` lists" },
	{ "belay frobnicate", CLI_USAGE, NULL, "unknown verb \"frobnicate\"" },
	{ "belay -x", CLI_USAGE, NULL, "unknown verb" },
	{ "belay drain", CLI_USAGE, NULL, "comes with a later version" },
	{ "belay conns x", CLI_USAGE, NULL, "comes with a later" },
	{ "belay help close", CLI_USAGE, NULL, "comes with a later" },
	{ "belay help lsiten", CLI_USAGE, NULL, "did you mean listen?" },
	{ "belay help a b", CLI_USAGE, NULL, "one verb at a time" },
	{ "belay --help", CLI_DONE, "usage: belay VERB", NULL },
	{ "belay -h", CLI_DONE, "usage: belay VERB", NULL },
	{ "belay --version", CLI_DONE, "belay " BELAY_VERSION "\n", NULL },
	{ "belay version", CLI_DONE, "engines: epoll\n", NULL },
	{ "belay version", CLI_DONE, "libconfuse 3", NULL },
	{ "belay version", CLI_DONE, "jansson 2", NULL },
	{ "belay version x", CLI_USAGE, NULL, "unexpected word" },
	{ "belay version --x", CLI_USAGE, NULL, "unknown option" },
	{ "belay status x", CLI_USAGE, NULL, "unexpected word" },
	{ "belay audit --jsn", CLI_USAGE, NULL, "--json?" },
	{ "belay reopen --json", CLI_USAGE, NULL, "unknown option" },
	{ "belay stop x", CLI_USAGE, NULL, "unexpected word" },
	{ "belay stop --timeout", CLI_USAGE, NULL, "needs a value" },
	{ "belay restart --timeout 0s", CLI_USAGE, NULL, "from 1ms" },
	{ "belay reload x", CLI_USAGE, NULL, "unexpected word" },
	{ "belay reload --now", CLI_USAGE, NULL, "unknown option" },
	{ "belay scale", CLI_USAGE, NULL, "such as 3, +1 or -1" },
	{ "belay scale many", CLI_USAGE, NULL, "unexpected word" },
	{ "belay scale 1 2", CLI_USAGE, NULL, "unexpected word" },
	{ "belay scale -x", CLI_USAGE, NULL, "unknown option" },
	{ "belay scale +", CLI_USAGE, NULL, "unexpected word" },
	{ "belay upgrade a b", CLI_USAGE, NULL, "unexpected word" },
	{ "belay upgrade /none/such", CLI_FAILED, NULL, "No such file" },
	{ "belay check x", CLI_USAGE, NULL, "unexpected word" },
	{ "belay listen", CLI_USAGE, NULL, "where?" },
	{ "belay run", CLI_DONE, NULL, NULL },
};

static void
test_command_lines(void **state)
{
	struct cli_result r;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		const struct row *row = &rows[i];

		r = cli_call(cli_main, row->line, NULL);
		if (r.code != row->code ||
		    (row->out == NULL ? r.out[0] != '\0' :
		    strstr(r.out, row->out) == NULL) ||
		    (row->err == NULL ? r.err[0] != '\0' :
		    strstr(r.err, row->err) == NULL))
			fail_msg("%s: exit %d, out \"%s\", err \"%s\"",
			    row->line, r.code, r.out, r.err);
		cli_result_free(&r);
	}
	assert_int_equal(cli_calls()->runs, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_help_lists_all),
		cmocka_unit_test(test_help_of_each),
		cmocka_unit_test(test_command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
