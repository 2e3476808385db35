/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_filter - see the header.  A record without the key that is asked for
 * does not match.
 */
#include <fnmatch.h>
#include <string.h>

#include "master/cli/logs_filter.h"

int
logs_level_parse(const char *text, enum log_level *level)
{
	int i;

	for (i = 0; i < LOG_NLEVELS; i++) {
		if (strcmp(text, log_level_name[i]) != 0)
			continue;
		*level = (enum log_level)i;
		return 0;
	}
	return -1;
}

bool
logs_filter_any(const struct logs_filter *f)
{
	return f->level != LOG_L_DEBUG || f->service != NULL ||
	    f->event != NULL || f->by_client;
}

static const char *
member(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static bool
match_level(const struct logs_filter *f, const json_t *record)
{
	const char *text = member(record, "level");
	enum log_level level;

	return f->level == LOG_L_DEBUG || (text != NULL &&
	    logs_level_parse(text, &level) == 0 && level >= f->level);
}

static bool
match_client(const struct logs_filter *f, const json_t *record)
{
	const char *text, *why;
	struct addr a;

	if (!f->by_client)
		return true;
	text = member(record, "client");
	return text != NULL && addr_parse(text, &a, &why) == 0 &&
	    cidr_match(&f->client, &a.u.sa);
}

bool
logs_filter_match(const struct logs_filter *f, const json_t *record)
{
	const char *text;

	if (!match_level(f, record) || !match_client(f, record))
		return false;
	text = member(record, "service");
	if (f->service != NULL &&
	    (text == NULL || strcmp(text, f->service) != 0))
		return false;
	text = member(record, "event");
	return f->event == NULL ||
	    (text != NULL && fnmatch(f->event, text, 0) == 0);
}
