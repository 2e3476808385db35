/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_print - the property parse(print(parse(x))) == parse(x), over
 * random configurations: BELAY_SEED=N repeats a run.
 */
#include "tests/unit/common/conf_help.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/conf_row.h"
#include "common/conf_value.h"

static uint64_t seed;

static uint64_t
dice(uint64_t n)
{
	seed ^= seed << 13;		/* xorshift64 */
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static void
put_text(struct conf_buf *b)
{
	static const char bytes[] = "ab z\n\t\r\"'\\$#{}/*,;=+\x01\x1b\x7f\x80"
	    "\xff\xc3\xa4";
	size_t n = dice(12);
	char text[16] = "";

	for (size_t i = 0; i < n; i++)
		text[i] = dice(8) == 0 ? (char)(1 + dice(255)) :
		    bytes[dice(sizeof(bytes) - 1)];
	if (dice(8) == 0)
		(void)strcpy(text, "${HOME}");
	conf_buf_quoted(b, text);
}

/* Each listener has a port of its own, so that none clashes. */
static void
put_addr(struct conf_buf *b, unsigned *port)
{
	unsigned n = (*port)++;

	switch (dice(6)) {
	case 0:
		conf_buf_fmt(b, "\"[::1]:%u\"", n);
		break;
	case 1:
		conf_buf_fmt(b, "\"[2001:db8::%x]:%u\"", n, n);
		break;
	case 2:
		conf_buf_fmt(b, "\"unix:/tmp/\xc3\xa4-%u\"", n);
		break;
	case 3:
		conf_buf_fmt(b, "\"unix:/tmp/%u group=g mode=0%u%u%u owner=o"
		    "\"", n, (unsigned)dice(8), (unsigned)dice(8),
		    (unsigned)dice(8));
		break;
	default:
		conf_buf_fmt(b, "\"127.0.0.%u:%u\"", (unsigned)dice(256), n);
	}
}

static void
put_cidr(struct conf_buf *b)
{
	if (dice(2) == 0)
		conf_buf_fmt(b, "\"%u.0.0.0/%u\"", (unsigned)dice(256),
		    (unsigned)(8 + dice(25)));
	else
		conf_buf_fmt(b, "\"2001:db8:%x::/%u\"", (unsigned)dice(65536),
		    (unsigned)(48 + dice(81)));
}

static void
put_number(struct conf_buf *b, const struct conf_option *row)
{
	uint64_t max = row->max != 0 ? row->max : INT64_MAX;
	uint64_t v = row->min + dice(max - row->min + 1);
	char text[CONF_VALUE_MAX];

	if (dice(2) == 0)
		v = row->min + dice(v - row->min + 1) % 5;
	/* These two are whole seconds to the kernel. */
	if (strcmp(row->key, "keepalive") == 0 ||
	    strcmp(row->key, "defer_accept") == 0)
		v -= v % 1000;
	if (strcmp(row->key, "restart_backoff_min") == 0 ||
	    strcmp(row->key, "delay") == 0)	/* delay_if wants one */
		v = 1 + v % 1000;
	if (strcmp(row->key, "restart_backoff_max") == 0)
		v = 1000 + v % 100000;
	if (row->type == CONF_UINT)
		conf_buf_fmt(b, "%" PRIu64, v);
	else if (row->type == CONF_SIZE && dice(2) == 0)
		conf_buf_fmt(b, "%" PRIu64, v);
	else if (row->type == CONF_SIZE)
		conf_buf_text(b, conf_value_print_size(v, text));
	else
		conf_buf_fmt(b, "%" PRIu64 "ms", v);
}

static void
put_string(struct conf_buf *b, const struct conf_option *row)
{
	static const char *const names[] = {
		"engine", "epoll", "user", "www", "group", "w-3",
		"control_group", "", "pid_file", "/tmp/x y\\n.pid",
		"control_socket", "/tmp/sock", "target", "/tmp/l\xff g",
	};

	for (size_t i = 0; i < NITEMS(names); i += 2)
		if (strcmp(names[i], row->key) == 0) {
			conf_buf_quoted(b, names[i + 1]);
			return;
		}
	put_text(b);
}

static void
put_list(struct conf_buf *b, const struct conf_option *row, unsigned *port)
{
	size_t n = dice(4) + (strcmp(row->key, "listen") == 0);

	conf_buf_byte(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (row->type == CONF_ADDRS)
			put_addr(b, port);
		else if (row->type == CONF_CIDRS)
			put_cidr(b);
		else
			put_text(b);
		conf_buf_text(b, i + 1 < n || dice(2) == 0 ? " , " : "");
	}
	conf_buf_byte(b, '}');
}

static void
put_value(struct conf_buf *b, const struct conf_option *row, unsigned *port)
{
	static const char *const bools[] = { "true", "off", "yes", "false" };
	size_t n = 0;

	switch (row->type) {
	case CONF_BOOL:
		conf_buf_text(b, bools[dice(4)]);
		break;
	case CONF_ENUM:
		while (row->names[n] != NULL)
			n++;
		conf_buf_text(b, row->names[dice(n)]);
		break;
	case CONF_STRING:
		put_string(b, row);
		break;
	case CONF_STRINGS:
	case CONF_ADDRS:
	case CONF_CIDRS:
		put_list(b, row, port);
		break;
	default:
		put_number(b, row);
	}
}

static void
put_rows(struct conf_buf *b, const struct conf_option *rows, unsigned *port)
{
	for (; rows->key != NULL; rows++) {
		bool must = strcmp(rows->key, "listen") == 0 ||
		    strcmp(rows->key, "delay") == 0 ||
		    strcmp(rows->key, "restart_backoff_min") == 0 ||
		    strcmp(rows->key, "restart_backoff_max") == 0;

		if (strcmp(rows->key, "handler") == 0 ||
		    (!must && dice(2) == 0))
			continue;
		conf_buf_fmt(b, "%s =%s", rows->key, dice(3) == 0 ? "\n" :
		    " ");
		put_value(b, rows, port);
		conf_buf_text(b, dice(3) == 0 ? " # c\n" : "\n");
	}
}

static void
put_service(struct conf_buf *b, unsigned i, unsigned *port)
{
	const struct conf_section *s = &help_sections_all[dice(5)];

	conf_buf_fmt(b, "service s%u {\nhandler = \"%s\"\n", i, s->handler);
	if (dice(4) != 0) {
		conf_buf_fmt(b, "%s {\n", s->handler);
		put_rows(b, s->options, port);
		conf_buf_text(b, "}\n");
	}
	put_rows(b, conf_service_options, port);
	conf_buf_text(b, "}\n");
}

static char *
random_conf(void)
{
	struct conf_buf b = { 0 };
	unsigned port = 1, n = 1 + (unsigned)dice(4);

	put_rows(&b, conf_global_options, &port);
	if (dice(2) == 0) {
		conf_buf_text(&b, "log {\n");
		put_rows(&b, conf_log_options, &port);
		conf_buf_text(&b, "}\n");
	}
	for (unsigned i = 0; i < n; i++)
		put_service(&b, i, &port);
	return conf_buf_take(&b, NULL);
}

static void
check_property(const char *text, bool with_docs)
{
	struct conf *x, *y;
	char *one, *two;
	size_t len;

	x = help_parse(text, help_sections_all);
	one = conf_print(x, with_docs, &len);
	assert_non_null(one);
	assert_int_equal(len, strlen(one));
	y = help_parse(one, help_sections_all);
	if (!conf_equal(x, y))
		fail_msg("not equal:\n%s---\n%s", text, one);
	two = conf_print(y, with_docs, NULL);
	assert_string_equal(one, two);
	free(one);
	free(two);
	conf_free(&x);
	conf_free(&y);
}

static void
test_random(void **state)
{
	(void)state;
	for (int i = 0; i < 400; i++) {
		char *text = random_conf();

		check_property(text, i % 2 == 0);
		free(text);
	}
}

#define ALL(x) "service a { handler = all listen = :1 all { " x " } }"

/* conf_equal() sees each difference: else the property proves nothing. */
static void
test_equal(void **state)
{
	static const char *const rows[] = {
		ALL(""), ALL("flag = true"), ALL("number = 8"),
		ALL("size = 1"), ALL("ms = 2s"), ALL("text = \"a\""),
		ALL("word = one"), ALL("words = {}"), ALL("words = {x}"),
		ALL("words = {x, z}"), ALL("addrs = {}"),
		ALL("addrs = \"[::1]:2\""), ALL("addrs = \"[::2]:1\""),
		ALL("addrs = unix:/x"), ALL("addrs = \"unix:/x mode=0600\""),
		ALL("addrs = \"unix:/x owner=a\""),
		ALL("addrs = \"unix:/x group=a\""),
		ALL("cidrs = \"::/0\""), ALL("cidrs = \"0.0.0.0/0\""),
		ALL("cidrs = \"::/1\""), ALL("cidrs = {\"::/0\", \"::/1\"}"),
		ALL("") "workers = 3", ALL("") "user = belay",
		ALL("") "log { level = warn }",
		"service b { handler = all listen = :1 }",
		"service a { handler = echo listen = :1 }",
		"service a { handler = all listen = :2 }",
		ALL("") "service b { handler = all listen = :2 }",
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++)
		for (size_t j = 0; j < NITEMS(rows); j++) {
			struct conf *a = help_parse(rows[i],
			    help_sections_all);
			struct conf *b = help_parse(rows[j],
			    help_sections_all);

			if (conf_equal(a, b) != (i == j))
				fail_msg("%s / %s", rows[i], rows[j]);
			conf_free(&a);
			conf_free(&b);
		}
}

/* A list that is empty in the file is not the default that is not. */
static void
test_empty_list(void **state)
{
	struct conf *conf = help_parse(ALL("words = {} addrs = {}"),
	    help_sections_all);
	const struct help_all *all = conf->services[0].section;

	(void)state;
	assert_int_equal(all->words.n, 0);
	assert_int_equal(all->addrs.n, 0);
	conf_free(&conf);
	conf = help_parse(ALL(""), help_sections_all);
	all = conf->services[0].section;
	assert_int_equal(all->words.n, 2);
	assert_string_equal(all->words.v[1], "y z");
	assert_int_equal(all->addrs.n, 1);
	assert_string_equal(all->text, "a\tb");
	conf_free(&conf);
}

static void
test_docs(void **state)
{
	struct conf *conf = help_parse(HELP_SERVICE, help_sections);
	char *text = conf_print(conf, true, NULL), *plain;

	(void)state;
	assert_non_null(strstr(text, "# how many workers; 0: one per CPU (0 "
	    "to 1024; at once)\nworkers = 0\n"));
	/* Not named, so it may be absent: shown, but not said. */
	assert_non_null(strstr(text, "\n# user = \"belay\"\n"));
	assert_non_null(strstr(text, "\t# how a record is written (one of "
	    "json, logfmt, pretty; at once)\n\tformat = \"json\"\n"));
	assert_non_null(strstr(text, "\n\techo {\n\t\t# delay (0s to 1h; "));
	plain = conf_print(conf, false, NULL);
	assert_null(strchr(plain, '#'));
	assert_null(strstr(plain, "user ="));
	free(text);
	free(plain);
	conf_free(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_empty_list),
		cmocka_unit_test(test_docs),
	};
	const char *given = getenv("BELAY_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) :
	    (uint64_t)time(NULL) << 20 | (uint64_t)clock();
	print_message("BELAY_SEED=%" PRIu64 "\n", seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
