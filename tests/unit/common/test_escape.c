/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/escape: every byte, the edges of UTF-8, every size of room.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/escape.h"

/* A literal with its length, which may hold NULs. */
#define TEXT(s)	(s), sizeof(s) - 1

static const struct row {
	const char *in;
	size_t n;
	const char *json, *plain;
} rows[] = {
	{ TEXT(""), "", "" },
	{ TEXT("plain text 123 ~"), "plain text 123 ~", "plain text 123 ~" },
	{ TEXT("a\"b\\c"), "a\\\"b\\\\c", "a\"b\\c" },
	{ TEXT("\b\f\n\r\t"), "\\b\\f\\n\\r\\t", "\\b\\f\\n\\r\\t" },
	{ TEXT("\0\x01\x1b\x7f"), "\\u0000\\u0001\\u001b\\u007f",
	    "\\u0000\\u0001\\u001b\\u007f" },
	/* each length, first and last of it */
	{ TEXT("\xc2\xa0\xdf\xbf"), "\xc2\xa0\xdf\xbf", "\xc2\xa0\xdf\xbf" },
	{ TEXT("\xe0\xa0\x80\xef\xbf\xbf"), "\xe0\xa0\x80\xef\xbf\xbf",
	    "\xe0\xa0\x80\xef\xbf\xbf" },
	{ TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
	    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	{ TEXT("\xed\x9f\xbf\xee\x80\x80"), "\xed\x9f\xbf\xee\x80\x80",
	    "\xed\x9f\xbf\xee\x80\x80" },
	/* C1 controls, well-formed */
	{ TEXT("\xc2\x80\xc2\x9b"), "\\u0080\\u009b", "\\u0080\\u009b" },
	/* overlong, surrogate, beyond the end, never valid */
	{ TEXT("\xc0\x80"), "\\u00c0\\u0080", "\\u00c0\\u0080" },
	{ TEXT("\xe0\x9f\xbf"), "\\u00e0\\u009f\\u00bf",
	    "\\u00e0\\u009f\\u00bf" },
	{ TEXT("\xf0\x8f\xbf\xbf"), "\\u00f0\\u008f\\u00bf\\u00bf",
	    "\\u00f0\\u008f\\u00bf\\u00bf" },
	{ TEXT("\xed\xa0\x80"), "\\u00ed\\u00a0\\u0080",
	    "\\u00ed\\u00a0\\u0080" },
	{ TEXT("\xf4\x90\x80\x80"), "\\u00f4\\u0090\\u0080\\u0080",
	    "\\u00f4\\u0090\\u0080\\u0080" },
	{ TEXT("\xff\xfe"), "\\u00ff\\u00fe", "\\u00ff\\u00fe" },
	/* a stray continuation, an interrupted and an unfinished sequence */
	{ TEXT("\x80" "a"), "\\u0080a", "\\u0080a" },
	{ TEXT("\xe2\x82" "a"), "\\u00e2\\u0082a", "\\u00e2\\u0082a" },
	{ TEXT("\xe2\x82"), "\\u00e2\\u0082", "\\u00e2\\u0082" },
	{ TEXT("\xe2\xe2\x82\xac"), "\\u00e2\xe2\x82\xac",
	    "\\u00e2\xe2\x82\xac" },
};

static void
check(const struct row *row, enum escape_for how, const char *want)
{
	char out[256];
	size_t len, used;

	len = escape_text(out, sizeof(out), row->in, row->n, how, &used);
	assert_int_equal(used, row->n);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(out, want, len);
}

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&rows[i], ESCAPE_JSON, rows[i].json);
		check(&rows[i], ESCAPE_PLAIN, rows[i].plain);
	}
}

/* Each byte alone: itself if it is printable ASCII, else an escape. */
static void
test_every_byte(void **state)
{
	static const char shorts[] = "\b\f\n\r\t\"\\";
	char in, out[8], want[8];
	size_t len, used;
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		in = (char)c;
		len = escape_text(out, sizeof(out), &in, 1, ESCAPE_JSON, &used);
		out[len] = '\0';
		assert_int_equal(used, 1);
		if (c != 0 && strchr(shorts, c) != NULL)
			snprintf(want, sizeof(want), "\\%c",
			    "bfnrt\"\\"[strchr(shorts, c) - shorts]);
		else if (c >= 0x20 && c < 0x7f)
			snprintf(want, sizeof(want), "%c", c);
		else
			snprintf(want, sizeof(want), "\\u%04x", c);
		assert_string_equal(out, want);
	}
}

/* With any room: what is written is the beginning of the whole, it stands for
 * the part that used says, and the byte behind the room is not touched. */
static void
test_every_room(void **state)
{
	static const char in[] = "a\"\xe2\x82\xac\x01\xf0\x9f\x98\x80\xff" "b";
	char whole[128], out[128], part[128];
	size_t room, full, len, n, used;

	(void)state;
	full = escape_text(whole, sizeof(whole), in, sizeof(in) - 1,
	    ESCAPE_JSON, &used);
	for (room = 0; room <= full; room++) {
		memset(out, '#', sizeof(out));
		len = escape_text(out, room, in, sizeof(in) - 1, ESCAPE_JSON,
		    &used);
		assert_true(len <= room);
		assert_true(room - len < ESCAPE_GROWTH);
		assert_int_equal(out[room], '#');
		assert_memory_equal(out, whole, len);
		n = escape_text(part, sizeof(part), in, used, ESCAPE_JSON,
		    &used);
		assert_int_equal(n, len);
		assert_memory_equal(out, part, len);
		assert_true((room == full) == (used == sizeof(in) - 1));
	}
}

static void
test_floor(void **state)
{
	static const struct { const char *p; size_t n, want; } cases[] = {
		{ "", 0, 0 },
		{ "abc", 3, 3 },
		{ "a\xe2\x82\xac", 4, 4 },
		{ "a\xe2\x82\xac", 3, 1 },
		{ "a\xe2\x82\xac", 2, 1 },
		{ "\xf0\x9f\x98\x80", 3, 0 },
		{ "a\xff", 2, 2 },			/* no beginning */
		{ "\x80\x80\x80\x80", 4, 4 },
		{ "a\xe0\x80", 3, 3 },			/* never one */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(escape_floor(cases[i].p, cases[i].n),
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_room),
		cmocka_unit_test(test_floor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
