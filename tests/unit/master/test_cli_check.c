/* SPDX-License-Identifier: BSD-2-Clause */
/* check: a configuration, good or bad. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

static void
test_check(void **state)
{
	struct cli_server *s = *state;
	struct cli_result r = cli_server_call(s, "check", NULL);
	char expected[128], bad[64];
	FILE *f;

	snprintf(expected, sizeof(expected),
	    "%s is good: 1 service, 2 listen addresses\n", s->conf);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, expected);
	cli_result_free(&r);

	r = cli_server_call(s, "check --print", NULL);
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

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, cli_server_open, cli_server_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
