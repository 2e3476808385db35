/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manual and the program name the same things, neither more than the
 * other: options of all handlers, verbs, signals, log events.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "tests/system/lib/look.h"

enum { WORDS_MAX = 256, WORD_MAX = 48 };

struct words {
	size_t n;
	char v[WORDS_MAX][WORD_MAX];
};

static bool
has(const struct words *w, const char *word)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->v[i], word) == 0)
			return true;
	return false;
}

static void
add(struct words *w, const char *word, size_t len)
{
	char text[WORD_MAX];

	assert_true(len < sizeof text);
	memcpy(text, word, len);
	text[len] = '\0';
	if (len == 0 || has(w, text))
		return;
	assert_true(w->n < WORDS_MAX);
	memcpy(w->v[w->n++], text, len + 1);
}

static bool
is_name(int c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-';
}

static size_t
name_length(const char *text)
{
	size_t n = 0;

	while (is_name((unsigned char)text[n]))
		n++;
	return n;
}

/* The page between two headings of section level; malloc'd. */
static char *
section(const char *path, const char *from, const char *to)
{
	char *page = look_file(path, NULL), *begin, *end;

	if (page == NULL)
		fail_msg("%s: run tests from the top directory", path);
	begin = strstr(page, from);
	end = begin == NULL ? NULL : strstr(begin, to);
	if (end == NULL)
		fail_msg("%s has no %s before %s", path, from, to);
	*end = '\0';
	memmove(page, begin, strlen(begin) + 1);
	return page;
}

/* What its items are called: .It MACRO NAME [, NAME] [Ta ...]. */
static void
items(struct words *w, const char *page, const char *macro)
{
	char start[32];
	const char *at = page;
	size_t n;

	snprintf(start, sizeof start, "\n.It %s ", macro);
	while ((at = strstr(at, start)) != NULL) {
		at += strlen(start);
		for (;;) {
			n = name_length(at);
			add(w, at, n);
			at += n;
			if (strncmp(at, " , ", 3) != 0)
				break;
			at += 3;
		}
	}
}

static void
check_same(const struct words *program, const struct words *manual,
    const char *what)
{
	size_t i;

	assert_true(program->n > 0);
	for (i = 0; i < program->n; i++)
		if (!has(manual, program->v[i]))
			fail_msg("%s %s is not in the manual", what,
			    program->v[i]);
	for (i = 0; i < manual->n; i++)
		if (!has(program, manual->v[i]))
			fail_msg("the manual knows a %s %s that is not there",
			    what, manual->v[i]);
}

/* Lines "[# ]key = value" of `check --print`. */
static void
keys_of(struct words *w, const char *text)
{
	const char *line, *next;
	size_t n;

	for (line = text; *line != '\0'; line = next) {
		next = strchr(line, '\n') + 1;
		while (*line == '\t' || *line == '#' || *line == ' ')
			line++;
		n = name_length(line);
		if (strncmp(line + n, " = ", 3) == 0)
			add(w, line, n);
	}
}

static void
test_options(void **state)
{
	static struct words program, manual;
	struct srv *srv = srv_new();
	struct proc p;
	char *page;

	(void)state;
	srv_conf(srv, "%s",
	    "service \"e\" { handler = \"echo\" listen = {\"*:0\"} }\n"
	    "service \"r\" { handler = \"reply\" listen = {\"*:0\"} }\n"
	    "service \"s\" { handler = \"sink\" listen = {\"*:0\"} }\n"
	    "service \"d\" { handler = \"discard\" listen = {\"*:0\"} }\n");
	assert_int_equal(srv_verb(srv, &p, "check", "--print", NULL), 0);
	keys_of(&program, p.out);
	proc_end(&p);
	page = section("etc/belay.conf.5", "\n.Sh GLOBAL OPTIONS",
	    "\n.Sh FILES");
	items(&manual, page, "Ic");
	free(page);
	check_same(&program, &manual, "option");
	srv_finish(&srv);
}

/* Handlers that `version` lists have a part of their own. */
static void
test_handlers(void **state)
{
	static struct words program, manual;
	struct srv *srv = srv_new();
	char *page, *at;
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", "");
	proc_start(&p, (const char *const[]){ srv->binary, "version", NULL });
	assert_int_equal(proc_wait(&p), 0);
	at = strstr(p.out, "services:");
	assert_non_null(at);
	for (at += strlen("services:"); *at == ' '; at += name_length(at)) {
		at++;
		add(&program, at, name_length(at));
	}
	proc_end(&p);
	page = section("etc/belay.conf.5", "\n.Sh HANDLERS", "\n.Sh FILES");
	for (at = page; (at = strstr(at, "\n.Ss ")) != NULL; at++)
		add(&manual, at + 5, name_length(at + 5));
	free(page);
	check_same(&program, &manual, "handler");
	srv_finish(&srv);
}

static void
test_verbs(void **state)
{
	static struct words program, manual;
	struct srv *srv = srv_new();
	char *page, *at;
	struct proc p;

	(void)state;
	srv_conf(srv, "%s", "");
	proc_start(&p, (const char *const[]){ srv->binary, "help", NULL });
	assert_int_equal(proc_wait(&p), 0);
	for (at = p.out; (at = strstr(at, "\n  ")) != NULL; at++)
		add(&program, at + 3, name_length(at + 3));
	proc_end(&p);
	page = section("master/belay.8", "\n.Sh DESCRIPTION", "\n.Sh SIGNALS");
	items(&manual, page, "Cm");
	free(page);
	check_same(&program, &manual, "verb");
	srv_finish(&srv);
}

/* INTERFACE section 3, which is what the other tests send. */
static void
test_signals(void **state)
{
	static const char *const names[] = { "TERM", "QUIT", "INT", "HUP",
	    "USR1", "USR2", "TTIN", "TTOU", "CHLD" };
	static struct words program, manual;
	char *page;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(names); i++)
		add(&program, names[i], strlen(names[i]));
	page = section("master/belay.8", "\n.Sh SIGNALS", "\n.Sh KEYS");
	items(&manual, page, "Dv");
	free(page);
	check_same(&program, &manual, "signal");
}

static void
test_events(void **state)
{
	static struct words program, manual;
	char *page;
	size_t i;

	(void)state;
	for (i = 0; i < LOG_NEVENTS; i++)
		add(&program, log_event_name[i], strlen(log_event_name[i]));
	page = section("master/belay.8", "\n.Sh DIAGNOSTICS",
	    "\n.Sh SEE ALSO");
	items(&manual, page, "Ic");
	free(page);
	check_same(&program, &manual, "event");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_options, test_end),
		cmocka_unit_test_teardown(test_handlers, test_end),
		cmocka_unit_test_teardown(test_verbs, test_end),
		cmocka_unit_test_teardown(test_signals, test_end),
		cmocka_unit_test_teardown(test_events, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
