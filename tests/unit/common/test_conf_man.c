/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_man - etc/belay.conf.5 and the option rows say the same: keys and
 * their order, types, defaults, ranges, reload classes, and nothing more.
 */
#include "tests/unit/common/conf_help.h"

#include <stdio.h>

#include "common/conf_row.h"
#include "common/conf_table.h"

static char man[1 << 17];

static int
read_man(void **state)
{
	FILE *f = fopen("etc/belay.conf.5", "r");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(man, 1, sizeof(man) - 1, f);
	assert_true(n > 1000 && n < sizeof(man) - 1);
	man[n] = '\0';
	return fclose(f);
}

/* A copy of what stands between two marks, both needed. */
static char *
between(const char *text, const char *from, const char *to)
{
	const char *a = strstr(text, from), *b;

	if (a == NULL)
		fail_msg("no %s", from);
	b = strstr(a + strlen(from), to);
	if (b == NULL)
		fail_msg("no %s behind %s", to, from);
	return strndup(a, (size_t)(b - a) + strlen(to));
}

static void
must_have(const char *entry, const char *key, const char *text)
{
	if (strstr(entry, text) == NULL)
		fail_msg("%s: \"%s\" is not in:\n%s", key, text, entry);
}

static void
check_default(const char *entry, const struct conf_option *row)
{
	char text[256];

	if (strcmp(row->key, "handler") == 0)
		(void)strcpy(text, "no default");
	else if (row->dflt[0] == '\0')
		(void)strcpy(text, "default empty");
	else
		(void)snprintf(text, sizeof(text), "default\n.Li %s",
		    row->dflt);
	must_have(entry, row->key, text);
}

/* In the manual a limit may be 0 without a unit. */
static void
check_range(const char *entry, const struct conf_option *row)
{
	struct conf_buf b = { 0 }, shown = { 0 };
	char *to;

	if (row->type == CONF_ENUM) {
		for (size_t i = 0; row->names[i] != NULL; i++)
			must_have(entry, row->key, row->names[i]);
		return;
	}
	conf_row_print_range(row, &b);
	if (b.len == 0 || (to = strstr(b.v, " to ")) == NULL) {
		assert_null(strstr(entry, "from\n"));
		conf_buf_free(&b);
		return;
	}
	*to = '\0';
	conf_buf_fmt(&shown, "from\n.Li %s\nto\n.Li %s",
	    row->min == 0 ? "0" : b.v, to + 4);
	must_have(entry, row->key, shown.v);
	conf_buf_free(&b);
	conf_buf_free(&shown);
}

static void
check_table(const char *section, const struct conf_option *rows)
{
	static const char *const types[] = {
		[CONF_BOOL] = "\nBoolean", [CONF_UINT] = "\nInteger",
		[CONF_SIZE] = "\nSize", [CONF_MSEC] = "\nDuration",
		[CONF_STRING] = "\nText", [CONF_ENUM] = "\nWord",
		[CONF_STRINGS] = "\nList of texts",
		[CONF_ADDRS] = "\nList of addresses",
		[CONF_CIDRS] = "\nList of prefixes",
	};
	char *list = between(man, section, "\n.El"), *p = list, text[128];

	for (; rows->key != NULL; rows++) {
		char *entry, *next;

		(void)snprintf(text, sizeof(text), "\n.It Ic %s\n", rows->key);
		/* The next entry is this row's, or order and number differ. */
		next = strstr(p, "\n.It ");
		if (next == NULL || strncmp(next, text, strlen(text)) != 0)
			fail_msg("%s: %s is not next", section, rows->key);
		p = next + 1;
		next = strstr(p, "\n.It ");
		entry = next != NULL ? strndup(p, (size_t)(next - p)) :
		    strdup(p);
		must_have(entry, rows->key, types[rows->type]);
		check_default(entry, rows);
		check_range(entry, rows);
		(void)snprintf(text, sizeof(text), "\n.Em %s .\n",
		    conf_when_name[rows->when]);
		must_have(entry, rows->key, text);
		free(entry);
	}
	assert_null(strstr(p, "\n.It "));
	free(list);
}

static void
test_tables(void **state)
{
	(void)state;
	check_table("\n.Sh GLOBAL OPTIONS\n", conf_global_options);
	check_table("\n.Sh LOG OPTIONS\n", conf_log_options);
	check_table("\n.Sh SERVICE OPTIONS\n", conf_service_options);
}

/* Those of the handlers, whose rows here are copies: keys and defaults. */
static void
test_handlers(void **state)
{
	char text[128];

	(void)state;
	for (const struct conf_section *s = help_sections; s->handler != NULL;
	    s++) {
		char *part;

		(void)snprintf(text, sizeof(text), "\n.Ss %s\n", s->handler);
		part = between(man, text, "\n.S");
		for (const struct conf_option *row = s->options;
		    row->key != NULL; row++) {
			(void)snprintf(text, sizeof(text), "\n.It Ic %s\n",
			    row->key);
			must_have(part, s->handler, text);
			check_default(strstr(part, text), row);
		}
		free(part);
	}
}

/* The EXAMPLES are configurations that work. */
static void
test_examples(void **state)
{
	char *part = between(man, "\n.Sh EXAMPLES\n", "\n.Sh SEE"), *p = part;
	unsigned n = 0;

	(void)state;
	while ((p = strstr(p, ".Bd -literal")) != NULL) {
		char *begin = strchr(p, '\n') + 1, *end = strstr(p, ".Ed"), *e;
		struct conf *c;

		*end = '\0';
		while ((e = strstr(begin, "\\e")) != NULL)
			memmove(e + 1, e + 2, strlen(e + 2) + 1);
		p = end + 1;
		n++;
		if (strncmp(begin, "include", 7) == 0)
			continue;		/* needs a file to be in */
		c = help_parse(begin, help_sections);
		conf_free(&c);
	}
	assert_true(n >= 4);
	free(part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_handlers),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, read_man, NULL);
}
