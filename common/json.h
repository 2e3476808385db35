/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - writes JSON (RFC 8259) piece by piece into a caller's buffer or into
 * one that grows.
 *
 * Whatever is called, in whatever size, the text stays well-formed as long as
 * every begin has its end, and never leaves the buffer.  When room ends, a
 * string is cut (its end is marked with U+2026), any other element is left
 * out with its key, cut becomes true, and all that follows but the closing
 * brackets is left out too: what is there is the true beginning.
 * Strings are escaped as common/escape.h says.  Names avoid those of jansson,
 * which the tools link.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 32 };		/* deeper containers are cut */

struct json {
	char *buf;			/* always NUL-terminated */
	size_t len;			/* without the NUL */
	size_t size;
	size_t max;			/* it may grow to this; 0: it may not */
	size_t mark;			/* where the key that waits began */
	bool cut;
	bool keyed;			/* a key waits for its value */
	unsigned int depth;
	uint64_t some;			/* bit d: depth d has an element */
	char closer[JSON_DEPTH_MAX];	/* what closes each open container */
};

/* Borrows buf until the last call; size at least 1. */
void	 json_init(struct json *j, char *buf, size_t size);
/* Allocates as it needs, up to max bytes; out of memory counts as cut. */
void	 json_init_grow(struct json *j, size_t max);
/* Returns the text, which the caller now frees; NULL if there was no memory
 * at all.  Only after json_init_grow(). */
char	*json_take(struct json *j);
/* For a growing one that is not taken; harmless otherwise. */
void	 json_free(struct json *j);

void	 json_begin_object(struct json *j);
void	 json_begin_array(struct json *j);
void	 json_end(struct json *j);	/* of the innermost begun */
void	 json_key(struct json *j, const char *key);
void	 json_str(struct json *j, const char *s);	/* NULL: null */
void	 json_bytes(struct json *j, const void *p, size_t n);
void	 json_int(struct json *j, int64_t value);
void	 json_uint(struct json *j, uint64_t value);
/* value / 10^digits, exactly: json_fixed(j, 1250, 3) is 1.250. */
void	 json_fixed(struct json *j, int64_t value, unsigned int digits);
void	 json_bool(struct json *j, bool value);
void	 json_nil(struct json *j);
/* n bytes that are JSON already: the text of another writer. */
void	 json_raw(struct json *j, const char *text, size_t n);
/* Ends a whole value, for JSON lines; its room is kept, also when cut. */
void	 json_newline(struct json *j);

#endif
