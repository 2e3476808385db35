/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_error - collects what is wrong with a configuration.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_error.h"

enum { ERRORS_MAX = 65536, ERROR_MAX = 1024 };

static const char more[] = "more errors follow, not shown\n";

bool
conf_errors_full(const struct conf_errors *e)
{
	return e->len + ERROR_MAX + sizeof(more) > ERRORS_MAX;
}

static void
errors_append(struct conf_errors *e, const char *line, size_t n)
{
	char *text = realloc(e->text, e->len + n + 1);

	if (text == NULL)
		return;			/* the count still says so */
	memcpy(text + e->len, line, n);
	text[e->len + n] = '\0';
	e->text = text;
	e->len += n;
}

void
conf_errors_vadd(struct conf_errors *e, struct conf_pos pos, const char *fmt,
    va_list ap)
{
	char line[ERROR_MAX];
	size_t n;
	bool was_full = conf_errors_full(e);

	e->count++;
	if (was_full)
		return;
	if (pos.line != 0)
		(void)snprintf(line, sizeof(line) / 2, "%s:%u: ", pos.file,
		    pos.line);
	else
		(void)snprintf(line, sizeof(line) / 2, "%s: ", pos.file);
	n = strlen(line);
	(void)vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	n = strlen(line);
	line[n++] = '\n';
	errors_append(e, line, n);
	if (conf_errors_full(e))
		errors_append(e, more, sizeof(more) - 1);
}

void
conf_errors_add(struct conf_errors *e, struct conf_pos pos, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_errors_vadd(e, pos, fmt, ap);
	va_end(ap);
}

const char *
conf_show(const char *text, char buf[static CONF_SHOW_MAX])
{
	enum { LONGEST = 4, DOTS = 4 };	/* of one byte, \x1f; and "..." */
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0' && n < CONF_SHOW_MAX - LONGEST - DOTS; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			buf[n++] = *text;
			continue;
		}
		buf[n++] = '\\';
		buf[n++] = c == '\n' ? 'n' : 'x';
		if (c != '\n') {
			buf[n++] = hex[c >> 4];
			buf[n++] = hex[c & 15];
		}
	}
	memcpy(buf + n, *text != '\0' ? "..." : "", *text != '\0' ? 4 : 1);
	return buf;
}

void
conf_errors_free(struct conf_errors *e)
{
	free(e->text);
	*e = (struct conf_errors){ 0 };
}
