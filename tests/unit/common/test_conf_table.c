/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_conf_table - the rows themselves: each has what a row needs, and its
 * default is a value that it would accept.
 */
#include "tests/unit/common/conf_help.h"

#include "common/conf_row.h"
#include "common/conf_scope.h"
#include "common/conf_table.h"
#include "common/conf_value.h"

static const struct {
	const char *name;
	const struct conf_option *rows;
	size_t size;
	const char *const *later;
} tables[] = {
	{ "global", conf_global_options, sizeof(struct conf),
	    conf_later_global },
	{ "log", conf_log_options, sizeof(struct conf_log), NULL },
	{ "service", conf_service_options, sizeof(struct conf_service),
	    conf_later_service },
};

static void
check_row(const struct conf_option *row, size_t size)
{
	const struct conf_option alone[] = { *row, { .key = NULL } };
	char why[CONF_WHY_MAX];
	void *base = calloc(1, size);

	if (conf_row_put_default(row, base, why) == -1)
		fail_msg("%s: %s", row->key, why);
	conf_rows_free(alone, base);
	free(base);
	assert_non_null(row->dflt);
	assert_true(row->off < size);
	assert_true(row->max == 0 || row->min <= row->max);
	assert_true(row->when <= CONF_RESTART);
	assert_true((row->type == CONF_ENUM) == (row->names != NULL));
	assert_non_null(row->doc);
	assert_true(strlen(row->doc) > 10 && strlen(row->doc) < 72);
	assert_null(strpbrk(row->doc, "\n\t\""));
	assert_int_equal(strspn(row->key, "abcdefghijklmnopqrstuvwxyz0123456789"
	    "_"), strlen(row->key));
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t t = 0; t < NITEMS(tables); t++) {
		size_t n = 0;

		for (const struct conf_option *row = tables[t].rows;
		    row->key != NULL; row++) {
			check_row(row, tables[t].size);
			/* The first of its key, so there is one only. */
			assert_ptr_equal(conf_rows_find(tables[t].rows,
			    row->key), row);
			n++;
		}
		assert_true(n > 0 && n <= CONF_SCOPE_ROWS);
	}
}

/* No two rows write to one field. */
static void
test_offsets(void **state)
{
	(void)state;
	for (size_t t = 0; t < NITEMS(tables); t++)
		for (const struct conf_option *a = tables[t].rows;
		    a->key != NULL; a++)
			for (const struct conf_option *b = a + 1;
			    b->key != NULL; b++)
				assert_int_not_equal(a->off, b->off);
}

/* A key that has a row is of this version. */
static void
test_later(void **state)
{
	(void)state;
	for (size_t t = 0; t < NITEMS(tables); t++)
		for (size_t i = 0; tables[t].later != NULL &&
		    tables[t].later[i] != NULL; i++)
			assert_null(conf_rows_find(tables[t].rows,
			    tables[t].later[i]));
	for (size_t i = 0; conf_engines[i] != NULL; i++)
		for (size_t j = 0; conf_later_engines[j] != NULL; j++)
			assert_string_not_equal(conf_engines[i],
			    conf_later_engines[j]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
