/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send_say - what the TCP client tells: each step as a line on stderr.
 *
 * A large transfer is millions of small steps, so bytes are summed up for a
 * moment; any other step first tells of the bytes before it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "master/cli/send.h"

static const char *const way_verb[SEND_NWAYS] = {
	[SEND_OUT] = "sent", [SEND_IN] = "got",
};

static void
put_number(const struct send_run *r, const struct send_conn *c)
{
	if (r->parallel > 1)
		fprintf(stderr, "#%u ", c->number);
}

void
send_say(const struct send_run *r, struct send_conn *c, const char *fmt, ...)
{
	va_list ap;

	if (r->quiet)
		return;
	send_note_flush(r, c);
	put_number(r, c);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void
send_say_failure(const struct send_run *r, struct send_conn *c,
    const char *fmt, ...)
{
	va_list ap;

	send_note_flush(r, c);
	put_number(r, c);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void
tell(const struct send_run *r, struct send_conn *c, enum send_way way)
{
	struct send_note *note = &c->notes[way];

	if (note->bytes == 0)
		return;
	put_number(r, c);
	fprintf(stderr, "%s %llu byte%s\n", way_verb[way],
	    (unsigned long long)note->bytes, note->bytes == 1 ? "" : "s");
	note->bytes = 0;
	note->next_ms = r->now_ms + SEND_NOTE_MS;
}

void
send_note(const struct send_run *r, struct send_conn *c, enum send_way way,
    uint64_t n)
{
	if (r->quiet)
		return;
	c->notes[way].bytes += n;
	if (r->now_ms >= c->notes[way].next_ms)
		tell(r, c, way);
}

int64_t
send_note_due_ms(const struct send_conn *c)
{
	int64_t due = INT64_MAX;
	int way;

	for (way = 0; way < SEND_NWAYS; way++)
		if (c->notes[way].bytes > 0 && c->notes[way].next_ms < due)
			due = c->notes[way].next_ms;
	return due;
}

void
send_note_flush(const struct send_run *r, struct send_conn *c)
{
	tell(r, c, SEND_OUT);
	tell(r, c, SEND_IN);
}

void
send_say_totals(const struct send_run *r, int64_t took_ms)
{
	double seconds = took_ms > 0 ? (double)took_ms / 1000 : 0.001;

	fprintf(stderr, "%llu round%s, %llu failed; sent %llu bytes, got %llu "
	    "bytes in %.3f s, %.1f MB/s each way\n",
	    (unsigned long long)r->rounds, r->rounds == 1 ? "" : "s",
	    (unsigned long long)r->failed,
	    (unsigned long long)r->bytes[SEND_OUT],
	    (unsigned long long)r->bytes[SEND_IN], seconds,
	    (double)(r->bytes[SEND_OUT] + r->bytes[SEND_IN]) / 2e6 / seconds);
}
