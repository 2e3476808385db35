/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - JSON objects as an aligned table for people.
 *
 * Each cell is made twice, once to measure and once to print: no memory, and
 * no limit on rows.
 */
#include <stdint.h>
#include <string.h>

#include "common/escape.h"
#include "master/cli/table.h"

enum { CELL_MAX = TABLE_CELL_MAX, COLUMNS_MAX = 16 };

const char *
table_text(const char *text, char cell[static TABLE_CELL_MAX])
{
	size_t used;

	cell[escape_text(cell, TABLE_CELL_MAX - 1, text, strlen(text),
	    ESCAPE_PLAIN, &used)] = '\0';
	return cell;
}

const json_t *
table_member(const json_t *object, const char *key)
{
	const char *dot;
	char name[64];

	while ((dot = strchr(key, '.')) != NULL) {
		if ((size_t)(dot - key) >= sizeof(name))
			return NULL;
		memcpy(name, key, (size_t)(dot - key));
		name[dot - key] = '\0';
		object = json_object_get(object, name);
		key = dot + 1;
	}
	return json_object_get(object, key);
}

static long long
sum_members(const json_t *object)
{
	const char *key;
	json_t *value;
	long long sum = 0;

	/* jansson's iterators take no const, and change nothing. */
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
		sum += json_integer_value(value);
	return sum;
}

static void
cell_bytes(char cell[static CELL_MAX], double bytes)
{
	static const char units[] = "BKMGT";
	size_t i = 0;

	while (bytes >= 1024 && units[i + 1] != '\0') {
		bytes /= 1024;
		i++;
	}
	snprintf(cell, CELL_MAX, i == 0 || bytes >= 100 ? "%.0f%c" : "%.1f%c",
	    bytes, units[i]);
}

static void
cell_text(char cell[static CELL_MAX], const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		text = json_is_true(value) ? "yes" :
		    json_is_false(value) ? "no" : "-";
	(void)table_text(text, cell);
}

static void
cell_make(char cell[static CELL_MAX], const struct table_column *column,
    const json_t *row)
{
	const json_t *value = table_member(row, column->key);

	if (column->form == TABLE_SUM && json_is_object(value))
		snprintf(cell, CELL_MAX, "%lld", sum_members(value));
	else if (!json_is_number(value))
		cell_text(cell, value);
	else if (column->form == TABLE_BYTES)
		cell_bytes(cell, json_number_value(value));
	else if (column->form == TABLE_REAL)
		snprintf(cell, CELL_MAX, "%.2f", json_number_value(value));
	else
		snprintf(cell, CELL_MAX, "%lld",
		    (long long)json_number_value(value));
}

/* The widest cell, the title included; 0 if no row has the column. */
static size_t
column_width(const struct table_column *column, const json_t *rows)
{
	char cell[CELL_MAX];
	size_t i, n, width = 0;
	json_t *row;

	json_array_foreach(rows, i, row) {
		if (table_member(row, column->key) == NULL)
			continue;
		cell_make(cell, column, row);
		n = strlen(cell);
		width = n > width ? n : width;
	}
	n = strlen(column->title);
	return width > 0 && width < n ? n : width;
}

/* One line; row NULL: the titles.  No blanks at its end. */
static void
print_row(FILE *out, const struct table_column *columns,
    const size_t widths[static COLUMNS_MAX], const json_t *row)
{
	char cell[CELL_MAX];
	size_t i, n, blanks = 0;

	for (i = 0; i < COLUMNS_MAX && columns[i].key != NULL; i++) {
		if (widths[i] == 0)
			continue;
		if (row == NULL)
			snprintf(cell, sizeof(cell), "%s", columns[i].title);
		else
			cell_make(cell, &columns[i], row);
		n = strlen(cell);
		n = n < widths[i] ? widths[i] - n : 0;
		if (columns[i].form != TABLE_TEXT)
			blanks += n;
		fprintf(out, "%*s%s", (int)blanks, "", cell);
		blanks = 2 + (columns[i].form == TABLE_TEXT ? n : 0);
	}
	fputc('\n', out);
}

void
table_print(FILE *out, const json_t *rows, const struct table_column *columns)
{
	size_t widths[COLUMNS_MAX] = { 0 }, i, sum = 0;
	json_t *row;

	for (i = 0; i < COLUMNS_MAX && columns[i].key != NULL; i++) {
		widths[i] = column_width(&columns[i], rows);
		sum += widths[i];
	}
	if (sum == 0)
		return;
	print_row(out, columns, widths, NULL);
	json_array_foreach(rows, i, row) {
		print_row(out, columns, widths, row);
	}
}

void
table_print_counts(FILE *out, const char *head, const json_t *object)
{
	const char *key, *before = head;
	char name[CELL_MAX];
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (json_integer_value(value) == 0)
			continue;
		fprintf(out, "%s%s %lld", before, table_text(key, name),
		    (long long)json_integer_value(value));
		before = ", ";
	}
	if (before != head)
		fputc('\n', out);
}
