/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape - runs of plain ASCII are copied, everything else is looked at one
 * sequence at a time.  On the path of every log record.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/escape.h"

/* The well-formed sequences, RFC 3629 section 4: what the second byte may be
 * depends on the first; all others are 80..BF. */
static const struct utf8_row {
	uint8_t first_min, first_max, second_min, second_max, len;
} utf8_rows[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },		/* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },		/* up to U+10FFFF */
};

static const struct utf8_row *
utf8_row(uint8_t first)
{
	size_t i;

	for (i = 0; i < sizeof(utf8_rows) / sizeof(utf8_rows[0]); i++)
		if (first >= utf8_rows[i].first_min &&
		    first <= utf8_rows[i].first_max)
			return &utf8_rows[i];
	return NULL;
}

/* How many of the n bytes at p (n > 0) form a sequence, or the beginning of
 * one; *whole is its full length, 0 if p begins none. */
static size_t
utf8_match(const char *p, size_t n, size_t *whole)
{
	const struct utf8_row *row;
	size_t i;
	uint8_t c;

	row = utf8_row((uint8_t)p[0]);
	*whole = row == NULL ? 0 : row->len;
	for (i = 1; i < *whole && i < n; i++) {
		c = (uint8_t)p[i];
		if (i == 1 && (c < row->second_min || c > row->second_max))
			break;
		if ((c & 0xc0) != 0x80)
			break;
	}
	return i;
}

static bool
is_plain(char ch)
{
	uint8_t c = (uint8_t)ch;

	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t
put_hex(char unit[static ESCAPE_GROWTH], uint8_t c)
{
	static const char hex[] = "0123456789abcdef";

	memcpy(unit, "\\u00", 4);
	unit[4] = hex[c >> 4];
	unit[5] = hex[c & 15];
	return 6;
}

static size_t
escape_ascii(char unit[static ESCAPE_GROWTH], char c, enum escape_for how)
{
	static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
	const char *at;

	if ((c == '"' || c == '\\') && how == ESCAPE_PLAIN) {
		unit[0] = c;
		return 1;
	}
	at = c == '\0' ? NULL : strchr(from, c);
	if (at == NULL)
		return put_hex(unit, (uint8_t)c);
	unit[0] = '\\';
	unit[1] = to[at - from];
	return 2;
}

/* One byte or sequence that is not plain; *take is how much of src it was. */
static size_t
escape_one(char unit[static ESCAPE_GROWTH], const char *src, size_t n,
    enum escape_for how, size_t *take)
{
	size_t got, whole;
	uint8_t c = (uint8_t)src[0];

	*take = 1;
	if (c < 0x80)
		return escape_ascii(unit, src[0], how);
	got = utf8_match(src, n, &whole);
	if (whole == 0 || got < whole)
		return put_hex(unit, c);
	*take = whole;
	if (c == 0xc2 && (uint8_t)src[1] < 0xa0)	/* C1 */
		return put_hex(unit, (uint8_t)src[1]);
	memcpy(unit, src, whole);
	return whole;
}

size_t
escape_text(char *dst, size_t room, const char *src, size_t n,
    enum escape_for how, size_t *used)
{
	char unit[ESCAPE_GROWTH];
	size_t in = 0, out = 0, from, len, take;

	for (;;) {
		from = in;
		while (in < n && out + (in - from) < room && is_plain(src[in]))
			in++;
		if (in > from)
			memcpy(dst + out, src + from, in - from);
		out += in - from;
		if (in == n || out == room)
			break;
		len = escape_one(unit, src + in, n - in, how, &take);
		if (len > room - out)
			break;
		memcpy(dst + out, unit, len);
		out += len;
		in += take;
	}
	*used = in;
	return out;
}

size_t
escape_floor(const char *p, size_t n)
{
	size_t back, whole;

	for (back = 1; back <= 3 && back <= n; back++) {
		if (((uint8_t)p[n - back] & 0xc0) == 0x80)
			continue;
		if (utf8_match(p + n - back, back, &whole) == back &&
		    whole > back)
			return n - back;
		break;
	}
	return n;
}
