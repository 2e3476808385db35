/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_row - what can be done with the value that one option row describes.
 *
 * base is the struct that the row's table belongs to.  Whatever walks rows
 * (fill, print, compare, free) is made of these, so a new type is added here
 * and nowhere else.
 */
#ifndef COMMON_CONF_ROW_H
#define COMMON_CONF_ROW_H

#include "common/conf_buf.h"
#include "common/conf_error.h"

/* A list: takes { }, and conf_row_put() adds to it instead of replacing. */
bool	 conf_row_is_list(const struct conf_option *row);

/* 0; -1 with why.  The old value is freed when it is replaced. */
int	 conf_row_put(const struct conf_option *row, void *base,
	    const char *text, char why[static CONF_WHY_MAX]);
/* Puts row->dflt, which is text as in a file; for an untouched base only. */
int	 conf_row_put_default(const struct conf_option *row, void *base,
	    char why[static CONF_WHY_MAX]);
/* The value as it would be written in a file. */
void	 conf_row_print(const struct conf_option *row, const void *base,
	    struct conf_buf *b);
/* "0 to 1024", "one of json, logfmt"; nothing when any value will do. */
void	 conf_row_print_range(const struct conf_option *row,
	    struct conf_buf *b);

/* These walk a whole table, up to its row without a key. */
const struct conf_option *conf_rows_find(const struct conf_option *rows,
	    const char *key);
/* The first row whose values differ; NULL: equal. */
const struct conf_option *conf_rows_differ(const struct conf_option *rows,
	    const void *a, const void *b);
void	 conf_rows_free(const struct conf_option *rows, void *base);

#endif
