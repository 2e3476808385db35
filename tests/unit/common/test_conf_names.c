/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_names - form and names: each mistake with its exact message.
 */
#include "tests/unit/common/conf_help.h"

#include <stdio.h>

struct row {
	const char *text, *errors;
};

static void
check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		help_refuse(rows[i].text, rows[i].errors);
}

static void
test_unknown(void **state)
{
	static const struct row rows[] = {
		{ "wokers = 2\n" HELP_SERVICE,
		    "t:1: wokers is not known in the top level; did you mean "
		    "workers?\n" },
		{ HELP_SERVICE "\nloog { }",
		    "t:3: loog is not known in the top level; did you mean "
		    "log?\n" },
		{ HELP_SERVICE "servcie \"b\" { handler = {\"x\"} }",
		    "t:2: servcie is not known in the top level; did you mean "
		    "service?\n" },
		{ HELP_SERVICE "log {\n\ttraget = syslog\n}",
		    "t:3: traget is not known in log; did you mean target?\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "lissten = {\"a\", \"b\"}\n ehco { delay = 1s } }",
		    "t:2: lissten is not known in service; did you mean "
		    "listen?\n"
		    "t:3: ehco is not known in service; did you mean echo?\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "echo { dealy = 1s } }",
		    "t:2: dealy is not known in echo; did you mean delay?\n" },
		{ HELP_SERVICE "qqqq = 1",
		    "t:2: qqqq is not known in the top level; belay.conf(5) "
		    "lists what is\n" },
		{ HELP_SERVICE "\x80\n = 1",
		    "t:2: \x80 is not known in the top level; belay.conf(5) "
		    "lists what is\n" },
		/* The errors of what follows are found too. */
		{ HELP_SERVICE "qqqq += {\"a\"}\nwwww { a = 1 b { } }\n"
		    "rrrr \"x\" {}\nnice = 20",
		    "t:2: qqqq is not known in the top level; belay.conf(5) "
		    "lists what is\n"
		    "t:3: wwww is not known in the top level; belay.conf(5) "
		    "lists what is\n"
		    "t:4: rrrr is not known in the top level; belay.conf(5) "
		    "lists what is\n"
		    "t:5: nice = \"20\": out of range; it may be 0 to 19\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_misplaced(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "listen = {\"127.0.0.1:2\"}",
		    "t:2: listen is not known in the top level; it belongs in "
		    "service\n" },
		{ HELP_SERVICE "level = debug",
		    "t:2: level is not known in the top level; it belongs in "
		    "log\n" },
		{ HELP_SERVICE "http = true",
		    "t:2: http is not known in the top level; it belongs in "
		    "reply\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "workers = 1\ndelay = 1s\nlog { level = info } }",
		    "t:2: workers is not known in service; it belongs in the "
		    "top level\n"
		    "t:3: delay is not known in service; it belongs in echo\n"
		    "t:4: log is not known in service; it belongs in the top "
		    "level\n" },
		{ HELP_SERVICE "log = stderr",
		    "t:2: log is a section; write log { ... }\n" },
		{ HELP_SERVICE "service = echo",
		    "t:2: service is a section; write service \"NAME\" { ... }"
		    "\n" },
		{ HELP_SERVICE "workers { }",
		    "t:2: workers is a key; write workers = VALUE\n" },
		{ HELP_SERVICE "workers \"4\" { }",
		    "t:2: workers is a key; write workers = VALUE\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_later(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "sandbox = true\ncpu_affinity = \"0\"",
		    "t:2: sandbox is not in this version; remove it\n"
		    "t:3: cpu_affinity is not in this version; remove it\n"
		},
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "tls { certificate = \"\"  alpn = {} }\n"
		    "proxy_protocol = off\nengine = epoll }",
		    "t:2: tls is not in this version; remove it\n"
		    "t:3: proxy_protocol is not in this version; remove it\n"
		    "t:4: engine is not in this version; remove it\n" },
		{ "service \"a\" {\nhandler = http listen = 127.0.0.1:1\n"
		    "http { root = / } }",
		    "t:3: http is not in this version; remove it\n"
		    "t:2: handler = \"http\": not in this version; one of "
		    "echo, reply, sink, discard\n" },
		{ HELP_SERVICE "engine = uring",
		    "t:2: engine = \"uring\": not in this version; one of "
		    "auto, epoll\n" },
		{ HELP_SERVICE "log { target = journal }",
		    "t:2: target = \"journal\": not in this version; stderr, "
		    "syslog, or a path from /\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_lists(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "workers = {1, 2}",
		    "t:2: workers holds one value, not a list; remove the "
		    "braces\n" },
		{ HELP_SERVICE "workers += 2",
		    "t:2: workers holds one value; write = instead of +=\n" },
		{ "service \"a\" { handler = echo\nlisten = {\"127.0.0.1:1\" "
		    "\"127.0.0.1:2\"} }",
		    "t:2: \"127.0.0.1:1\" is not followed by a comma; write "
		    "{\"a\", \"b\"}\n" },
		{ "service \"a\" { handler = echo\nlisten = {,} }",
		    "t:2: \",\" has no place in a list; write {\"a\", \"b\"}\n"
		},
		{ "service \"a\" { handler = echo\nlisten = {{\"x\"}} }",
		    "t:2: \"{\" has no place in a list; write {\"a\", \"b\"}\n"
		},
		{ "service \"a\" { handler = echo\nlisten = \"127.0.0.1:1\", "
		    "\"127.0.0.1:2\",\nnodelay = ja }",
		    "t:2: listen has several values and no braces; write "
		    "{\"a\", \"b\"} around a list\n"
		    "t:3: nodelay = \"ja\": neither true nor false; write one "
		    "of them (on, off, yes and no are fine too)\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_form(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "workers 4\nnice = 20",
		    "t:2: \"workers\" is followed by neither = nor {; a "
		    "statement is KEY = VALUE or SECTION { ... }\n"
		    "t:3: nice = \"20\": out of range; it may be 0 to 19\n" },
		{ HELP_SERVICE "workers =\nnice = 1",
		    "t:2: workers has no value; write one behind the =\n" },
		{ HELP_SERVICE "workers =",
		    "t:2: workers has no value; write one behind the =\n" },
		{ HELP_SERVICE "log { level = }",
		    "t:2: level has no value; write one behind the =\n" },
		{ HELP_SERVICE "workers = = 4",
		    "t:2: workers has no value; write one behind the =\n"
		    "t:2: \"4\" is followed by neither = nor {; a statement is "
		    "KEY = VALUE or SECTION { ... }\n" },
		{ HELP_SERVICE "= 4",
		    "t:2: \"=\" has no place here; a statement is KEY = VALUE "
		    "or SECTION { ... }\n" },
		{ HELP_SERVICE "\"workers\" = 4",
		    "t:2: \"workers\" is in quotes, which only values are; a "
		    "statement is KEY = VALUE\n" },
		{ HELP_SERVICE "user = \"a\"b\"c\"",
		    "t:2: \"b\" is followed by neither = nor {; a statement is "
		    "KEY = VALUE or SECTION { ... }\n" },
		{ HELP_SERVICE "log \"x\" { }",
		    "t:2: log has no name; write log { ... }\n" },
		{ "service { handler = echo }",
		    "t:1: service has no name; write service \"NAME\" { ... }\n"
		},
		{ HELP_SERVICE "log ( )",
		    "t:2: \"log\" is followed by neither = nor {; a statement "
		    "is KEY = VALUE or SECTION { ... }\n" },
		{ HELP_SERVICE ",",
		    "t:2: \",\" has no place here; a statement is KEY = VALUE "
		    "or SECTION { ... }\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_braces(void **state)
{
	static const struct row rows[] = {
		{ "\nservice \"a\" {\n  handler = echo\n",
		    "t:2: { is not closed in this file; } is missing\n" },
		{ "service \"a\" {\nservice \"b\" {\n}\nlog {\n",
		    "t:1: { is not closed in this file; } is missing\n"
		    "t:4: { is not closed in this file; } is missing\n" },
		{ HELP_SERVICE "}\n",
		    "t:2: } closes nothing; remove it, or add the { before it\n"
		},
		{ "{{{{{{{{{{{{{{{{\n{",
		    "t:2: { inside 16 others; is a } missing?\n" },
		/* At another level the message would mislead. */
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "service \"b\" { } }",
		    "t:2: service is not known in service; it belongs in the "
		    "top level\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_twice(void **state)
{
	static const struct row rows[] = {
		{ "nice = 1\n\nnice = 2\n" HELP_SERVICE,
		    "t:3: nice is given twice; remove one, the first is at t:1"
		    "\n" },
		{ HELP_SERVICE "log { }\nlog { }",
		    "t:3: log is given twice; remove one, the first is at t:2\n"
		},
		{ HELP_SERVICE HELP_SERVICE,
		    "t:2: service \"e\" is given twice; remove one, the first "
		    "is at t:1\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "echo { }\necho { } }",
		    "t:3: a handler's section is given twice; remove one, the "
		    "first is at t:2\n" },
		{ "service \"a\" { handler = echo\nlisten = 127.0.0.1:1\n"
		    "listen = 127.0.0.1:2 }",
		    "t:3: listen is given twice; remove one, the first is at "
		    "t:2\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_handler(void **state)
{
	static const struct row rows[] = {
		{ "\nservice \"a\" { listen = 127.0.0.1:1 }",
		    "t:2: service \"a\" has no handler; write one, like "
		    "handler = \"echo\"\n" },
		{ "service \"a\" {\nhandler = \"relpy\" listen = 127.0.0.1:1 }",
		    "t:2: handler = \"relpy\": not known; did you mean reply? "
		    "one of echo, reply, sink, discard\n" },
		{ "service \"a\" {\nhandler = \"ftp\" listen = 127.0.0.1:1 }",
		    "t:2: handler = \"ftp\": not known; one of echo, reply, "
		    "sink, discard\n" },
		{ "service \"a\" {\nhandler = \"\" listen = 127.0.0.1:1 }",
		    "t:2: handler = \"\": not known; one of echo, reply, sink, "
		    "discard\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "reply { text = \"x\" } }",
		    "t:2: reply { ... } in a service whose handler is echo; "
		    "name it echo, or change the handler\n" },
		{ "service \"a\" { handler =\nlisten = 127.0.0.1:1 }",
		    "t:1: handler has no value; write one behind the =\n" },
		{ "service \"a\" { handler = {echo}\nlisten = 127.0.0.1:1 }",
		    "t:1: handler holds one value, not a list; remove the "
		    "braces\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_service_name(void **state)
{
	static const char *const bad[] = {
		"", "a b", "a/b", "a\\\"b", "\xc3\xa4", "a\\nb",
		("12345678901234567890123456789012345678901234567890123456"
		"78901234"),
	};
	char text[512], errors[512];

	(void)state;
	for (size_t i = 0; i < NITEMS(bad); i++) {
		const char *shown = strcmp(bad[i], "a\\\"b") == 0 ? "a\"b" :
		    bad[i];

		(void)strcat(strcat(strcpy(text, "\nservice \""), bad[i]),
		    "\" { handler = echo listen = 127.0.0.1:1 }");
		(void)strcat(strcat(strcpy(errors, "t:2: service \""), shown),
		    "\": not a name; use 1 to 63 of the letters a-z A-Z 0-9 _ "
		    ". -\n");
		help_refuse(text, errors);
	}
}

/* Good forms that look unusual. */
static void
test_accepted(void **state)
{
	static const char *const rows[] = {
		"service e{handler=echo listen=*:80}",
		"service 'A-b_c.9' { handler = 'echo' listen = {:80,} }",
		"service e { handler = echo listen = 127.0.0.1:1\n"
		    "listen += {127.0.0.1:2} listen += 127.0.0.1:3 }",
		"user = \"belay\"  group = \"belay\" " HELP_SERVICE,
		"user = service log { }" HELP_SERVICE,
		"nice\n=\n3\n" HELP_SERVICE,
		"service \"e\"\n{\nhandler = discard\nlisten = :1\ndiscard { }"
		    "\n}",
		"log{}service e{handler=echo listen=:1 echo{}}",
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		struct conf *conf = help_parse(rows[i], help_sections);

		conf_free(&conf);
		assert_null(conf);
	}
}

static void
test_many_services(void **state)
{
	struct conf_errors e = { 0 };
	char *text = malloc(1100 * 64), *p = text;

	(void)state;
	for (int i = 0; i < 1025; i++)
		p += sprintf(p, "service \"s%d\" { handler = echo listen = "
		    "127.0.0.1:%d }\n", i, i % 1024 + 1);
	assert_null(conf_parse("t", text, (size_t)(p - text), help_sections,
	    &e));
	assert_string_equal(e.text, "t:1025: more than 1024 services\n");
	conf_errors_free(&e);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_misplaced),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_braces),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_handler),
		cmocka_unit_test(test_service_name),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_many_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
