/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_batch - see the header.  Records are gathered so that many leave in one
 * write.
 */
#include <errno.h>
#include <string.h>

#include "common/log_batch.h"

enum { GATHER = 4 * LOG_RECORD_MAX };

struct gather {
	struct log_sink *sink;
	int failed;			/* the first errno */
	size_t len;
	char buf[GATHER];
};

static void
gather_flush(struct gather *g)
{
	if (g->len > 0 && log_sink_write(g->sink, g->buf, g->len) == -1 &&
	    g->failed == 0)
		g->failed = errno;
	g->len = 0;
}

/* The newline was seen by the copying; a second look, at the copy, is the one
 * that counts. */
static bool
is_record(const char *p, size_t n, bool escapes)
{
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		if (p[i] == '\033' && escapes)
			continue;
		if ((unsigned char)p[i] < ' ' || p[i] == '\177')
			return false;
	}
	return n > 1 && p[n - 1] == '\n';
}

/* Copies and checks the record at src; returns how much of n is behind us. */
static size_t
gather_record(struct gather *g, const char *src, size_t n, bool escapes)
{
	size_t max = n < LOG_RECORD_MAX ? n : LOG_RECORD_MAX, len;
	char *dst, *end;

	if (GATHER - g->len < LOG_RECORD_MAX)
		gather_flush(g);
	dst = g->buf + g->len;
	end = memccpy(dst, src, '\n', max);
	len = end == NULL ? max : (size_t)(end - dst);
	if (is_record(dst, len, escapes)) {
		g->len += len;
		return len;
	}
	g->sink->dropped++;
	if (g->failed == 0)
		g->failed = EILSEQ;
	if (end != NULL)
		return len;
	end = memchr(src + len, '\n', n - len);	/* too long: to its end */
	return end == NULL ? n : (size_t)(end - src) + 1;
}

int
log_batch_write(struct log_batch *b, struct log_sink *s, bool escapes)
{
	struct gather g;
	size_t at = 0, len;

	g.sink = s;
	g.failed = 0;
	g.len = 0;
	len = atomic_load_explicit(&b->len, memory_order_acquire);
	if (len > LOG_BATCH_MAX) {
		s->dropped++;
		g.failed = EBADMSG;
		len = 0;
	}
	if (len > 0)
		log_sink_check_tail(s);	/* it may have died while writing */
	while (at < len)
		at += gather_record(&g, b->buf + at, len - at, escapes);
	gather_flush(&g);
	atomic_store_explicit(&b->len, 0, memory_order_release);
	errno = g.failed != 0 ? g.failed : errno;
	return g.failed != 0 ? -1 : 0;
}
