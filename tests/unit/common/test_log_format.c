/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log_format: golden records in all formats, every byte, and
 * what happens at LOG_RECORD_MAX.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "common/log_format.h"

/* 2026-01-02T12:00:01.123456Z */
static const int64_t noon_us = 1767355201123456;

static void
style_set(struct log_style *style, enum log_format format, bool colour,
    int slot)
{
	memset(style, 0, sizeof(*style));
	style->format = format;
	style->colour = colour;
	log_style_ident(style, 4711, slot < 0 ? "master" : "worker", slot);
}

static void
head(const struct log_style *style, struct log_rec *r, const char *msg)
{
	struct log_head h = {
		.real_us = noon_us, .level = LOG_L_INFO,
		.event = "worker.ready", .msg = msg, .msg_len = strlen(msg),
	};

	memset(r->buf, '#', sizeof(r->buf));
	log_format_head(style, r, &h);
}

static void
text(const struct log_style *style, struct log_rec *r, const char *key,
    const char *value)
{
	log_format_text(style, r, key, value, strlen(value), false);
}

#define E "\xe2\x80\xa6"		/* the mark of what was cut */

static const struct golden {
	enum log_format format;
	bool colour;
	int slot;
	const char *want;
} goldens[] = {
	{ LOG_F_JSON, false, 1,
	    "{\"ts\":\"2026-01-02T12:00:01.123456Z\",\"level\":\"info\","
	    "\"event\":\"worker.ready\",\"msg\":\"it \\\"serves\\\"\\n\","
	    "\"pid\":4711,\"role\":\"worker\",\"slot\":1,"
	    "\"service\":\"echo\",\"client\":\"[::1]:80\",\"bytes_in\":0,"
	    "\"left\":-7,\"hint\":\"a=b \\\\ c\",\"empty\":\"\","
	    "\"data\":\"x\\u0000" E "\",\"cut\":true}\n" },
	{ LOG_F_JSON, false, -1,
	    "{\"ts\":\"2026-01-02T12:00:01.123456Z\",\"level\":\"info\","
	    "\"event\":\"worker.ready\",\"msg\":\"it \\\"serves\\\"\\n\","
	    "\"pid\":4711,\"role\":\"master\","
	    "\"service\":\"echo\",\"client\":\"[::1]:80\",\"bytes_in\":0,"
	    "\"left\":-7,\"hint\":\"a=b \\\\ c\",\"empty\":\"\","
	    "\"data\":\"x\\u0000" E "\",\"cut\":true}\n" },
	{ LOG_F_LOGFMT, false, 1,
	    "ts=2026-01-02T12:00:01.123456Z level=info event=worker.ready "
	    "msg=\"it \\\"serves\\\"\\n\" pid=4711 role=worker slot=1 "
	    "service=echo client=[::1]:80 bytes_in=0 left=-7 "
	    "hint=\"a=b \\\\ c\" empty=\"\" data=\"x\\u0000" E "\" "
	    "cut=true\n" },
	{ LOG_F_PRETTY, false, 1,
	    "12:00:01.123 info  worker.ready  slot 1: it \"serves\"\\n "
	    "service=echo client=[::1]:80 bytes_in=0 left=-7 "
	    "hint=\"a=b \\\\ c\" empty=\"\" data=\"x\\u0000" E "\"\n" },
	{ LOG_F_PRETTY, false, -1,
	    "12:00:01.123 info  worker.ready  master: it \"serves\"\\n "
	    "service=echo client=[::1]:80 bytes_in=0 left=-7 "
	    "hint=\"a=b \\\\ c\" empty=\"\" data=\"x\\u0000" E "\"\n" },
	{ LOG_F_PRETTY, true, 1,
	    "\033[2m12:00:01.123\033[0m \033[32minfo  \033[1mworker.ready"
	    "\033[0m  slot 1: it \"serves\"\\n "
	    "\033[2mservice=\033[0mecho \033[2mclient=\033[0m[::1]:80 "
	    "\033[2mbytes_in=\033[0m0 \033[2mleft=\033[0m-7 "
	    "\033[2mhint=\033[0m\"a=b \\\\ c\" \033[2mempty=\033[0m\"\" "
	    "\033[2mdata=\033[0m\"x\\u0000" E "\"\n" },
};

static void
test_golden(void **state)
{
	const struct golden *g;
	struct log_style style;
	struct log_rec r;

	(void)state;
	for (g = goldens; g < goldens + sizeof(goldens) / sizeof(*g); g++) {
		style_set(&style, g->format, g->colour, g->slot);
		head(&style, &r, "it \"serves\"\n");
		text(&style, &r, "service", "echo");
		text(&style, &r, "client", "[::1]:80");
		log_format_uint(&style, &r, "bytes_in", 0, false);
		log_format_uint(&style, &r, "left", 7, true);
		text(&style, &r, "hint", "a=b \\ c");
		text(&style, &r, "empty", "");
		log_format_text(&style, &r, "data", "x\0", 2, true);
		log_format_end(&style, &r);
		r.buf[r.len] = '\0';
		assert_string_equal(r.buf, g->want);
	}
}

/* logfmt: bare if it cannot be misread, else in quotes. */
static void
test_quotes(void **state)
{
	static const char quoted[] = " \"=\\";
	struct log_style style;
	struct log_rec r;
	char in;
	int c;

	(void)state;
	style_set(&style, LOG_F_LOGFMT, false, -1);
	for (c = 0; c < 256; c++) {
		in = (char)c;
		r.len = 0;
		log_format_text(&style, &r, "k", &in, 1, false);
		assert_int_equal(r.buf[3] == '"' && r.len > 4, c < ' ' ||
		    c > '~' || strchr(quoted, c) != NULL);
	}
}

static void
test_local_time(void **state)
{
	struct log_style style;
	struct log_rec r;

	(void)state;
	style_set(&style, LOG_F_PRETTY, false, 1);
	style.east_s = -13 * 3600;
	head(&style, &r, "");
	assert_memory_equal(r.buf, "23:00:01.123 ", 13);
}

static void
test_number_limits(void **state)
{
	struct log_style style;
	struct log_rec r;

	(void)state;
	style_set(&style, LOG_F_LOGFMT, false, -1);
	r.len = 0;
	log_format_uint(&style, &r, "a", UINT64_MAX, false);
	log_format_uint(&style, &r, "b", (uint64_t)1 << 63, true);
	r.buf[r.len] = '\0';
	assert_string_equal(r.buf,
	    " a=18446744073709551615 b=-9223372036854775808");
}

/* The record is one line, valid JSON, whatever byte a text holds. */
static void
test_every_byte(void **state)
{
	struct log_style style;
	struct log_rec r;
	enum log_format format;
	json_t *got;
	char in[3] = "a?z";
	int c;

	(void)state;
	for (format = 0; format < LOG_NFORMATS; format++) {
		style_set(&style, format, false, 1);
		for (c = 0; c < 256; c++) {
			in[1] = (char)c;
			head(&style, &r, "m");
			log_format_text(&style, &r, "k", in, 3, false);
			log_format_end(&style, &r);
			assert_ptr_equal(memchr(r.buf, '\n', r.len),
			    r.buf + r.len - 1);
			assert_null(memchr(r.buf, c < ' ' && c != '\n' ? c :
			    127, r.len));
			if (format != LOG_F_JSON)
				continue;
			got = json_loadb(r.buf, r.len, JSON_ALLOW_NUL, NULL);
			assert_non_null(got);
			json_decref(got);
		}
	}
}

/* Texts of every length around the limit: never above it, always well-formed,
 * marked exactly when something is missing. */
static void
test_cut_at_the_limit(void **state)
{
	static char big[LOG_RECORD_MAX];
	struct log_style style;
	struct log_rec r;
	json_t *got, *b;
	size_t n, exact = 0;

	(void)state;
	memset(big, 'x', sizeof(big));
	style_set(&style, LOG_F_JSON, false, 1);
	for (n = 500; n < 1200; n++) {
		head(&style, &r, "m");
		log_format_text(&style, &r, "a", big, LOG_FIELD_MAX, false);
		log_format_text(&style, &r, "b", big, n, false);
		log_format_end(&style, &r);
		assert_true(r.len <= LOG_RECORD_MAX);
		exact += r.len == LOG_RECORD_MAX;
		got = json_loadb(r.buf, r.len, 0, NULL);
		assert_non_null(got);
		assert_true(r.cut == json_is_true(json_object_get(got, "cut")));
		b = json_object_get(got, "b");
		assert_true(r.cut == (strstr(json_string_value(b), E) != NULL));
		assert_true(r.cut || json_string_length(b) == n);
		json_decref(got);
	}
	assert_true(exact > 0);		/* reached, not just kept */
}

/* One long field leaves room for others; when there is none at all a field is
 * left out and the record says so. */
static void
test_long_fields(void **state)
{
	static char big[LOG_RECORD_MAX];
	struct log_style style;
	struct log_rec r;
	json_t *got;
	int i;

	(void)state;
	memset(big, '\n', sizeof(big));
	style_set(&style, LOG_F_JSON, false, 1);
	head(&style, &r, "m");
	log_format_text(&style, &r, "long", big, sizeof(big), false);
	text(&style, &r, "client", "1.2.3.4:5");
	for (i = 0; i < 200; i++)
		log_format_uint(&style, &r, "number", 1234567, false);
	text(&style, &r, "reason", "none");
	log_format_end(&style, &r);
	assert_true(r.len <= LOG_RECORD_MAX);
	got = json_loadb(r.buf, r.len, 0, NULL);
	assert_non_null(got);
	assert_int_equal(json_string_length(json_object_get(got, "long")),
	    LOG_FIELD_MAX / 2 + 3);
	assert_string_equal(json_string_value(json_object_get(got, "client")),
	    "1.2.3.4:5");
	assert_null(json_object_get(got, "reason"));
	assert_true(json_is_true(json_object_get(got, "cut")));
	json_decref(got);
}

static void
test_cut_keeps_characters_whole(void **state)
{
	struct log_style style;
	struct log_rec r;

	(void)state;
	style_set(&style, LOG_F_LOGFMT, false, -1);
	r.len = 0;
	log_format_text(&style, &r, "k", "a\xe2\x82", 3, true);
	r.buf[r.len] = '\0';
	assert_string_equal(r.buf, " k=\"a" E "\"");
}

static void
test_level_is_found_again(void **state)
{
	struct log_style style;
	struct log_rec r;
	struct log_head h = { .event = "x", .msg = "error" };
	enum log_format format;

	(void)state;
	for (format = 0; format < LOG_NFORMATS; format++) {
		style_set(&style, format, false, 1);
		for (h.level = 0; h.level < LOG_NLEVELS; h.level++) {
			log_format_head(&style, &r, &h);
			log_format_end(&style, &r);
			assert_int_equal(log_format_level(format, r.buf,
			    r.len), h.level);
		}
		assert_int_equal(log_format_level(format, "error", 5),
		    LOG_L_INFO);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_local_time),
		cmocka_unit_test(test_number_limits),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_cut_at_the_limit),
		cmocka_unit_test(test_long_fields),
		cmocka_unit_test(test_cut_keeps_characters_whole),
		cmocka_unit_test(test_level_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
