/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_buf - a growing text.  One byte is always kept for the final NUL.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_buf.h"

enum { BUF_FIRST = 256 };

static bool
buf_reserve(struct conf_buf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : BUF_FIRST;
	char *v;

	if (b->failed)
		return false;
	if (n < b->cap - b->len)
		return true;
	while (cap - b->len <= n && cap <= SIZE_MAX / 2)
		cap *= 2;
	v = cap - b->len > n ? realloc(b->v, cap) : NULL;
	if (v == NULL) {
		b->failed = true;
		return false;
	}
	b->v = v;
	b->cap = cap;
	return true;
}

void
conf_buf_bytes(struct conf_buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->v + b->len, p, n);
	b->len += n;
	b->v[b->len] = '\0';
}

void
conf_buf_text(struct conf_buf *b, const char *s)
{
	conf_buf_bytes(b, s, strlen(s));
}

void
conf_buf_byte(struct conf_buf *b, char c)
{
	conf_buf_bytes(b, &c, 1);
}

void
conf_buf_vfmt(struct conf_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->failed = true;
	else if (buf_reserve(b, (size_t)n)) {
		(void)vsnprintf(b->v + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
conf_buf_fmt(struct conf_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void
conf_buf_quoted(struct conf_buf *b, const char *s)
{
	conf_buf_byte(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			conf_buf_text(b, "\\n");
		else if (c == '\t')
			conf_buf_text(b, "\\t");
		else if (c == '\r')
			conf_buf_text(b, "\\r");
		else if (c < 0x20 || c == 0x7f)
			conf_buf_fmt(b, "\\x%02x", c);
		else {
			/* libconfuse expands ${X} in quotes once more. */
			if (c == '"' || c == '\\' || c == '$')
				conf_buf_byte(b, '\\');
			conf_buf_byte(b, *s);
		}
	}
	conf_buf_byte(b, '"');
}

char *
conf_buf_take(struct conf_buf *b, size_t *len)
{
	char *v = NULL;

	conf_buf_bytes(b, "", 0);
	if (b->failed) {
		conf_buf_free(b);
		errno = ENOMEM;
		return NULL;
	}
	v = b->v;
	if (len != NULL)
		*len = b->len;
	*b = (struct conf_buf){ 0 };
	return v;
}

void
conf_buf_free(struct conf_buf *b)
{
	free(b->v);
	*b = (struct conf_buf){ 0 };
}
