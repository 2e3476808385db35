/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf - loading as a whole: defaults, the built-in default, the
 * examples, the environment, and a bad file before a good one.
 */
#include "tests/unit/common/conf_help.h"

#include <arpa/inet.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static struct conf *
load(const char *path)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_load(path, help_sections, &e);

	if (conf == NULL)
		fail_msg("%s: %s", path != NULL ? path : "built-in", e.text);
	return conf;
}

static void
test_defaults(void **state)
{
	struct conf *c = help_parse("service \"e\" { handler = \"echo\" "
	    "listen = \"127.0.0.1:1\" }", help_sections);
	const struct conf_service *s = c->services;
	const struct help_echo *e = s->section;

	(void)state;
	assert_true(c->workers == 0 && c->max_connections == 0);
	assert_string_equal(c->user, "belay");
	assert_string_equal(c->group, "belay");
	assert_false(c->user_set);
	assert_string_equal(c->control_group, "");
	assert_string_equal(c->engine, "auto");
	assert_true(c->drain_delay_ms == 0 && c->drain_timeout_ms == 30000);
	assert_true(c->start_timeout_ms == 10000);
	assert_true(c->hang_timeout_ms == 30000);
	assert_true(c->restart_backoff_min_ms == 100);
	assert_true(c->restart_backoff_max_ms == 30000);
	assert_true(c->stable_after_ms == 60000);
	assert_true(c->crash_bytes == 0 && !c->core_dumps && c->nice == 0);
	assert_string_equal(c->log.target, "stderr");
	assert_int_equal(c->log.format, LOG_F_JSON);
	assert_int_equal(c->log.level, LOG_L_INFO);
	assert_true(c->log.connections);
	assert_int_equal(c->nservices, 1);
	assert_string_equal(s->name, "e");
	assert_string_equal(s->handler, "echo");
	assert_ptr_equal(s->section_def, &help_sections[0]);
	assert_int_equal(s->listen.n, 1);
	assert_int_equal(s->listen.v[0].u.sin.sin_port, htons(1));
	assert_true(s->backlog == 4096 && s->fastopen == 0 && s->ttl == 0);
	assert_true(s->nodelay && s->v6only);
	assert_true(s->keepalive_ms == 0 && s->defer_accept_ms == 0);
	assert_true(s->user_timeout_ms == 0 && s->max_lifetime_ms == 0);
	assert_true(s->first_byte_timeout_ms == 30000);
	assert_true(s->idle_timeout_ms == 300000);
	assert_true(s->write_timeout_ms == 60000);
	assert_true(s->max_requests == 0);
	assert_int_equal(s->allow.n + s->deny.n, 0);
	assert_true(e->delay_ms == 0);
	assert_string_equal(e->delay_if, "");
	conf_free(&c);
}

static void
test_given(void **state)
{
	struct conf *c = help_parse(
	    "workers = 3 user = www max_connections = 77\n"
	    "log { target = /x format = pretty level = error connections = no }"
	    "service b { handler = sink listen = {\"[::1]:5\", unix:/y}\n"
	    "  backlog = 5 nodelay = off idle_timeout = 90s v6only = no\n"
	    "  allow = {10.0.0.0/8} sink { max_bytes = 2k } }\n"
	    "service a { handler = discard listen = {:6} discard { } }",
	    help_sections);
	const struct help_sink *k = c->services[0].section;

	(void)state;
	assert_true(c->workers == 3 && c->max_connections == 77);
	assert_string_equal(c->user, "www");
	assert_true(c->user_set);
	assert_string_equal(c->log.target, "/x");
	assert_int_equal(c->log.format, LOG_F_PRETTY);
	assert_int_equal(c->log.level, LOG_L_ERROR);
	assert_false(c->log.connections);
	assert_int_equal(c->nservices, 2);	/* in the file's order */
	assert_string_equal(c->services[0].name, "b");
	assert_string_equal(c->services[1].name, "a");
	assert_int_equal(c->services[0].listen.n, 2);
	assert_true(c->services[0].backlog == 5);
	assert_false(c->services[0].nodelay || c->services[0].v6only);
	assert_true(c->services[0].idle_timeout_ms == 90000);
	assert_int_equal(c->services[0].allow.n, 1);
	assert_true(k->max_bytes == 2048);
	assert_non_null(c->services[1].section);
	conf_free(&c);
}

/* The default of user, named, is something else than not named. */
static void
test_user_set(void **state)
{
	struct conf *c = help_parse(HELP_SERVICE "user = belay", help_sections);

	(void)state;
	assert_true(c->user_set);
	conf_free(&c);
	conf_free(&c);			/* twice is harmless */
	c = help_parse(HELP_SERVICE "group = belay", help_sections);
	assert_false(c->user_set);
	conf_free(&c);
}

static void
test_builtin(void **state)
{
	struct conf *c = load(NULL), *file = load("etc/belay.conf");
	const struct help_reply *r;

	(void)state;
	assert_int_equal(c->nservices, 2);
	assert_string_equal(c->services[0].handler, "echo");
	assert_int_equal(c->services[0].listen.n, 2);
	assert_int_equal(c->services[0].listen.v[0].u.sin.sin_port,
	    htons(7788));
	assert_int_equal(c->services[1].listen.v[1].u.sin6.sin6_port,
	    htons(7789));
	r = c->services[1].section;
	assert_string_equal(r->text, "thank you\n");
	assert_true(r->http && r->wait && r->close);
	/* The paths are where root would not put them. */
	free(file->pid_file);
	free(file->control_socket);
	file->pid_file = strdup(c->pid_file);
	file->control_socket = strdup(c->control_socket);
	assert_true(conf_equal(c, file));
	conf_free(&file);
	conf_free(&c);
}

static void
test_examples(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob("etc/examples/*.conf", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 10);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct conf *c = load(g.gl_pathv[i]), *again;
		char *text = conf_print(c, true, NULL);

		again = help_parse(text, help_sections);
		assert_true(conf_equal(c, again));
		free(text);
		conf_free(&c);
		conf_free(&again);
	}
	globfree(&g);
}

static void
test_environment(void **state)
{
	struct conf *c;

	(void)state;
	assert_int_equal(setenv("ECHO_PORT", "7000", 1), 0);
	assert_int_equal(setenv("WORKERS", "5", 1), 0);
	c = load("etc/examples/environment.conf");
	assert_true(c->workers == 5);
	assert_int_equal(c->services[0].listen.v[0].u.sin.sin_port,
	    htons(7000));
	conf_free(&c);
	assert_int_equal(unsetenv("ECHO_PORT"), 0);
	assert_int_equal(unsetenv("WORKERS"), 0);
	c = load("etc/examples/environment.conf");
	assert_true(c->workers == 2);
	conf_free(&c);
}

/* libconfuse has global state: no error may be felt by the next one. */
static void
test_bad_then_good(void **state)
{
	static const char *const bad[] = {
		"workers = \"", "workers = 'x", "/* ", "log {", "}", "= = =",
		"service \"x\" { handler = echo listen = {\"a\"", "workers",
		"include(\"x\")", "\x01", "${", "workers = x" HELP_SERVICE,
		"wurkers = 1\nworkers = \"${HOME\"", "", HELP_SERVICE "user = "
		"\"a\\nb\"", "service a { listen = {",
	};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		const char *text = bad[(size_t)i % NITEMS(bad)];
		struct conf_errors e = { 0 };
		struct conf *c;

		assert_null(conf_parse("t", text, strlen(text), help_sections,
		    &e));
		assert_true(e.count > 0);
		conf_errors_free(&e);
		c = help_parse(HELP_SERVICE "workers = 2", help_sections);
		assert_true(c->workers == 2);
		conf_free(&c);
	}
}

/* Errors that were there before stay, and do not fail what comes after. */
static void
test_errors_add_up(void **state)
{
	struct conf_errors e = { 0 };
	struct conf *c;

	(void)state;
	assert_null(conf_parse("a", "nice = 1", 8, help_sections, &e));
	assert_null(conf_parse("b", "}", 1, help_sections, &e));
	assert_int_equal(e.count, 2);
	assert_memory_equal(e.text, "a:1: no service", 15);
	assert_non_null(strstr(e.text, "\nb:1: } closes"));
	c = conf_parse("c", HELP_SERVICE, strlen(HELP_SERVICE), help_sections,
	    &e);
	assert_non_null(c);
	assert_int_equal(e.count, 2);
	conf_free(&c);
	conf_errors_free(&e);
	assert_int_equal(e.count, 0);
}

static void
test_workers(void **state)
{
	struct conf c = { .workers = 3 };
	cpu_set_t set, one;

	(void)state;
	assert_int_equal(conf_workers(&c), 3);
	c.workers = 0;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	assert_int_equal(conf_workers(&c), CPU_COUNT(&set));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set)) {
			CPU_SET(i, &one);
			break;
		}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(conf_workers(&c), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_user_set),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_bad_then_good),
		cmocka_unit_test(test_errors_add_up),
		cmocka_unit_test(test_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
