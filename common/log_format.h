/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_format - a record as bytes, in each of the three formats.  Pure: what it
 * depends on is in the style and the arguments, so that the verb which reads
 * logs prints with the same code that wrote them.
 *
 * A record is at most LOG_RECORD_MAX bytes.  A text that does not fit, or is
 * longer than LOG_FIELD_MAX, is cut and ends in U+2026; a field with no room
 * at all is left out; in both cases JSON gets "cut":true and logfmt cut=true.
 * LOG_FIELD_MAX is below LOG_RECORD_MAX so that one long field does not push
 * out those that follow it.
 */
#ifndef COMMON_LOG_FORMAT_H
#define COMMON_LOG_FORMAT_H

#include "common/log.h"

enum {
	LOG_IDENT_MAX = 96,
	LOG_EVENT_MAX = 64,
	LOG_FIELD_MAX = 3072,		/* of one text, once escaped */
	LOG_NUMBER_MAX = 24
};

struct log_style {
	enum log_format format;
	bool colour;			/* pretty only */
	int32_t east_s;			/* local time - UTC; pretty only */
	size_t ident_len;
	char ident[LOG_IDENT_MAX];	/* pid, role and slot, ready to copy */
};

struct log_head {
	int64_t real_us;
	enum log_level level;
	const char *event;		/* plain text, at most LOG_EVENT_MAX */
	const char *msg;
	size_t msg_len;
	bool msg_cut;			/* msg was longer */
};

/* Sets the ident; role is plain text, slot < 0: none. */
void	 log_style_ident(struct log_style *style, int pid, const char *role,
	    int slot);

void	 log_format_head(const struct log_style *style, struct log_rec *r,
	    const struct log_head *head);
/* cut: p is the beginning of a longer text. */
void	 log_format_text(const struct log_style *style, struct log_rec *r,
	    const char *key, const char *p, size_t n, bool cut);
/* A value that needs no quotes: digits, true, ... */
void	 log_format_word(const struct log_style *style, struct log_rec *r,
	    const char *key, const char *p, size_t n);
/* value, with a minus sign before it if negative. */
void	 log_format_uint(const struct log_style *style, struct log_rec *r,
	    const char *key, uint64_t value, bool negative);
/* The newline, and what comes before it. */
void	 log_format_end(const struct log_style *style, struct log_rec *r);

/* The level of a formatted record without colours; info if that is unclear. */
enum log_level log_format_level(enum log_format format, const char *rec,
	    size_t n);

#endif
