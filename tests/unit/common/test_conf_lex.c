/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_lex - tokens, comments, quotes, escapes, ${ENV}; and that what is
 * no text is refused at its line.
 */
#include "tests/unit/common/conf_help.h"

#include <stdio.h>

#include "common/conf_lex.h"

/* One line per token: "LINE text", signs bare, quoted texts in <>. */
static char *
lexed(const char *text, size_t len, char **errors)
{
	struct conf_toks t = { 0 };
	struct conf_errors e = { 0 };
	struct conf_buf b = { 0 };
	char shown[CONF_SHOW_MAX];

	(void)conf_lex("f", text, len, &t, &e);
	for (size_t i = 0; i < t.n; i++) {
		assert_string_equal(t.v[i].pos.file, "f");
		conf_buf_fmt(&b, t.v[i].kind == CONF_T_STRING ? "%u <%s>\n" :
		    "%u %s\n", t.v[i].pos.line, conf_tok_has_text(&t.v[i]) ?
		    conf_toks_text(&t, i) : conf_toks_show(&t, i, shown));
	}
	*errors = e.text != NULL ? e.text : strdup("");
	conf_toks_free(&t);
	return conf_buf_take(&b, NULL);
}

struct row {
	const char *text, *tokens;
};

static void
check_good(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *errors, *got = lexed(rows[i].text, strlen(rows[i].text),
		    &errors);

		assert_string_equal(errors, "");
		assert_string_equal(got, rows[i].tokens);
		free(errors);
		free(got);
	}
}

static void
check_bad(const char *text, size_t len, const char *expected)
{
	char *errors, *got = lexed(text, len, &errors);

	assert_string_equal(errors, expected);
	free(errors);
	free(got);
}

static void
check_refused(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_bad(rows[i].text, strlen(rows[i].text), rows[i].tokens);
}

static void
test_tokens(void **state)
{
	static const struct row rows[] = {
		{ "", "" }, { " \t\r\n", "" },
		{ "a=b", "1 a\n1 =\n1 b\n" },
		{ "a += {b,'c'}", "1 a\n1 +=\n1 {\n1 b\n1 ,\n1 <c>\n1 }\n" },
		{ "a\nb\r\n\nc", "1 a\n2 b\n4 c\n" },
		{ "f(\"x\")", "1 f\n1 (\n1 <x>\n1 )\n" },
		{ "*:80", "1 *:80\n" },	/* libconfuse alone drops the star */
		{ "a+b c+", "1 a+b\n1 c+\n" },
		{ "[::1]:80", "1 [::1]:80\n" },
		{ "/etc/x", "1 /etc/x\n" },
		{ "a\\b", "1 a\\b\n" },
		{ "a$b $", "1 a$b\n1 $\n" },
		{ "gr\xc3\xbc\xc3\x9f" "e", "1 gr\xc3\xbc\xc3\x9f" "e\n" },
		{ "\"\"", "1 <>\n" },
	};

	(void)state;
	check_good(rows, NITEMS(rows));
}

static void
test_comments(void **state)
{
	static const struct row rows[] = {
		{ "# a\nb", "2 b\n" }, { "// a\nb", "2 b\n" },
		{ "a#b", "1 a\n" }, { "a//b\nc", "1 a\n2 c\n" },
		{ "#", "" }, { "//", "" }, { "/**/", "" },
		{ "/***/a", "1 a\n" },
		{ "a/* b\nc */d", "1 a\n2 d\n" },
		{ "{ /* in a list */ 1, # one\n 2 }",
		    "1 {\n1 1\n1 ,\n2 2\n2 }\n" },
		{ "\"# no\" '// no' \"/* no */\"",
		    "1 <# no>\n1 <// no>\n1 </* no */>\n" },
		{ "# \"\na", "2 a\n" }, { "/* ' */ a", "1 a\n" },
		{ "# /*\na", "2 a\n" }, { "a /", "1 a\n1 /\n" },
	};

	(void)state;
	check_good(rows, NITEMS(rows));
}

static void
test_quotes(void **state)
{
	static const struct row rows[] = {
		{ "\"a b\"", "1 <a b>\n" },
		{ "\"\\n\\r\\t\\\\\\\"\\'\\$\"", "1 <\n\r\t\\\"'$>\n" },
		{ "\"\\a\\b\\e\\f\\v\"", "1 <\a\b\033\f\v>\n" },
		{ "\"\\x41\\x4\\x4g\\101\\1\\0018\"",
		    "1 <A\004\004gA\001\0018>\n" },
		{ "\"\\377\\xff\"", "1 <\377\377>\n" },
		{ "\"a\\\nb\" c", "1 <ab>\n2 c\n" },
		{ "'a\\\nb' c", "1 <ab>\n2 c\n" },
		{ "'a\\nb\\'\\\\'", "1 <a\\nb'\\>\n" },
		{ "'${HOME} $x'", "1 <${HOME} $x>\n" },
		{ "\"$x $ \\${HOME}\"", "1 <$x $ ${HOME}>\n" },
		{ "\"it's\" 'say \"x\"'", "1 <it's>\n1 <say \"x\">\n" },
		{ "\"a\tb\"", "1 <a\tb>\n" },
	};

	(void)state;
	check_good(rows, NITEMS(rows));
}

static void
test_environment(void **state)
{
	static const struct row rows[] = {
		{ "${SET}", "1 value\n" }, { "a${SET}b", "1 avalueb\n" },
		{ "\"a${SET}b\"", "1 <avalueb>\n" },
		{ "${SET:-x}", "1 value\n" }, { "${UNSET:-x}", "1 x\n" },
		{ "${EMPTY}", "1 \n" }, { "${EMPTY:-x}", "1 x\n" },
		{ "${UNSET:-}", "1 \n" }, { "${UNSET:-a b:-c}", "1 a b:-c\n" },
		{ "${UNSET:-${SET}", "1 ${SET\n" },	/* no nesting */
		/* Never syntax: not a quote, not a brace, not a variable. */
		{ "${EVIL}", "1 \"} ${SET} # \n\n" },
		{ "x = \"${EVIL}\"", "1 x\n1 =\n1 <\"} ${SET} # \n>\n" },
		{ "# ${NONE}\n/* ${NONE} */", "" },
	};

	(void)state;
	assert_int_equal(setenv("SET", "value", 1), 0);
	assert_int_equal(setenv("EMPTY", "", 1), 0);
	assert_int_equal(setenv("EVIL", "\"} ${SET} # \n", 1), 0);
	assert_int_equal(unsetenv("UNSET"), 0);
	check_good(rows, NITEMS(rows));
}

static void
test_bad_text(void **state)
{
	static const struct row rows[] = {
		{ "\xef\xbb\xbf" "a = 1\n", "f:1: starts with a byte order "
		    "mark; save it as UTF-8 without one\n" },
		{ "a\n\x01", "f:2: byte 0x01; a configuration is a text "
		    "file\n" },
		{ "a\x7f", "f:1: byte 0x7f; a configuration is a text file\n" },
		{ "\n/* a\nb", "f:2: the comment that starts here is not "
		    "closed; */ is missing\n" },
		{ "/*/", "f:1: the comment that starts here is not closed; "
		    "*/ is missing\n" },
	};

	(void)state;
	check_refused(rows, NITEMS(rows));
	check_bad("a\nb\0c", 5, "f:2: a NUL byte; a configuration is a text "
	    "file\n");
	check_bad("\0", 1, "f:1: a NUL byte; a configuration is a text "
	    "file\n");
}

static void
test_bad_quotes(void **state)
{
	static const struct row rows[] = {
		{ "a\n\"b\nc", "f:2: the text that starts here is not closed "
		    "on its line; \" is missing (write \\n for a new line)\n" },
		{ "'", "f:1: the text that starts here is not closed on its "
		    "line; ' is missing (write \\n for a new line)\n" },
		{ "\"a\\\nb", "f:1: the text that starts here is not closed "
		    "on its line; \" is missing (write \\n for a new line)\n" },
		{ "\"\\", "f:1: \\ means nothing; write \\\\ for a backslash\n"
		    "f:1: the text that starts here is not closed on its line; "
		    "\" is missing (write \\n for a new line)\n" },
		{ "\"C:\\dir\"", "f:1: \\d means nothing; write \\\\ for a "
		    "backslash\n" },
		{ "\"\\0\"", "f:1: not a byte; write \\x01 to \\xff or \\1 to "
		    "\\377\n" },
		{ "\"\\x00\"", "f:1: not a byte; write \\x01 to \\xff or \\1 "
		    "to \\377\n" },
		{ "\"\\xg\"", "f:1: not a byte; write \\x01 to \\xff or \\1 "
		    "to \\377\n" },
		{ "\"\\400\"", "f:1: not a byte; write \\x01 to \\xff or \\1 "
		    "to \\377\n" },
		{ "\"\\9\"", "f:1: not a byte; write \\x01 to \\xff or \\1 to "
		    "\\377\n" },
		{ "\"a\x02\"", "f:1: a control byte inside quotes; write "
		    "\\x02\n" },
	};

	(void)state;
	check_refused(rows, NITEMS(rows));
}

static void
test_bad_signs(void **state)
{
	static const struct row rows[] = {
		{ "a = 1;\nb;", "f:1: \";\" has no place here; a statement "
		    "ends by itself\nf:2: \";\" has no place here; a statement "
		    "ends by itself\n" },
		{ "\n${NONE}", "f:2: ${NONE} is not set in the environment; "
		    "set it, or give a default: ${NONE:-default}\n" },
		{ "\"${NONE}\"", "f:1: ${NONE} is not set in the environment; "
		    "set it, or give a default: ${NONE:-default}\n" },
		{ "${NONE\n}", "f:1: ${ is not closed on its line; } is "
		    "missing\n" },
		{ "${", "f:1: ${ is not closed on its line; } is missing\n" },
		{ "${} ${1} ${a-b} ${a b}",
		    "f:1: not the name of a variable; write ${NAME} or "
		    "${NAME:-default}, or \"\\${\" for the signs themselves\n"
		    "f:1: not the name of a variable; write ${NAME} or "
		    "${NAME:-default}, or \"\\${\" for the signs themselves\n"
		    "f:1: not the name of a variable; write ${NAME} or "
		    "${NAME:-default}, or \"\\${\" for the signs themselves\n"
		    "f:1: not the name of a variable; write ${NAME} or "
		    "${NAME:-default}, or \"\\${\" for the signs themselves\n"
		    },
	};

	(void)state;
	assert_int_equal(unsetenv("NONE"), 0);
	check_refused(rows, NITEMS(rows));
}

/* 64 KiB are fine, one byte more is not; also when a variable brings it. */
static void
test_long_token(void **state)
{
	char *text = malloc(CONF_TOKEN_MAX + 2), *errors, *got;

	(void)state;
	memset(text, 'x', CONF_TOKEN_MAX + 1);
	text[CONF_TOKEN_MAX + 1] = '\0';
	got = lexed(text, CONF_TOKEN_MAX, &errors);
	assert_string_equal(errors, "");
	assert_int_equal(strlen(got), CONF_TOKEN_MAX + 3);
	free(got);
	free(errors);
	check_bad(text, CONF_TOKEN_MAX + 1, "f:1: a text longer than 65536 "
	    "bytes; is a quote missing?\n");
	assert_int_equal(setenv("LONG", text, 1), 0);
	check_bad("\n\"${LONG}\"", 10, "f:2: a text longer than 65536 bytes; "
	    "is a quote missing?\n");
	assert_int_equal(unsetenv("LONG"), 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_bad_quotes),
		cmocka_unit_test(test_bad_signs),
		cmocka_unit_test(test_long_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
