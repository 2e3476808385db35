/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_error - messages: their form, what they show of junk, how many.
 */
#include "tests/unit/common/conf_help.h"

static void
test_form(void **state)
{
	struct conf_errors e = { 0 };
	char name[2000];

	(void)state;
	conf_errors_add(&e, (struct conf_pos){ "a.conf", 7 }, "%s %d", "x", 1);
	conf_errors_add(&e, (struct conf_pos){ "b.conf", 0 }, "as a whole");
	assert_int_equal(e.count, 2);
	assert_string_equal(e.text, "a.conf:7: x 1\nb.conf: as a whole\n");
	assert_int_equal(e.len, strlen(e.text));
	conf_errors_free(&e);
	/* Neither a long name nor a long text makes half a line. */
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	conf_errors_add(&e, (struct conf_pos){ name, 1 }, "%s", name);
	assert_int_equal(e.len, 1023);
	assert_int_equal(e.text[1022], '\n');
	conf_errors_free(&e);
	conf_errors_free(&e);		/* twice is harmless */
}

static void
test_show(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" }, { "abc", "abc" },
		{ "a\nb\tc\x7f", "a\\nb\\x09c\\x7f" },
		{ "gr\xc3\xbc\xc3\x9f" "e", "gr\xc3\xbc\xc3\x9f" "e" },
	};
	char buf[CONF_SHOW_MAX], text[100];

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++)
		assert_string_equal(conf_show(rows[i][0], buf), rows[i][1]);
	memset(text, 'a', sizeof(text));
	text[72] = '\0';
	assert_string_equal(conf_show(text, buf), text);
	text[72] = 'a';
	text[73] = '\0';
	assert_int_equal(strlen(conf_show(text, buf)), 75);
	assert_string_equal(buf + 70, "aa...");
	/* The longest form of the last byte that is shown. */
	memset(text, '\x01', 99);
	text[99] = '\0';
	assert_true(strlen(conf_show(text, buf)) < CONF_SHOW_MAX);
	assert_string_equal(buf + strlen(buf) - 7, "\\x01...");
}

/* A flood of errors ends, and so does the time it takes. */
static void
test_flood(void **state)
{
	static const char junk[] = "abcdefgh = 1\n";
	struct conf_errors e = { 0 };
	size_t n = sizeof(junk) - 1, count = 20000;
	char *text = malloc(n * count + 1);

	(void)state;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * n, junk, n + 1);
	assert_null(conf_parse("t", text, n * count, help_sections, &e));
	assert_true(e.len <= 65536 && e.len > 60000);
	assert_string_equal(e.text + e.len - 31,
	    "\nmore errors follow, not shown\n");
	assert_true(e.count > 500);
	conf_errors_free(&e);
	assert_null(e.text);
	/* One file's lexing goes on, but no more is kept of it. */
	memset(text, ';', count);
	assert_null(conf_parse("t", text, count, help_sections, &e));
	assert_true(e.len <= 65536);
	assert_int_equal(e.count, count);
	conf_errors_free(&e);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
