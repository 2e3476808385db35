/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_value - numbers, durations, sizes, words: what is taken, what is
 * refused and with which advice, and that what is printed is read back.
 */
#include "tests/unit/common/conf_help.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/conf_value.h"

typedef int number_f(const char *, uint64_t *, char *);

struct number {
	const char *text;
	uint64_t value;
	const char *why;		/* NULL: taken */
};

#define UINT	"not a whole number; write decimal digits, like 16"
#define SIZE	"not a size; write bytes or a unit, like 512, 16k, 1m or 1g"
#define MSEC	"not a duration; write a number and its unit, like 250ms, " \
		"30s, 5m or 1h"
#define LARGE	"too large for any number here"
#define MARK	UINT64_C(0xfeedfacecafebeef)

static void
check_numbers(number_f *parse, const struct number *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char why[CONF_WHY_MAX] = "";
		uint64_t v = MARK;
		int rc = parse(rows[i].text, &v, why);

		if (rc != (rows[i].why == NULL ? 0 : -1))
			fail_msg("\"%s\": %d %s", rows[i].text, rc, why);
		assert_string_equal(why, rows[i].why ? rows[i].why : "");
		/* Untouched on failure. */
		assert_true(v == (rows[i].why ? MARK : rows[i].value));
	}
}

static void
test_uint(void **state)
{
	static const struct number rows[] = {
		{ "0", 0, NULL }, { "1", 1, NULL }, { "00", 0, NULL },
		{ "010", 10, NULL },	/* decimal, not octal */
		{ "9223372036854775807", INT64_MAX, NULL },
		{ "9223372036854775808", 0, LARGE },
		{ "18446744073709551616", 0, LARGE },
		{ "99999999999999999999999999999", 0, LARGE },
		{ "", 0, UINT }, { " 1", 0, UINT }, { "1 ", 0, UINT },
		{ "-1", 0, UINT }, { "+1", 0, UINT }, { "0x10", 0, UINT },
		{ "1.5", 0, UINT }, { "1e3", 0, UINT }, { "1k", 0, UINT },
		{ "four", 0, UINT }, { "1\n", 0, UINT },
		{ "99999999999999999999999999999x", 0, UINT },
		{ "\xd9\xa1", 0, UINT },	/* a digit, but not ours */
	};

	(void)state;
	check_numbers(conf_value_uint, rows, NITEMS(rows));
}

static void
test_size(void **state)
{
	static const struct number rows[] = {
		{ "0", 0, NULL }, { "512", 512, NULL }, { "16k", 16384, NULL },
		{ "1m", 1048576, NULL }, { "1g", 1073741824, NULL },
		{ "0k", 0, NULL }, { "8589934591g", UINT64_C(8589934591) << 30,
		    NULL },
		{ "8589934592g", 0, LARGE },
		{ "18014398509481984k", 0, LARGE },
		{ "", 0, SIZE }, { "k", 0, SIZE }, { "16K", 0, SIZE },
		{ "16kb", 0, SIZE }, { "16 k", 0, SIZE }, { "-16k", 0, SIZE },
		{ "1.5m", 0, SIZE }, { "1t", 0, SIZE }, { "1s", 0, SIZE },
	};

	(void)state;
	check_numbers(conf_value_size, rows, NITEMS(rows));
}

static void
test_msec(void **state)
{
	static const struct number rows[] = {
		{ "0", 0, NULL }, { "0s", 0, NULL }, { "250ms", 250, NULL },
		{ "30s", 30000, NULL }, { "5m", 300000, NULL },
		{ "1h", 3600000, NULL }, { "007s", 7000, NULL },
		{ "2562047788015h", UINT64_C(2562047788015) * 3600000, NULL },
		{ "2562047788016h", 0, LARGE },
		{ "99999999999999999999s", 0, LARGE },
		{ "", 0, MSEC }, { "30", 0, MSEC }, { "s", 0, MSEC },
		{ "30 s", 0, MSEC }, { "1d", 0, MSEC }, { "1.5s", 0, MSEC },
		{ "-1s", 0, MSEC }, { "1h30m", 0, MSEC }, { "5M", 0, MSEC },
		{ "soon", 0, MSEC }, { "30sec", 0, MSEC }, { "0x1s", 0, MSEC },
		{ "99999999999999999999", 0, MSEC },
	};

	(void)state;
	check_numbers(conf_value_msec, rows, NITEMS(rows));
}

static void
test_bool(void **state)
{
	static const char *const yes[] = { "true", "on", "yes" };
	static const char *const no[] = { "false", "off", "no" };
	static const char *const bad[] = {
		"", "1", "0", "True", "ja", "true ", "enabled",
	};
	char why[CONF_WHY_MAX];
	bool b;

	(void)state;
	for (size_t i = 0; i < NITEMS(yes); i++) {
		b = false;
		assert_int_equal(conf_value_bool(yes[i], &b, why), 0);
		assert_true(b);
		assert_int_equal(conf_value_bool(no[i], &b, why), 0);
		assert_false(b);
	}
	for (size_t i = 0; i < NITEMS(bad); i++) {
		assert_int_equal(conf_value_bool(bad[i], &b, why), -1);
		assert_string_equal(why, "neither true nor false; write one "
		    "of them (on, off, yes and no are fine too)");
	}
}

static void
test_enum(void **state)
{
	static const char *const names[] = { "json", "logfmt", "pretty", NULL };
	char why[CONF_WHY_MAX];
	int v = -7;

	(void)state;
	assert_int_equal(conf_value_enum("json", names, &v, why), 0);
	assert_int_equal(v, 0);
	assert_int_equal(conf_value_enum("pretty", names, &v, why), 0);
	assert_int_equal(v, 2);
	assert_int_equal(conf_value_enum("jsno", names, &v, why), -1);
	assert_string_equal(why, "not known; did you mean json? one of json, "
	    "logfmt, pretty");
	assert_int_equal(conf_value_enum("xml", names, &v, why), -1);
	assert_string_equal(why, "not known; one of json, logfmt, pretty");
	assert_int_equal(conf_value_enum("", names, &v, why), -1);
	assert_int_equal(conf_value_enum("JSON", names, &v, why), -1);
	assert_int_equal(v, 2);
}

static void
test_print(void **state)
{
	static const struct { uint64_t v; const char *msec, *size; } rows[] = {
		{ 0, "0s", "0" }, { 1, "1ms", "1" }, { 250, "250ms", "250" },
		{ 1000, "1s", "1000" }, { 1024, "1024ms", "1k" },
		{ 30000, "30s", "30000" }, { 60000, "1m", "60000" },
		{ 90000, "90s", "90000" }, { 3600000, "1h", "3600000" },
		{ 5400000, "90m", "5400000" }, { 3072, "3072ms", "3k" },
		{ 1048576, "1048576ms", "1m" },
		{ 1073741824, "1073741824ms", "1g" },
	};
	char buf[CONF_VALUE_MAX];

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		assert_string_equal(conf_value_print_msec(rows[i].v, buf),
		    rows[i].msec);
		assert_string_equal(conf_value_print_size(rows[i].v, buf),
		    rows[i].size);
	}
}

/* Every power of two, and its neighbours. */
static void
test_print_parse(void **state)
{
	char buf[CONF_VALUE_MAX], why[CONF_WHY_MAX];
	uint64_t v, back;

	(void)state;
	for (unsigned i = 0; i < 63 * 3; i++) {
		v = (UINT64_C(1) << (i / 3)) + i % 3 - 1;
		assert_int_equal(conf_value_size(conf_value_print_size(v, buf),
		    &back, why), 0);
		assert_true(v == back);
		assert_int_equal(conf_value_msec(conf_value_print_msec(v, buf),
		    &back, why), 0);
		assert_true(v == back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_msec),
		cmocka_unit_test(test_bool),
		cmocka_unit_test(test_enum),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
