/* SPDX-License-Identifier: BSD-2-Clause */
/* Options from rows: every form, every mistake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/cli/args.h"
#include "tests/unit/master/cli_fixture.h"

struct opts {
	bool flag;
	const char *text;
	uint64_t number;
	int64_t time_ms;
};

static const struct args_option options[] = {
	{ "flag", 'f', ARGS_FLAG, offsetof(struct opts, flag), 0, 0 },
	{ "text", 't', ARGS_TEXT, offsetof(struct opts, text), 0, 0 },
	{ "number", 'n', ARGS_UINT, offsetof(struct opts, number), 2, 10 },
	{ "time", 0, ARGS_MSEC, offsetof(struct opts, time_ms), 0, 0 },
	{ .name = NULL },
};

/* What a verb made of it: text|flag|number|time|words. */
static int
verb(int argc, char **argv)
{
	struct opts o = { .text = "", .number = 5, .time_ms = -1 };
	int i, n = args_parse(argc, argv, options, &o);

	if (n == -1)
		return CLI_USAGE;
	printf("%s|%d|%llu|%lld|", o.text, o.flag,
	    (unsigned long long)o.number, (long long)o.time_ms);
	for (i = 1; i <= n; i++)
		printf("%s ", argv[i]);
	return CLI_DONE;
}

static const struct row {
	const char *line, *out, *err;
} rows[] = {
	{ "v", "|0|5|-1|", NULL },
	{ "v --flag", "|1|5|-1|", NULL },
	{ "v -f one two", "|1|5|-1|one two ", NULL },
	{ "v one --text x two", "x|0|5|-1|one two ", NULL },
	{ "v --text=x", "x|0|5|-1|", NULL },
	{ "v --text=", "|0|5|-1|", NULL },
	{ "v --text=a=b", "a=b|0|5|-1|", NULL },
	{ "v -t x -n 10", "x|0|10|-1|", NULL },
	{ "v -tx -n2", "x|0|2|-1|", NULL },
	{ "v --text --flag", "--flag|0|5|-1|", NULL },
	{ "v --time 250ms", "|0|5|250|", NULL },
	{ "v --time=2m", "|0|5|120000|", NULL },
	{ "v --time 0", "|0|5|0|", NULL },
	{ "v -", "|0|5|-1|- ", NULL },
	{ "v -- --flag -f", "|0|5|-1|--flag -f ", NULL },
	{ "v --text", NULL, "--text needs a value" },
	{ "v --flag=yes", NULL, "--flag takes no value" },
	{ "v -fx", NULL, "unknown option -fx" },
	{ "v --flagg", NULL, "did you mean --flag?" },
	{ "v --fla", NULL, "did you mean --flag?" },
	{ "v --", "|0|5|-1|", NULL },
	{ "v --=x", NULL, "unknown option" },
	{ "v -x", NULL, "unknown option -x" },
	{ "v --number x", NULL, "--number x: not a whole number" },
	{ "v --number 1", NULL, "--number 1: from 2 to 10" },
	{ "v --number 11", NULL, "from 2 to 10" },
	{ "v --number -3", NULL, "not a whole number" },
	{ "v --number 99999999999999999999", NULL, "--number 999" },
	{ "v --time 5", NULL, "duration" },
	{ "v --time 9999999999999999h", NULL, "--time 999" },
};

static void
test_rows(void **state)
{
	struct cli_result r;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		const struct row *row = &rows[i];
		bool good = row->err == NULL;

		r = cli_call(verb, row->line, NULL);
		if (r.code != (good ? CLI_DONE : CLI_USAGE) ||
		    strcmp(r.out, good ? row->out : "") != 0 ||
		    (good ? r.err[0] != '\0' :
		    strstr(r.err, row->err) == NULL ||
		    strstr(r.err, "`belay help v`") == NULL))
			fail_msg("%s: exit %d, out \"%s\", err \"%s\"",
			    row->line, r.code, r.out, r.err);
		cli_result_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
