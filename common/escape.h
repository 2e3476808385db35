/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape - any bytes as text that is safe in a JSON string and on a terminal.
 *
 * Valid UTF-8 (RFC 3629) stays as it is.  A byte that belongs to no valid
 * sequence becomes \u00XX with its own value, so nothing is lost: in a line of
 * ours an escape from \u0080 to \u00ff is always such a byte, or one of the
 * C1 controls, which terminals obey and which are escaped for that reason, as
 * are the C0 controls and DEL (RFC 8259 section 7 asks for C0 only).
 */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stddef.h>

enum escape_for {
	ESCAPE_JSON,			/* inside quotes: " and \ are escaped */
	ESCAPE_PLAIN			/* for people: " and \ stay */
};

enum { ESCAPE_GROWTH = 6 };		/* no byte becomes longer than this */

/*
 * Writes the n bytes at src to dst, at most room bytes, no NUL; returns how
 * many were written.  *used is how much of src they stand for: less than n
 * when room ended.  Never splits an escape or a UTF-8 sequence.
 */
size_t	 escape_text(char *dst, size_t room, const char *src, size_t n,
	    enum escape_for how, size_t *used);

/* How long p is without the begun UTF-8 sequence at its end, if there is one:
 * for text that was cut at a number of bytes. */
size_t	 escape_floor(const char *p, size_t n);

#endif
