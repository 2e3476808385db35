/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - JSON objects as an aligned table for people.
 *
 * A column that no row has is left out, so what a server does not report yet
 * leaves no gap.
 */
#ifndef MASTER_CLI_TABLE_H
#define MASTER_CLI_TABLE_H

#include <jansson.h>
#include <stdio.h>

enum table_form {
	TABLE_TEXT,			/* to the left, escaped; null is - */
	TABLE_COUNT,			/* a number */
	TABLE_SUM,			/* of the numbers in an object */
	TABLE_BYTES,			/* 1.2M */
	TABLE_REAL			/* two decimals */
};

struct table_column {
	const char *key;		/* "a.b" is member b of member a */
	const char *title;
	enum table_form form;
};

/* Prints rows (an array of objects; borrowed); columns end with .key NULL.
 * Nothing at all when there is no row or no column. */
void	table_print(FILE *out, const json_t *rows,
	    const struct table_column *columns);

enum { TABLE_CELL_MAX = 128 };

/* Text as it is safe on a terminal, cut to fit; returns cell. */
const char *table_text(const char *text, char cell[static TABLE_CELL_MAX]);

/* The member at a dotted key, borrowed, or NULL. */
const json_t *table_member(const json_t *object, const char *key);

/* "name 3, other 1" of the members that are not 0; "" for none. */
void	table_print_counts(FILE *out, const char *head, const json_t *object);

#endif
