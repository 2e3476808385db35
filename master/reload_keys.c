/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload_keys - by the option rows: a row of that class is copied as text.
 */
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "common/conf_row.h"
#include "master/reload_keys.h"

static void
name_key(const char *key, char *text, size_t size)
{
	if (text[0] != '\0')
		strlcat(text, ", ", size);
	strlcat(text, key, size);
}

/* One value, by way of how it would be written. */
static int
copy_string(char **to, const char *from)
{
	char *copy = strdup(from);

	if (copy == NULL)
		return -1;
	free(*to);
	*to = copy;
	return 0;
}

static bool
is_path(const char *target)
{
	return target[0] == '/';
}

static int
keep_target(const struct conf *old, struct conf *new, char *text, size_t size)
{
	if (strcmp(old->log.target, new->log.target) == 0 ||
	    (is_path(old->log.target) && is_path(new->log.target)))
		return 0;
	name_key("log.target", text, size);
	return copy_string(&new->log.target, old->log.target);
}

int
reload_keys_keep(const struct conf *old, struct conf *new, char *text,
    size_t size)
{
	const struct conf_option *row = conf_global_options;

	text[0] = '\0';
	for (; row->key != NULL; row++) {
		const struct conf_option one[2] = { *row, { .key = NULL } };

		/* They all name something: users, paths. */
		if (row->when != CONF_RESTART || row->type != CONF_STRING ||
		    conf_rows_differ(one, old, new) == NULL)
			continue;
		name_key(row->key, text, size);
		if (copy_string((char **)((char *)new + row->off),
		    *(char *const *)((const char *)old + row->off)) == -1)
			return -1;
	}
	if (old->user_set != new->user_set)
		new->user_set = old->user_set;
	return keep_target(old, new, text, size);
}
