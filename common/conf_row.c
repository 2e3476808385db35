/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_row - from text into the field that an option row describes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_lex.h"
#include "common/conf_row.h"
#include "common/conf_value.h"

static void *
row_field(const struct conf_option *row, void *base)
{
	return (char *)base + row->off;
}

static int
row_fail(char why[static CONF_WHY_MAX], const char *text)
{
	(void)snprintf(why, CONF_WHY_MAX, "%s", text);
	return -1;
}

bool
conf_row_is_list(const struct conf_option *row)
{
	return row->type == CONF_STRINGS || row->type == CONF_ADDRS ||
	    row->type == CONF_CIDRS;
}

static int
row_in_range(const struct conf_option *row, uint64_t v,
    char why[static CONF_WHY_MAX])
{
	struct conf_buf b = { 0 };

	if (v >= row->min && (row->max == 0 || v <= row->max))
		return 0;
	conf_row_print_range(row, &b);
	(void)snprintf(why, CONF_WHY_MAX, "out of range; it may be %s",
	    b.v != NULL ? b.v : "less");
	conf_buf_free(&b);
	return -1;
}

static int
row_put_number(const struct conf_option *row, void *field, const char *text,
    char why[static CONF_WHY_MAX])
{
	uint64_t v;
	int rc;

	if (row->type == CONF_UINT)
		rc = conf_value_uint(text, &v, why);
	else if (row->type == CONF_SIZE)
		rc = conf_value_size(text, &v, why);
	else
		rc = conf_value_msec(text, &v, why);
	if (rc == -1 || row_in_range(row, v, why) == -1)
		return -1;
	if (row->type == CONF_MSEC)
		*(int64_t *)field = (int64_t)v;
	else
		*(uint64_t *)field = v;
	return 0;
}

static int
row_put_string(char **field, const char *text, char why[static CONF_WHY_MAX])
{
	char *copy = strdup(text);

	if (copy == NULL)
		return row_fail(why, "out of memory");
	free(*field);
	*field = copy;
	return 0;
}

/* Room for one more of size bytes behind n; NULL when there is no memory. */
static void *
row_grow(void *list, size_t n, size_t size)
{
	/* The sizes 1, 2, 4, ... are the moments to grow. */
	if ((n & (n - 1)) != 0)
		return list;
	return reallocarray(list, n == 0 ? 1 : 2 * n, size);
}

static int
row_put_strings(struct conf_strings *list, const char *text,
    char why[static CONF_WHY_MAX])
{
	char **v = row_grow(list->v, list->n, sizeof(*v));

	if (v == NULL)
		return row_fail(why, "out of memory");
	list->v = v;
	list->v[list->n] = NULL;
	if (row_put_string(&list->v[list->n], text, why) == -1)
		return -1;
	list->n++;
	return 0;
}

static int
row_put_addr(struct conf_addrs *list, const char *text,
    char why[static CONF_WHY_MAX])
{
	struct addr *v = row_grow(list->v, list->n, sizeof(*v));
	const char *wrong;

	if (v == NULL)
		return row_fail(why, "out of memory");
	list->v = v;
	if (addr_parse(text, &list->v[list->n], &wrong) == -1)
		return row_fail(why, wrong);
	list->n++;
	return 0;
}

static int
row_put_cidr(struct conf_cidrs *list, const char *text,
    char why[static CONF_WHY_MAX])
{
	struct cidr *v = row_grow(list->v, list->n, sizeof(*v));
	const char *wrong;

	if (v == NULL)
		return row_fail(why, "out of memory");
	list->v = v;
	if (cidr_parse(text, &list->v[list->n], &wrong) == -1)
		return row_fail(why, wrong);
	list->n++;
	return 0;
}

int
conf_row_put(const struct conf_option *row, void *base, const char *text,
    char why[static CONF_WHY_MAX])
{
	void *field = row_field(row, base);

	switch (row->type) {
	case CONF_BOOL:
		return conf_value_bool(text, field, why);
	case CONF_UINT:
	case CONF_SIZE:
	case CONF_MSEC:
		return row_put_number(row, field, text, why);
	case CONF_STRING:
		return row_put_string(field, text, why);
	case CONF_ENUM:
		return conf_value_enum(text, row->names, field, why);
	case CONF_STRINGS:
		return row_put_strings(field, text, why);
	case CONF_ADDRS:
		return row_put_addr(field, text, why);
	case CONF_CIDRS:
		return row_put_cidr(field, text, why);
	}
	return row_fail(why, "of a type that is not known");
}

/* A default in quotes or braces is read by the rules of a file. */
static int
row_put_written(const struct conf_option *row, void *base, const char *dflt,
    char why[static CONF_WHY_MAX])
{
	struct conf_toks t = { 0 };
	struct conf_errors e = { 0 };
	int rc = conf_lex("default", dflt, strlen(dflt), &t, &e);

	if (rc == -1)
		(void)row_fail(why, "a default that cannot be read");
	for (size_t i = 0; i < t.n && rc == 0; i++)
		if (conf_tok_has_text(&t.v[i]))
			rc = conf_row_put(row, base, conf_toks_text(&t, i),
			    why);
	conf_errors_free(&e);
	conf_toks_free(&t);
	return rc;
}

int
conf_row_put_default(const struct conf_option *row, void *base,
    char why[static CONF_WHY_MAX])
{
	const char *dflt = row->dflt != NULL ? row->dflt : "";

	if (conf_row_is_list(row) || dflt[0] == '"')
		return row_put_written(row, base, dflt, why);
	return conf_row_put(row, base, dflt, why);
}
