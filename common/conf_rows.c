/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_rows - walks over a whole table: find, compare, free.
 */
#include <stdlib.h>
#include <string.h>

#include "common/conf_row.h"

const struct conf_option *
conf_rows_find(const struct conf_option *rows, const char *key)
{
	for (; rows->key != NULL; rows++)
		if (strcmp(rows->key, key) == 0)
			return rows;
	return NULL;
}

static bool
strings_equal(const struct conf_strings *a, const struct conf_strings *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = strcmp(a->v[i], b->v[i]) == 0;
	return equal;
}

static bool
addrs_equal(const struct conf_addrs *a, const struct conf_addrs *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = addr_equal(&a->v[i], &b->v[i]);
	return equal;
}

static bool
cidrs_equal(const struct conf_cidrs *a, const struct conf_cidrs *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = a->v[i].family == b->v[i].family &&
		    a->v[i].bits == b->v[i].bits &&
		    memcmp(a->v[i].ip, b->v[i].ip, sizeof(a->v[i].ip)) == 0;
	return equal;
}

static bool
row_equal(enum conf_type type, const void *a, const void *b)
{
	switch (type) {
	case CONF_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case CONF_UINT:
	case CONF_SIZE:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	case CONF_MSEC:
		return *(const int64_t *)a == *(const int64_t *)b;
	case CONF_STRING:
		return strcmp(*(char *const *)a, *(char *const *)b) == 0;
	case CONF_ENUM:
		return *(const int *)a == *(const int *)b;
	case CONF_STRINGS:
		return strings_equal(a, b);
	case CONF_ADDRS:
		return addrs_equal(a, b);
	case CONF_CIDRS:
		return cidrs_equal(a, b);
	}
	return false;
}

const struct conf_option *
conf_rows_differ(const struct conf_option *rows, const void *a, const void *b)
{
	for (; rows->key != NULL; rows++)
		if (!row_equal(rows->type, (const char *)a + rows->off,
		    (const char *)b + rows->off))
			return rows;
	return NULL;
}

static void
strings_free(struct conf_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct conf_strings){ 0 };
}

static void
row_free(enum conf_type type, void *field)
{
	if (type == CONF_STRING) {
		free(*(char **)field);
		*(char **)field = NULL;
	} else if (type == CONF_STRINGS)
		strings_free(field);
	else if (type == CONF_ADDRS) {
		free(((struct conf_addrs *)field)->v);
		*(struct conf_addrs *)field = (struct conf_addrs){ 0 };
	} else if (type == CONF_CIDRS) {
		free(((struct conf_cidrs *)field)->v);
		*(struct conf_cidrs *)field = (struct conf_cidrs){ 0 };
	}
}

void
conf_rows_free(const struct conf_option *rows, void *base)
{
	for (; rows->key != NULL; rows++)
		row_free(rows->type, (char *)base + rows->off);
}
