/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_row_print - from the field that an option row describes back to text.
 *
 * Addresses are printed here without any loss, unlike those for a log.
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "common/conf_row.h"
#include "common/conf_value.h"

static void
print_number(const struct conf_option *row, uint64_t v, struct conf_buf *b)
{
	char text[CONF_VALUE_MAX];

	if (row->type == CONF_UINT)
		conf_buf_fmt(b, "%" PRIu64, v);
	else if (row->type == CONF_SIZE)
		conf_buf_text(b, conf_value_print_size(v, text));
	else
		conf_buf_text(b, conf_value_print_msec(v, text));
}

static void
print_addr(const struct addr *a, struct conf_buf *b)
{
	struct conf_buf text = { 0 };
	char inet[ADDR_TEXT_MAX];

	if (a->u.sa.sa_family == AF_UNIX) {
		conf_buf_fmt(&text, "unix:%s", a->u.sun.sun_path);
		if (a->mode != -1)
			conf_buf_fmt(&text, " mode=%04o", (unsigned)a->mode);
		if (a->owner[0] != '\0')
			conf_buf_fmt(&text, " owner=%s", a->owner);
		if (a->group[0] != '\0')
			conf_buf_fmt(&text, " group=%s", a->group);
	} else
		conf_buf_text(&text, addr_print(&a->u.sa, a->len, inet));
	b->failed |= text.failed;
	if (!b->failed)
		conf_buf_quoted(b, text.v);
	conf_buf_free(&text);
}

static size_t
list_size(const struct conf_option *row, const void *field)
{
	if (row->type == CONF_STRINGS)
		return ((const struct conf_strings *)field)->n;
	if (row->type == CONF_ADDRS)
		return ((const struct conf_addrs *)field)->n;
	return ((const struct conf_cidrs *)field)->n;
}

static void
print_item(const struct conf_option *row, const void *field, size_t i,
    struct conf_buf *b)
{
	char text[ADDR_TEXT_MAX];

	if (row->type == CONF_STRINGS)
		conf_buf_quoted(b, ((const struct conf_strings *)field)->v[i]);
	else if (row->type == CONF_ADDRS)
		print_addr(&((const struct conf_addrs *)field)->v[i], b);
	else
		conf_buf_quoted(b, cidr_print(
		    &((const struct conf_cidrs *)field)->v[i], text));
}

static void
print_list(const struct conf_option *row, const void *field, struct conf_buf *b)
{
	size_t n = list_size(row, field);

	conf_buf_byte(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			conf_buf_text(b, ", ");
		print_item(row, field, i, b);
	}
	conf_buf_byte(b, '}');
}

void
conf_row_print(const struct conf_option *row, const void *base,
    struct conf_buf *b)
{
	const void *field = (const char *)base + row->off;

	switch (row->type) {
	case CONF_BOOL:
		conf_buf_text(b, *(const bool *)field ? "true" : "false");
		break;
	case CONF_UINT:
	case CONF_SIZE:
		print_number(row, *(const uint64_t *)field, b);
		break;
	case CONF_MSEC:
		print_number(row, (uint64_t)*(const int64_t *)field, b);
		break;
	case CONF_STRING:
		conf_buf_quoted(b, *(char *const *)field);
		break;
	case CONF_ENUM:
		conf_buf_quoted(b, row->names[*(const int *)field]);
		break;
	case CONF_STRINGS:
	case CONF_ADDRS:
	case CONF_CIDRS:
		print_list(row, field, b);
		break;
	}
}

void
conf_row_print_range(const struct conf_option *row, struct conf_buf *b)
{
	bool number = row->type == CONF_UINT || row->type == CONF_SIZE ||
	    row->type == CONF_MSEC;

	if (row->type == CONF_ENUM) {
		for (size_t i = 0; row->names[i] != NULL; i++)
			conf_buf_fmt(b, "%s%s", i == 0 ? "one of " : ", ",
			    row->names[i]);
	} else if (number && row->max != 0) {
		print_number(row, row->min, b);
		conf_buf_text(b, " to ");
		print_number(row, row->max, b);
	} else if (number && row->min != 0) {
		print_number(row, row->min, b);
		conf_buf_text(b, " or more");
	}
}
