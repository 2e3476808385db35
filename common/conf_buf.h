/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_buf - a growing text, for the configuration's reader and printer.
 *
 * Failure is sticky: writers need not be checked one by one, only the end.
 * The text is always NUL-terminated once something was written.
 */
#ifndef COMMON_CONF_BUF_H
#define COMMON_CONF_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct conf_buf {			/* zero-initialised by the caller */
	char *v;
	size_t len, cap;
	bool failed;			/* out of memory; v is incomplete */
};

void	 conf_buf_bytes(struct conf_buf *b, const void *p, size_t n);
void	 conf_buf_text(struct conf_buf *b, const char *s);
void	 conf_buf_byte(struct conf_buf *b, char c);
void	 conf_buf_fmt(struct conf_buf *b, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 conf_buf_vfmt(struct conf_buf *b, const char *fmt, va_list ap)
	    __attribute__((format(printf, 2, 0)));
/* In double quotes, with the escapes that the reader and libconfuse share. */
void	 conf_buf_quoted(struct conf_buf *b, const char *s);
/* The caller's from here on (never NULL unless failed); b is empty again. */
char	*conf_buf_take(struct conf_buf *b, size_t *len);
void	 conf_buf_free(struct conf_buf *b);

#endif
