/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every example configuration is good as it stands, and starts and does what
 * it is for, once its addresses and paths are those of a test.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

enum { TEXT_MAX = 65536, NAMES_MAX = 64 };

static const char dir[] = "etc/examples";

/* What stands in examples, and what a test writes there. */
static const struct {
	const char *from, *to;
} rewrites[] = {
	{ ":7788", ":0" }, { ":7789", ":0" }, { ":7790", ":0" },
	{ ":-7788}", ":-0}" },
	{ "0.0.0.0:", "127.0.0.1:" }, { "[::]:", "[::1]:" },
	{ "/tmp/belay-echo.sock", "${DIR}/echo.sock" },
	{ "/run/belay/", "${DIR}/" },
	{ "/var/log/belay/", "${DIR}/" },
	{ "\"syslog\"", "\"${DIR}/belay.log\"" },
	{ "user = \"belay\"\n", "" }, { "group = \"belay\"\n", "" },
	{ "control_group = \"adm\"", "" },
	{ "drain_delay = 5s", "" },
	{ "format = \"logfmt\"", "" }, { "level = \"warn\"", "" },
};

static void
replace_all(char *text, const char *from, const char *to)
{
	size_t n = strlen(from), m = strlen(to);
	char *at = text;

	while ((at = strstr(at, from)) != NULL) {
		assert_true(strlen(text) + m - n < TEXT_MAX);
		memmove(at + m, at + n, strlen(at + n) + 1);
		memcpy(at, to, m);
		at += m;
	}
}

/* The text as a test runs it; in a static buffer. */
static char *
rewritten(const char *path)
{
	static char text[TEXT_MAX];
	char *file = look_file(path, NULL);
	size_t i;

	if (file == NULL)
		fail_msg("%s is not there", path);
	assert_true(strlen(file) < TEXT_MAX);
	strcpy(text, file);
	free(file);
	for (i = 0; i < nitems(rewrites); i++)
		replace_all(text, rewrites[i].from, rewrites[i].to);
	if (strstr(text, "target") == NULL)
		replace_all(text, "log {", "log {\ntarget = "
		    "\"${DIR}/belay.log\"");
	return text;
}

static bool
is_conf(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && strcmp(dot, ".conf") == 0;
}

/* The .conf files of a directory; strings are malloc'd. */
static size_t
conf_names(const char *path, char *names[NAMES_MAX])
{
	DIR *d = opendir(path);
	struct dirent *e;
	size_t n = 0;

	if (d == NULL)
		fail_msg("%s: run tests from the top directory", path);
	while ((e = readdir(d)) != NULL) {
		if (!is_conf(e->d_name))
			continue;
		assert_true(n < NAMES_MAX);
		names[n++] = strdup(e->d_name);
	}
	closedir(d);
	return n;
}

/* --------------------------------------------- what services are for ---- */

static void
use_echo(struct srv *srv, int fd)
{
	(void)srv;
	client_say(fd, "hi A456");
	client_expect(fd, "hi A456");
	client_shut(fd);
	client_expect_eof(fd);
}

static void
use_reply(struct srv *srv, int fd)
{
	char c;

	(void)srv;
	client_say(fd, "hello\n");
	client_recv(fd, &c, 1);
}

static void
use_sink(struct srv *srv, int fd)
{
	int64_t deadline = test_deadline_ms();
	char *text = NULL;

	client_say(fd, "for the log");
	client_shut(fd);
	client_expect_eof(fd);
	do {
		free(text);
		text = look_file(srv_path(srv, "belay.log"), NULL);
		assert_non_null(text);
		if (test_left_ms(deadline) == 0)
			fail_msg("not in the log: %s", text);
	} while (strstr(text, "\"data\":\"for the log\"") == NULL);
	free(text);
}

static void
use_discard(struct srv *srv, int fd)
{
	(void)srv;
	client_say(fd, "nothing comes of it");
	client_shut(fd);
	client_expect_eof(fd);
}

static const struct {
	const char *handler;
	void (*use)(struct srv *srv, int fd);
} uses[] = {
	{ "echo", use_echo }, { "reply", use_reply }, { "sink", use_sink },
	{ "discard", use_discard },
};

static void
use_listener(struct srv *srv, const char *handler, const char *addr)
{
	int fd = client_open(addr);
	size_t i, used = 0;

	for (i = 0; i < nitems(uses); i++)
		if (strcmp(uses[i].handler, handler) == 0) {
			uses[i].use(srv, fd);
			used++;
		}
	if (used == 0)
		fail_msg("nothing is known of the use of %s", handler);
	client_close(&fd);
}

/* Each listener of each service; returns how many. */
static size_t
use_all(struct srv *srv)
{
	json_t *status = look_status(srv), *service, *listener;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(status, "services"), i, service) {
		json_array_foreach(json_object_get(service, "listeners"), k,
		    listener) {
			use_listener(srv, json_string_value(json_object_get(
			    service, "handler")), json_string_value(
			    json_object_get(listener, "address")));
			n++;
		}
	}
	json_decref(status);
	return n;
}

/* Folders that an example includes come along. */
static void
copy_folder(struct srv *srv, const char *folder)
{
	char *names[NAMES_MAX], from[256], to[128];
	size_t i, n;

	snprintf(from, sizeof from, "%s/%s", dir, folder);
	n = conf_names(from, names);
	assert_int_equal(mkdir(srv_path(srv, folder), 0755), 0);
	for (i = 0; i < n; i++) {
		snprintf(from, sizeof from, "%s/%s/%s", dir, folder, names[i]);
		snprintf(to, sizeof to, "%s/%s", folder, names[i]);
		srv_file(srv, to, rewritten(from));
		srv->nfiles--;		/* it goes with the folder */
		free(names[i]);
	}
	snprintf(srv->files[srv->nfiles++], sizeof srv->files[0], "%s", folder);
}

static void
run_example(const char *name)
{
	struct srv *srv = srv_new();
	char path[256];
	struct proc p;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	srv_conf(srv, "%s", rewritten(path));
	copy_folder(srv, "conf.d");
	if (look_start(srv, &p, "start") != 0)
		fail_msg("%s: start: %d: %s", name, p.status, p.err);
	proc_end(&p);
	n = use_all(srv);
	print_message("%s: %zu listeners used\n", name, n);
	assert_in_range(n, 1, 16);
	assert_int_equal(srv_stop(srv), 0);
	unlink(srv_path(srv, "belay.log"));
	srv_finish(&srv);
}

static void
test_examples(void **state)
{
	char *names[NAMES_MAX];
	size_t i, n = conf_names(dir, names);

	(void)state;
	assert_true(n > 5);
	if (!test_has_v6())
		look_skip("examples listen on v6 too, which is not here");
	for (i = 0; i < n; i++) {
		run_example(names[i]);
		free(names[i]);
	}
}

/* As they stand, and the default that is built in. */
static void
test_check(void **state)
{
	struct srv *srv = srv_new();
	char *names[NAMES_MAX], path[256];
	size_t i, n = conf_names(dir, names);
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", "");
	names[n++] = strdup("../belay.conf");
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (srv_verb(srv, &p, "check", "-c", path, NULL) != 0)
			fail_msg("%s: %s", path, p.err);
		proc_end(&p);
		free(names[i]);
	}
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_check, test_end),
		cmocka_unit_test_teardown(test_examples, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
