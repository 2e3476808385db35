/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/json: a golden document, every size of buffer, growing.
 * What is written is read back by another implementation, jansson.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "common/json.h"

/* jansson's integers end at 2^63 - 1. */
enum { READ_FLAGS = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL };

static const char golden[] =
    "{\"version\":\"1.0\",\"pid\":-5,\"max\":18446744073709551615,"
    "\"min\":-9223372036854775808,\"on\":true,\"off\":false,\"none\":null,"
    "\"cpu\":1.250,\"neg\":-0.05,\"a\\\"key\":\"\\u0000\xc3\xa9\","
    "\"workers\":[{\"slot\":1},{},[],[1,2,[3]]],\"raw\":{\"x\":1}}";

static void
write_golden(struct json *j)
{
	json_begin_object(j);
	json_key(j, "version");
	json_str(j, "1.0");
	json_key(j, "pid");
	json_int(j, -5);
	json_key(j, "max");
	json_uint(j, UINT64_MAX);
	json_key(j, "min");
	json_int(j, INT64_MIN);
	json_key(j, "on");
	json_bool(j, true);
	json_key(j, "off");
	json_bool(j, false);
	json_key(j, "none");
	json_str(j, NULL);
	json_key(j, "cpu");
	json_fixed(j, 1250, 3);
	json_key(j, "neg");
	json_fixed(j, -5, 2);
	json_key(j, "a\"key");
	json_bytes(j, "\0\xc3\xa9", 3);
	json_key(j, "workers");
	json_begin_array(j);
	json_begin_object(j);
	json_key(j, "slot");
	json_uint(j, 1);
	json_end(j);
	json_begin_object(j);
	json_end(j);
	json_begin_array(j);
	json_end(j);
	json_begin_array(j);
	json_int(j, 1);
	json_int(j, 2);
	json_begin_array(j);
	json_int(j, 3);
	json_end(j);
	json_end(j);
	json_end(j);
	json_key(j, "raw");
	json_raw(j, "{\"x\":1}", 7);
	json_end(j);
}

static void
test_golden(void **state)
{
	char buf[1024];
	struct json j;

	(void)state;
	json_init(&j, buf, sizeof(buf));
	write_golden(&j);
	assert_string_equal(buf, golden);
	assert_int_equal(j.len, strlen(golden));
	assert_false(j.cut);
	json_newline(&j);
	assert_int_equal(buf[j.len - 1], '\n');
}

/* In every buffer: well-formed or empty, never a byte beyond, cut is said, and
 * each member that is there is one of the whole's. */
static void
test_every_size(void **state)
{
	char *buf;
	struct json j;
	json_t *got;
	size_t size;

	(void)state;
	for (size = 1; size < sizeof(golden) + 4; size++) {
		buf = malloc(size);		/* so that ASan sees its end */
		assert_non_null(buf);
		json_init(&j, buf, size);
		write_golden(&j);
		assert_int_equal(j.depth, 0);
		assert_true(j.len < size);
		assert_int_equal(strlen(buf), j.len);
		assert_true(j.cut == (size < sizeof(golden) + 1));
		if (j.len > 0) {
			json_newline(&j);
			assert_int_equal(buf[j.len - 1], '\n');
			got = json_loads(buf, READ_FLAGS, NULL);
			assert_non_null(got);
			json_decref(got);
		}
		free(buf);
	}
}

static void
test_grows(void **state)
{
	struct json j;
	char *text;
	json_t *got;
	int i;

	(void)state;
	json_init_grow(&j, 1 << 20);
	json_begin_array(&j);
	for (i = 0; i < 50; i++)
		write_golden(&j);
	json_end(&j);
	assert_false(j.cut);
	text = json_take(&j);
	got = json_loads(text, READ_FLAGS, NULL);
	assert_int_equal(json_array_size(got), 50);
	json_decref(got);
	free(text);
	json_free(&j);
}

static void
test_grows_to_max_only(void **state)
{
	static char big[5000];
	struct json j;
	json_t *got;
	size_t max;

	(void)state;
	memset(big, '\1', sizeof(big));		/* each six bytes long */
	for (max = 1; max < 6 * sizeof(big) + 100; max += 997) {
		json_init_grow(&j, max);
		json_begin_array(&j);
		json_bytes(&j, big, sizeof(big));
		json_end(&j);
		assert_true(j.size <= max);
		assert_true(j.cut == (max < 6 * sizeof(big) + 6));
		if (j.len > 0) {
			got = json_loads(j.buf, 0, NULL);
			assert_non_null(got);
			json_decref(got);
		}
		json_free(&j);
	}
}

static void
test_long_string_is_marked(void **state)
{
	char buf[32];
	struct json j;

	(void)state;
	json_init(&j, buf, sizeof(buf));
	json_begin_object(&j);
	json_key(&j, "k");
	json_str(&j, "0123456789012345678901234567890123456789");
	json_key(&j, "later");
	json_int(&j, 1);
	json_end(&j);
	assert_true(j.cut);
	assert_string_equal(buf,
	    "{\"k\":\"0123456789012345678\xe2\x80\xa6\"}");
}

static void
test_deep_is_cut(void **state)
{
	char buf[4096];
	struct json j;
	json_t *got;
	int i;

	(void)state;
	json_init(&j, buf, sizeof(buf));
	for (i = 0; i < 2 * JSON_DEPTH_MAX; i++)
		json_begin_array(&j);
	for (i = 0; i < 2 * JSON_DEPTH_MAX; i++)
		json_end(&j);
	assert_true(j.cut);
	got = json_loads(buf, 0, NULL);
	assert_non_null(got);
	json_decref(got);
}

static void
test_key_without_value(void **state)
{
	char buf[64];
	struct json j;

	(void)state;
	json_init(&j, buf, sizeof(buf));
	json_begin_object(&j);
	json_key(&j, "a");
	json_int(&j, 1);
	json_key(&j, "b");
	json_end(&j);
	json_end(&j);			/* one end too many is harmless */
	assert_string_equal(buf, "{\"a\":1}");
	assert_true(j.cut);
}

/* Every byte value goes through and comes back: as itself if it is ASCII, as
 * the character of the same number if it is part of no UTF-8. */
static void
test_every_byte_reads_back(void **state)
{
	char buf[64], want[3], in;
	struct json j;
	json_t *got;
	size_t n;
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		in = (char)c;
		json_init(&j, buf, sizeof(buf));
		json_begin_array(&j);
		json_bytes(&j, &in, 1);
		json_end(&j);
		got = json_loads(buf, JSON_ALLOW_NUL, NULL);
		assert_non_null(got);
		n = 0;
		if (c >= 0x80)
			want[n++] = (char)(0xc0 | c >> 6);
		want[n++] = c >= 0x80 ? (char)(0x80 | (c & 0x3f)) : in;
		assert_int_equal(json_string_length(json_array_get(got, 0)), n);
		assert_memory_equal(json_string_value(json_array_get(got, 0)),
		    want, n);
		json_decref(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_grows_to_max_only),
		cmocka_unit_test(test_long_string_is_marked),
		cmocka_unit_test(test_deep_is_cut),
		cmocka_unit_test(test_key_without_value),
		cmocka_unit_test(test_every_byte_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
