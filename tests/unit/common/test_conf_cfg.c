/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_cfg - what libconfuse is given, what it gives back, and that it
 * says nothing to anybody else when it is given what it should not be.
 */
#include "tests/unit/common/conf_help.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/conf_cfg.h"
#include "common/conf_read.h"

static void
lex(const char *text, struct conf_toks *t)
{
	struct conf_errors e = { 0 };

	*t = (struct conf_toks){ 0 };
	assert_int_equal(conf_read_text("f", text, strlen(text), t, &e), 0);
}

/* One line of it for each line that had a token; all texts in quotes. */
static void
test_text(void **state)
{
	struct conf_lines lines = { 0 };
	struct conf_toks t;
	char *text;

	(void)state;
	lex("\na = b # c\n\n/*\n*/ c += {'${x}', \"\\\"\\\\\\x01\"\n}\n", &t);
	text = conf_cfg_text(&t, &lines);
	assert_string_equal(text, "\"a\" = \"b\" \n\"c\" += { \"\\${x}\" , "
	    "\"\\\"\\\\\\x01\" \n} ");
	assert_int_equal(lines.n, 3);
	assert_int_equal(conf_lines_at(&lines, 1).line, 2);
	assert_int_equal(conf_lines_at(&lines, 2).line, 5);
	assert_int_equal(conf_lines_at(&lines, 3).line, 6);
	assert_int_equal(conf_lines_at(&lines, 4).line, 6);	/* the last */
	assert_string_equal(conf_lines_at(&lines, 1).file, "f");
	free(text);
	conf_lines_free(&lines);
	conf_toks_free(&t);
}

static void
test_values(void **state)
{
	struct conf_errors e = { 0 };
	struct conf_cfg c;
	struct conf_toks t;
	const struct conf_raw *raw;
	cfg_t *service;

	(void)state;
	lex("user =\n\"a\\n${U:-\\$}\"\nservice x {\nlisten = {\"1\",\n2} }",
	    &t);
	assert_int_equal(conf_cfg_parse(&c, &t, help_sections, &e), 0);
	raw = cfg_opt_getnptr(cfg_getopt(c.root, "user"), 0);
	assert_string_equal(raw->text, "a\n\\$");
	assert_int_equal(conf_lines_at(&c.lines, raw->line).line, 2);
	service = cfg_getnsec(c.root, "service", 0);
	assert_string_equal(cfg_title(service), "x");
	assert_int_equal(cfg_opt_size(cfg_getopt(service, "listen")), 2);
	raw = cfg_opt_getnptr(cfg_getopt(service, "listen"), 1);
	assert_string_equal(raw->text, "2");
	assert_int_equal(conf_lines_at(&c.lines, raw->line).line, 5);
	/* Asking for what is not there is no error of the file. */
	assert_null(cfg_getopt(service, "nothing"));
	assert_null(cfg_getsec(service, "echo"));
	assert_int_equal(e.count, 0);
	conf_cfg_free(&c);
	conf_cfg_free(&c);
	conf_toks_free(&t);
}

/* These never come so far; if they did, it would be said, with file:line. */
static void
test_errors(void **state)
{
	static const char *const rows[][2] = {
		{ "\nworkers 4", "f:2: cannot be parsed: missing equal sign "
		    "after option 'workers'\n" },
		{ "log {\nlevel 4 }", "f:2: cannot be parsed: missing equal "
		    "sign after option 'level'\n" },
		{ "service {\n}", "f:1: cannot be parsed: missing title for "
		    "section 'service'\n" },
		{ "workers =", "f:1: cannot be parsed: premature end of file\n"
		},
		{ "\n\nworkers = { }", "f:3: cannot be parsed: unexpected "
		    "token '{'\n" },
	};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		const char *const *row = rows[(size_t)i % NITEMS(rows)];
		struct conf_errors e = { 0 };
		struct conf_cfg c;
		struct conf_toks t;
		struct conf *conf;

		lex(row[0], &t);
		assert_int_equal(conf_cfg_parse(&c, &t, help_sections, &e), -1);
		assert_string_equal(e.text, row[1]);
		conf_errors_free(&e);
		conf_toks_free(&t);
		conf = help_parse(HELP_SERVICE, help_sections);
		conf_free(&conf);
	}
}

/* Not a byte goes to stderr. */
static void
test_silence(void **state)
{
	int keep = dup(STDERR_FILENO), pipe_fd[2];
	char byte;

	assert_int_equal(pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK), 0);
	assert_true(dup2(pipe_fd[1], STDERR_FILENO) != -1);
	test_errors(state);
	assert_true(dup2(keep, STDERR_FILENO) != -1);
	assert_int_equal(read(pipe_fd[0], &byte, 1), -1);
	assert_int_equal(close(keep) + close(pipe_fd[0]) + close(pipe_fd[1]),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
