/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - the writer.  Invariant, once size > 1: len + depth + 2 <= size, so
 * that the closing brackets, a newline and the NUL always fit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "common/json.h"

static const char json_mark[] = "\xe2\x80\xa6";

enum {
	JSON_MARK_LEN = 3,
	JSON_END = 2,			/* a newline and the NUL */
	JSON_FIRST = 512		/* bytes a growing one begins with */
};

void
json_init(struct json *j, char *buf, size_t size)
{
	memset(j, 0, sizeof(*j));
	j->buf = buf;
	j->size = size;
	buf[0] = '\0';
}

void
json_init_grow(struct json *j, size_t max)
{
	memset(j, 0, sizeof(*j));
	j->max = max;
}

char *
json_take(struct json *j)
{
	char *text = j->buf;

	j->buf = NULL;
	j->size = j->len = 0;
	return text;
}

void
json_free(struct json *j)
{
	if (j->max > 0)
		free(json_take(j));
}

static size_t
json_room(const struct json *j)
{
	size_t taken = j->len + j->depth + JSON_END;

	return j->size > taken ? j->size - taken : 0;
}

/* Makes room for n more bytes, if that may be. */
static bool
json_want(struct json *j, size_t n)
{
	size_t need, size;
	char *buf;

	if (json_room(j) >= n && j->size > 0)
		return true;
	need = j->len + j->depth + JSON_END;
	if (n > SIZE_MAX / 2 - need || need + n > j->max)
		return false;
	need += n;
	size = j->size < JSON_FIRST ? JSON_FIRST : j->size;
	while (size < need)
		size *= 2;
	if (size > j->max)
		size = j->max;
	buf = realloc(j->buf, size);
	if (buf == NULL)
		return false;
	j->buf = buf;
	j->size = size;
	return true;
}

/* The same for as much of n as there may be. */
static void
json_want_some(struct json *j, size_t n)
{
	size_t taken = j->len + j->depth + JSON_END;

	if (!json_want(j, n) && j->max > taken)
		(void)json_want(j, n < j->max - taken ? n : j->max - taken);
}

static void
json_put(struct json *j, const char *p, size_t n)
{
	memcpy(j->buf + j->len, p, n);
	j->len += n;
	j->buf[j->len] = '\0';
}

static void
json_cut(struct json *j)
{
	if (j->keyed) {
		j->len = j->mark;
		j->buf[j->len] = '\0';
	}
	j->keyed = false;
	j->cut = true;
}

/* Begins an element of at least need bytes: its comma, and the room. */
static bool
json_element(struct json *j, size_t need)
{
	bool comma;

	if (j->cut)
		return false;
	comma = !j->keyed && j->depth > 0 && (j->some >> j->depth & 1) != 0;
	if (!json_want(j, need + comma)) {
		json_cut(j);
		return false;
	}
	if (comma)
		json_put(j, ",", 1);
	j->some |= (uint64_t)1 << j->depth;
	j->keyed = false;
	return true;
}

void
json_raw(struct json *j, const char *text, size_t n)
{
	if (json_element(j, n))
		json_put(j, text, n);
}

static void
json_begin(struct json *j, char opener, char closer)
{
	if (!j->cut && j->depth + 1 == JSON_DEPTH_MAX)
		json_cut(j);
	if (!json_element(j, 2))
		return;
	json_put(j, &opener, 1);
	j->closer[++j->depth] = closer;
	j->some &= ~((uint64_t)1 << j->depth);
}

void
json_begin_object(struct json *j)
{
	json_begin(j, '{', '}');
}

void
json_begin_array(struct json *j)
{
	json_begin(j, '[', ']');
}

/*
 * After a cut the end of a container that was left out closes one outside it,
 * early; as nothing comes between any more, the text is the same.
 */
void
json_end(struct json *j)
{
	if (j->keyed)			/* a key without a value */
		json_cut(j);
	if (j->depth > 0)
		json_put(j, &j->closer[j->depth--], 1);
}

/* The text of p behind its opening quote, with keep bytes left free behind it;
 * false if room ended before p did. */
static bool
json_text(struct json *j, const char *p, size_t n, size_t keep)
{
	size_t in = 0, used;

	json_put(j, "\"", 1);
	while (in < n) {
		json_want_some(j, n - in + keep);
		if (json_room(j) <= keep)
			return false;
		j->len += escape_text(j->buf + j->len, json_room(j) - keep,
		    p + in, n - in, ESCAPE_JSON, &used);
		in += used;
		if (used == 0 && !json_want(j, ESCAPE_GROWTH + keep))
			return false;
	}
	return true;
}

void
json_key(struct json *j, const char *key)
{
	size_t mark = j->len;

	if (!json_element(j, 3))	/* two quotes and the colon */
		return;
	if (!json_text(j, key, strlen(key), 2)) {
		j->len = mark;
		j->buf[mark] = '\0';
		j->cut = true;
		return;
	}
	json_put(j, "\":", 2);
	j->mark = mark;
	j->keyed = true;
}

void
json_bytes(struct json *j, const void *p, size_t n)
{
	if (!json_element(j, 2 + JSON_MARK_LEN))
		return;
	if (!json_text(j, p, n, 1 + JSON_MARK_LEN)) {
		json_put(j, json_mark, JSON_MARK_LEN);
		j->cut = true;
	}
	json_put(j, "\"", 1);
}

void
json_nil(struct json *j)
{
	json_raw(j, "null", 4);
}

void
json_str(struct json *j, const char *s)
{
	if (s == NULL)
		json_nil(j);
	else
		json_bytes(j, s, strlen(s));
}

void
json_int(struct json *j, int64_t value)
{
	char text[24];

	json_raw(j, text,
	    (size_t)snprintf(text, sizeof(text), "%" PRId64, value));
}

void
json_uint(struct json *j, uint64_t value)
{
	char text[24];

	json_raw(j, text,
	    (size_t)snprintf(text, sizeof(text), "%" PRIu64, value));
}

void
json_fixed(struct json *j, int64_t value, unsigned int digits)
{
	uint64_t scale = 1, abs;
	char text[48];
	unsigned int i;

	if (digits == 0) {
		json_int(j, value);
		return;
	}
	if (digits > 18)
		digits = 18;
	for (i = 0; i < digits; i++)
		scale *= 10;
	abs = value < 0 ? -(uint64_t)value : (uint64_t)value;
	json_raw(j, text, (size_t)snprintf(text, sizeof(text),
	    "%s%" PRIu64 ".%0*" PRIu64, value < 0 ? "-" : "", abs / scale,
	    (int)digits, abs % scale));
}

void
json_bool(struct json *j, bool value)
{
	if (value)
		json_raw(j, "true", 4);
	else
		json_raw(j, "false", 5);
}

void
json_newline(struct json *j)
{
	if (j->depth == 0 && (json_want(j, 1) || j->size > j->len + 1))
		json_put(j, "\n", 1);
	else
		j->cut = true;
}
