/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_format - see the header.  Invariant: len stays at or below LIMIT until
 * log_format_end(), which has the rest for itself; nothing here can overflow
 * whatever it is given.
 */
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "common/log_format.h"
#include "common/log_time.h"

static const char cut_mark[] = "\xe2\x80\xa6";
static const char json_cut_end[] = ",\"cut\":true}\n";

enum {
	MARK_LEN = sizeof(cut_mark) - 1,
	LIMIT = LOG_RECORD_MAX - (sizeof(json_cut_end) - 1)
};

static const char *const level_colour[LOG_NLEVELS] = {
	[LOG_L_DEBUG] = "\033[36m",
	[LOG_L_INFO] = "\033[32m",
	[LOG_L_WARN] = "\033[33m",
	[LOG_L_ERROR] = "\033[31m",
};
static const char dim[] = "\033[2m", bold[] = "\033[1m", normal[] = "\033[0m";

static size_t
room(const struct log_rec *r)
{
	return r->len < LIMIT ? LIMIT - r->len : 0;
}

static void
put(struct log_rec *r, const char *p, size_t n)
{
	if (n > room(r)) {
		r->cut = true;
		return;
	}
	memcpy(r->buf + r->len, p, n);
	r->len += n;
}

/* Inlined, so that the length of a literal is known to the compiler. */
static inline void
put_string(struct log_rec *r, const char *s)
{
	put(r, s, strlen(s));
}

/* Text in quotes, or as it is when quote is false; never more than room. */
static void
put_text(struct log_rec *r, const char *p, size_t n, bool cut, bool quote)
{
	size_t used, max, need = MARK_LEN + (quote ? 2 : 0);

	if (room(r) < need) {
		r->cut = true;
		return;
	}
	max = room(r) - need;
	if (max > LOG_FIELD_MAX)
		max = LOG_FIELD_MAX;
	if (cut)
		n = escape_floor(p, n);
	if (quote)
		put_string(r, "\"");
	r->len += escape_text(r->buf + r->len, max, p, n,
	    quote ? ESCAPE_JSON : ESCAPE_PLAIN, &used);
	if (cut || used < n) {
		put(r, cut_mark, MARK_LEN);
		r->cut = true;
	}
	if (quote)
		put_string(r, "\"");
}

/* Digits of value, right-aligned in text; returns where they begin. */
static char *
digits(char text[static LOG_NUMBER_MAX], uint64_t value, bool negative)
{
	char *p = text + LOG_NUMBER_MAX;

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	if (negative)
		*--p = '-';
	return p;
}

void
log_style_ident(struct log_style *style, int pid, const char *role, int slot)
{
	char where[24] = "";
	int n = 0;

	switch (style->format) {
	case LOG_F_LOGFMT:
		if (slot >= 0)
			snprintf(where, sizeof(where), " slot=%d", slot);
		n = snprintf(style->ident, sizeof(style->ident),
		    " pid=%d role=%.20s%s", pid, role, where);
		break;
	case LOG_F_PRETTY:
		if (slot >= 0)
			snprintf(where, sizeof(where), "slot %d", slot);
		n = snprintf(style->ident, sizeof(style->ident), "%.20s: ",
		    slot >= 0 ? where : role);
		break;
	case LOG_F_JSON:
	default:
		if (slot >= 0)
			snprintf(where, sizeof(where), ",\"slot\":%d", slot);
		n = snprintf(style->ident, sizeof(style->ident),
		    ",\"pid\":%d,\"role\":\"%.20s\"%s", pid, role, where);
	}
	style->ident_len = n > 0 ? (size_t)n : 0;
}

static void
head_pretty(const struct log_style *style, struct log_rec *r,
    const struct log_head *h)
{
	char text[LOG_TIME_CLOCK];
	const char *level = log_level_name[h->level];

	log_time_clock(text, h->real_us + (int64_t)style->east_s * 1000000);
	if (style->colour)
		put_string(r, dim);
	put(r, text, sizeof(text));
	put_string(r, style->colour ? normal : "");
	put_string(r, " ");
	if (style->colour)
		put_string(r, level_colour[h->level]);
	put_string(r, level);
	put(r, "      ", 6 - strlen(level));
	if (style->colour)
		put_string(r, bold);
	put_string(r, h->event);
	if (style->colour)
		put_string(r, normal);
	put_string(r, "  ");
	put(r, style->ident, style->ident_len);
	put_text(r, h->msg, h->msg_len, h->msg_cut, false);
}

static void
head_logfmt(const struct log_style *style, struct log_rec *r,
    const struct log_head *h)
{
	char text[LOG_TIME_RFC3339];

	log_time_rfc3339(text, h->real_us);
	put_string(r, "ts=");
	put(r, text, sizeof(text));
	put_string(r, " level=");
	put_string(r, log_level_name[h->level]);
	put_string(r, " event=");
	put_string(r, h->event);
	put_string(r, " msg=");
	put_text(r, h->msg, h->msg_len, h->msg_cut, true);
	put(r, style->ident, style->ident_len);
}

static void
head_json(const struct log_style *style, struct log_rec *r,
    const struct log_head *h)
{
	char text[LOG_TIME_RFC3339];

	log_time_rfc3339(text, h->real_us);
	put_string(r, "{\"ts\":\"");
	put(r, text, sizeof(text));
	put_string(r, "\",\"level\":\"");
	put_string(r, log_level_name[h->level]);
	put_string(r, "\",\"event\":\"");
	put_string(r, h->event);
	put_string(r, "\",\"msg\":");
	put_text(r, h->msg, h->msg_len, h->msg_cut, true);
	put(r, style->ident, style->ident_len);
}

void
log_format_head(const struct log_style *style, struct log_rec *r,
    const struct log_head *head)
{
	r->len = 0;
	r->cut = false;
	if (style->format == LOG_F_PRETTY)
		head_pretty(style, r, head);
	else if (style->format == LOG_F_LOGFMT)
		head_logfmt(style, r, head);
	else
		head_json(style, r, head);
}

/* The key and what stands around it, if value more bytes fit behind it. */
static bool
put_key(const struct log_style *style, struct log_rec *r, const char *key,
    size_t value)
{
	enum { AROUND = 1 + sizeof(dim) - 1 + 1 + sizeof(normal) - 1 };
	size_t n = strlen(key);

	if (room(r) < value || room(r) - value < n + AROUND) {
		r->cut = true;
		return false;
	}
	if (style->format == LOG_F_JSON) {
		put_string(r, ",\"");
		put(r, key, n);
		put_string(r, "\":");
		return true;
	}
	put_string(r, " ");
	if (style->colour)
		put_string(r, dim);
	put(r, key, n);
	put_string(r, "=");
	if (style->colour)
		put_string(r, normal);
	return true;
}

/* True if logfmt needs no quotes around it. */
static bool
is_bare(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == '"' || p[i] == '=' ||
		    p[i] == '\\')
			return false;
	return n > 0;
}

void
log_format_text(const struct log_style *style, struct log_rec *r,
    const char *key, const char *p, size_t n, bool cut)
{
	bool quote;

	if (!put_key(style, r, key, MARK_LEN + 2))
		return;
	quote = style->format == LOG_F_JSON || cut || !is_bare(p, n);
	put_text(r, p, n, cut, quote);
}

void
log_format_word(const struct log_style *style, struct log_rec *r,
    const char *key, const char *p, size_t n)
{
	if (put_key(style, r, key, n))
		put(r, p, n);
}

void
log_format_uint(const struct log_style *style, struct log_rec *r,
    const char *key, uint64_t value, bool negative)
{
	char text[LOG_NUMBER_MAX];
	const char *p = digits(text, value, negative);

	log_format_word(style, r, key, p,
	    (size_t)(text + sizeof(text) - p));
}

void
log_format_end(const struct log_style *style, struct log_rec *r)
{
	static const char *const end[LOG_NFORMATS][2] = {
		[LOG_F_JSON] = { "}\n", json_cut_end },
		[LOG_F_LOGFMT] = { "\n", " cut=true\n" },
		[LOG_F_PRETTY] = { "\n", "\n" },
	};
	const char *s = end[style->format][r->cut];
	size_t n = strlen(s);

	memcpy(r->buf + r->len, s, n);
	r->len += n;
}

enum log_level
log_format_level(enum log_format format, const char *rec, size_t n)
{
	static const size_t at[LOG_NFORMATS] = {
		[LOG_F_JSON] = 7 + LOG_TIME_RFC3339 + 11,
		[LOG_F_LOGFMT] = 3 + LOG_TIME_RFC3339 + 7,
		[LOG_F_PRETTY] = LOG_TIME_CLOCK + 1,
	};
	int level;
	size_t len;

	for (level = 0; level < LOG_NLEVELS; level++) {
		len = strlen(log_level_name[level]);
		if (n > at[format] + len && memcmp(rec + at[format],
		    log_level_name[level], len) == 0)
			return (enum log_level)level;
	}
	return LOG_L_INFO;
}
