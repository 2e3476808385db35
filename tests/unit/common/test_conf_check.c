/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_check - values and the rules between them: each mistake with its
 * exact message.
 */
#include "tests/unit/common/conf_help.h"

#include <stdio.h>

struct row {
	const char *text, *errors;
};

#define S(name, port) "service \"" name "\" { handler = echo\nlisten = \"" \
	port "\" }\n"

static void
check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		help_refuse(rows[i].text, rows[i].errors);
}

static void
test_values(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "workers = many",
		    "t:2: workers = \"many\": not a whole number; write "
		    "decimal digits, like 16\n" },
		{ HELP_SERVICE "workers = 1025",
		    "t:2: workers = \"1025\": out of range; it may be 0 to "
		    "1024\n" },
		{ HELP_SERVICE "workers = -1",
		    "t:2: workers = \"-1\": not a whole number; write decimal "
		    "digits, like 16\n" },
		{ HELP_SERVICE "nice = \"\"",
		    "t:2: nice = \"\": not a whole number; write decimal "
		    "digits, like 16\n" },
		{ HELP_SERVICE "drain_timeout = 30",
		    "t:2: drain_timeout = \"30\": not a duration; write a "
		    "number and its unit, like 250ms, 30s, 5m or 1h\n" },
		{ HELP_SERVICE "drain_timeout = 25h",
		    "t:2: drain_timeout = \"25h\": out of range; it may be 0s "
		    "to 24h\n" },
		{ HELP_SERVICE "restart_backoff_min = 0",
		    "t:2: restart_backoff_min = \"0\": out of range; it may be "
		    "1ms to 1h\n" },
		{ HELP_SERVICE "crash_bytes = 5k",
		    "t:2: crash_bytes = \"5k\": out of range; it may be 0 to "
		    "4k\n" },
		{ HELP_SERVICE "crash_bytes = lots",
		    "t:2: crash_bytes = \"lots\": not a size; write bytes or "
		    "a unit, like 512, 16k, 1m or 1g\n" },
		{ HELP_SERVICE "core_dumps = maybe",
		    "t:2: core_dumps = \"maybe\": neither true nor false; "
		    "write one of them (on, off, yes and no are fine too)\n" },
		{ HELP_SERVICE "log {\nlevel = inof\nformat = xml }",
		    "t:4: format = \"xml\": not known; one of json, logfmt, "
		    "pretty\n"
		    "t:3: level = \"inof\": not known; did you mean info? one "
		    "of debug, info, warn, error\n" },
		{ HELP_SERVICE "workers = \"a\\nb\\x01\"",
		    "t:2: workers = \"a\\nb\\x01\": not a whole number; write "
		    "decimal digits, like 16\n" },
		{ HELP_SERVICE "workers = 12345678901234567890123456789012345"
		    "67890123456789012345678901234567890",
		    "t:2: workers = \"1234567890123456789012345678901234567890"
		    "123456789012345678901234567890\": too large for any "
		    "number here\n" },
		{ "service \"e\" { handler = sink listen = 127.0.0.1:1\n"
		    "sink { max_bytes = 0 } }",
		    "t:2: max_bytes = \"0\": out of range; it may be 1 to 3k\n"
		},
	};

	(void)state;
	check(rows, NITEMS(rows));
}

/* One value of a list is wrong: it is named, at its own line. */
static void
test_lists(void **state)
{
	struct conf_errors e = { 0 };
	static const char text[] = "service \"e\" { handler = echo\n"
	    "listen = {\"127.0.0.1:1\",\n\"nowhere\",\n\"[::1]:99999\"}\n"
	    "allow = {\"10.0.0.0/8\", \"10.0.0.0/33\"} }";

	(void)state;
	assert_null(conf_parse("t", text, strlen(text), help_sections, &e));
	assert_int_equal(e.count, 3);
	assert_memory_equal(e.text, "t:3: listen = \"nowhere\": ", 25);
	assert_non_null(strstr(e.text, "\nt:4: listen = \"[::1]:99999\": "));
	assert_non_null(strstr(e.text, "\nt:5: allow = \"10.0.0.0/33\": "));
	conf_errors_free(&e);
}

static void
test_services(void **state)
{
	static const struct row rows[] = {
		{ "", "t:1: no service; write at least one, like service "
		    "\"echo\" { handler = \"echo\" listen = "
		    "{\"127.0.0.1:7788\"} }\n" },
		{ "\nservice \"a\" { handler = echo }",
		    "t:2: service \"a\" listens nowhere; write at least one "
		    "address, like listen = {\"127.0.0.1:7788\"}\n" },
		{ "user = service log { }\nservice \"a\" { handler = echo }\n"
		    "service \"b\" { handler = echo }",
		    "t:2: service \"a\" listens nowhere; write at least one "
		    "address, like listen = {\"127.0.0.1:7788\"}\n"
		    "t:3: service \"b\" listens nowhere; write at least one "
		    "address, like listen = {\"127.0.0.1:7788\"}\n" },
		{ "service \"a\" { handler = echo\nlisten = {} }",
		    "t:1: service \"a\" listens nowhere; write at least one "
		    "address, like listen = {\"127.0.0.1:7788\"}\n" },
		{ "\nservice \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "echo { delay_if = x } }",
		    "t:2: service \"a\": echo: delay_if needs a delay, such as "
		    "delay = 1s\n" },
		{ "service \"a\" { handler = echo listen = 127.0.0.1:1\n"
		    "keepalive = 1500ms\ndefer_accept = 1ms }",
		    "t:2: keepalive = \"1500ms\": not whole seconds, as the "
		    "kernel wants them; write 1s or more\n"
		    "t:3: defer_accept = \"1ms\": not whole seconds, as the "
		    "kernel wants them; write 1s or more\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

static void
test_listeners(void **state)
{
	static const struct row rows[] = {
		{ S("a", "127.0.0.1:80") S("b", "127.0.0.1:80"),
		    "t:4: listen = \"127.0.0.1:80\": the same as "
		    "\"127.0.0.1:80\" of service \"a\" at t:2; give each its "
		    "own address or port\n" },
		{ S("a", "127.0.0.1:80") S("b", "*:80"),
		    "t:4: listen = \"0.0.0.0:80\": overlaps with "
		    "\"127.0.0.1:80\" of service \"a\" at t:2; give each its "
		    "own address or port\n" },
		{ "service \"a\" { handler = echo\nlisten = {\"[::1]:80\", "
		    "\"[::1]:80\"} }",
		    "t:2: listen = \"[::1]:80\": the same as \"[::1]:80\" of "
		    "service \"a\" at t:2; give each its own address or port\n"
		},
		{ S("a", "unix:/x") S("b", "unix:/x mode=0600"),
		    "t:4: listen = \"unix:/x\": overlaps with \"unix:/x\" of "
		    "service \"a\" at t:2; give each its own address or port\n"
		},
		/* v6only of the v6 one counts, wherever it stands. */
		{ S("a", "0.0.0.0:80") "service \"b\" { handler = echo v6only "
		    "= false\nlisten = {\"[::]:80\"} }",
		    "t:4: listen = \"[::]:80\": overlaps with \"0.0.0.0:80\" "
		    "of service \"a\" at t:2; give each its own address or "
		    "port\n" },
		{ "service \"b\" { handler = echo v6only = false\nlisten = "
		    "{\"[::]:80\"} }" S("a", "0.0.0.0:80"),
		    "t:3: listen = \"0.0.0.0:80\": overlaps with \"[::]:80\" "
		    "of service \"b\" at t:2; give each its own address or "
		    "port\n" },
	};
	static const char good[] = S("a", "0.0.0.0:80") S("b", "[::]:80")
	    S("c", "127.0.0.1:0") S("d", "127.0.0.1:0") S("e", "127.0.0.1:81")
	    S("f", "127.0.0.2:81") S("g", "unix:/x") S("h", "unix:/y");
	struct conf *conf;

	(void)state;
	conf = help_parse(good, help_sections);
	conf_free(&conf);
	check(rows, NITEMS(rows));
}

static void
test_globals(void **state)
{
	static const struct row rows[] = {
		{ HELP_SERVICE "restart_backoff_min = 1m\n",
		    "t:2: restart_backoff_max = 30s is less than "
		    "restart_backoff_min = 1m; raise one or lower the other\n"
		},
		{ HELP_SERVICE "\nrestart_backoff_max = 50ms\n",
		    "t:3: restart_backoff_max = 50ms is less than "
		    "restart_backoff_min = 100ms; raise one or lower the other"
		    "\n" },
		{ HELP_SERVICE "engine = kqueue",
		    "t:2: engine = \"kqueue\": not known; one of auto, epoll\n"
		},
		{ HELP_SERVICE "pid_file = belay.pid",
		    "t:2: pid_file = \"belay.pid\": not a whole path; begin it "
		    "with /\n" },
		{ HELP_SERVICE "pid_file = \"\"",
		    "t:2: pid_file = \"\": not a whole path; begin it with /\n"
		},
		{ HELP_SERVICE "control_socket = /run/",
		    "t:2: control_socket = \"/run/\": a folder; name a file in "
		    "it\n" },
		{ HELP_SERVICE "control_socket = /x\npid_file = /x",
		    "t:2: control_socket = \"/x\": the same as pid_file; name "
		    "another file\n" },
		{ HELP_SERVICE "log { target = belay.log }",
		    "t:2: target = \"belay.log\": not a target; stderr, "
		    "syslog, or a path from /\n" },
		{ HELP_SERVICE "user = \"\"\ngroup = \"a b\"",
		    "t:2: user = \"\": empty; name one, or leave it out for "
		    "the default\n"
		    "t:3: group = \"a b\": not a name; at most 32 letters, "
		    "digits, _ . and -\n" },
		{ HELP_SERVICE "control_group = \"a/b\"",
		    "t:2: control_group = \"a/b\": not a name; at most 32 "
		    "letters, digits, _ . and -\n" },
	};

	(void)state;
	check(rows, NITEMS(rows));
}

/* 107 bytes fit into a socket's address, 108 do not. */
static void
test_socket_length(void **state)
{
	char path[128], text[512], errors[512];
	struct conf *conf;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	(void)snprintf(text, sizeof(text), HELP_SERVICE "control_socket = %s",
	    path);
	conf = help_parse(text, help_sections);
	assert_string_equal(conf->control_socket, path);
	conf_free(&conf);
	path[107] = 'x';
	path[108] = '\0';
	(void)snprintf(text, sizeof(text), HELP_SERVICE "control_socket = %s",
	    path);
	path[72] = '\0';
	(void)snprintf(errors, sizeof(errors), "t:2: control_socket = "
	    "\"%s...\": too long; the system's limit is 107 bytes for a socket "
	    "and 4095 for a file\n", path);
	help_refuse(text, errors);
}

static void
test_many_listeners(void **state)
{
	struct conf_errors e = { 0 };
	char *text = malloc(1100 * 32), *p = text;

	(void)state;
	p += sprintf(p, "service \"s\" { handler = echo listen = {");
	for (int i = 0; i < 1025; i++)
		p += sprintf(p, "\"127.0.0.1:%d\",", i + 1);
	p += sprintf(p, "} }");
	assert_null(conf_parse("t", text, (size_t)(p - text), help_sections,
	    &e));
	assert_string_equal(e.text, "t:1: 1025 listen addresses; 1024 is the "
	    "most\n");
	conf_errors_free(&e);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_socket_length),
		cmocka_unit_test(test_many_listeners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
