/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply - one fixed text to whoever asks.
 *
 * A message is what came in one piece, or, with http, one request's head.  The
 * HTTP/1.0 head (RFC 1945 section 6) is there so that nc, curl and a browser
 * all get the text; bodies of requests are not understood, http does that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/service/service.h"

struct reply_section {
	char *text;
	bool wait, close, http;
};

struct reply_shared {
	size_t text_len, head_len;
	char head[160];			/* goes before the text for HTTP */
};

static const struct conf_option reply_options[] = {
	{ .key = "text", .type = CONF_STRING, .dflt = "",
	  .off = offsetof(struct reply_section, text),
	  .when = CONF_NEW_CONNECTIONS, .doc = "what is sent" },
	{ .key = "wait", .type = CONF_BOOL, .dflt = "true",
	  .off = offsetof(struct reply_section, wait),
	  .when = CONF_NEW_CONNECTIONS,
	  .doc = "read a message first; false: greet at once" },
	{ .key = "close", .type = CONF_BOOL, .dflt = "true",
	  .off = offsetof(struct reply_section, close),
	  .when = CONF_NEW_CONNECTIONS,
	  .doc = "end after the text; false: answer each message" },
	{ .key = "http", .type = CONF_BOOL, .dflt = "false",
	  .off = offsetof(struct reply_section, http),
	  .when = CONF_NEW_CONNECTIONS,
	  .doc = "put an HTTP/1.0 head before it for those who ask in HTTP" },
	{ .key = NULL }
};

static const void *
reply_configure(const struct conf_service *conf)
{
	const struct reply_section *s = conf->section;
	struct reply_shared *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->text_len = strlen(s->text);
	r->head_len = (size_t)snprintf(r->head, sizeof r->head,
	    "HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nConnection: %s\r\n\r\n", r->text_len,
	    s->close ? "close" : "keep-alive");
	return r;
}

enum form { FORM_PLAIN, FORM_HTTP, FORM_UNKNOWN };

/* Whether the input begins like a request: "METHOD /", or may yet do so. */
static enum form
form_of(const char *p, size_t n)
{
	static const char *const methods[] = { "GET /", "HEAD /", "POST /",
	    "PUT /", "DELETE /", "OPTIONS /", "PATCH /", "OPTIONS *" };
	enum form form = FORM_PLAIN;

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t len = strlen(methods[i]);

		if (n >= len && memcmp(p, methods[i], len) == 0)
			return FORM_HTTP;
		if (n < len && memcmp(p, methods[i], n) == 0)
			form = FORM_UNKNOWN;
	}
	return form;
}

/* Length of a request's head, its empty line included; 0: not all is there. */
static size_t
head_length(const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);
	const char *bare = memmem(p, n, "\n\n", 2);

	if (end != NULL && (bare == NULL || end < bare))
		return (size_t)(end - p) + 4;
	return bare == NULL ? 0 : (size_t)(bare - p) + 2;
}

static void
reply_send(struct conn *c, bool http, bool text)
{
	const struct reply_section *s = conn_section(c);
	const struct reply_shared *r = conn_shared(c);

	if (http && conn_write(c, r->head, r->head_len) == -1)
		return;
	if (text && conn_write(c, s->text, r->text_len) == -1)
		return;
	conn_request(c);
	if (s->close)
		conn_finish(c, REASON_EOF);
}

/* Answers one message; false: it is not whole yet. */
static bool
reply_one(struct conn *c, const char *p, size_t n)
{
	const struct reply_section *s = conn_section(c);
	enum form form = s->http ? form_of(p, n) : FORM_PLAIN;
	bool whole = conn_ended(c) || n == SLOT_BUF_SIZE;
	size_t len = n;

	if (form == FORM_UNKNOWN && !whole)
		return false;
	if (form == FORM_HTTP) {
		len = head_length(p, n);
		if (len == 0 && !whole)
			return false;
		len = len == 0 ? n : len;
	}
	conn_eat(c, len);
	reply_send(c, form == FORM_HTTP, form != FORM_HTTP ||
	    memcmp(p, "HEAD ", 5) != 0);
	return true;
}

static void
reply_input(struct conn *c)
{
	const char *p;
	size_t n;

	while (c->row->state == ROW_OPEN && conn_room(c)) {
		n = conn_input(c, &p);
		if (n == 0 || !reply_one(c, p, n))
			break;
	}
	if (conn_ended(c) && conn_input(c, &p) == 0)
		conn_finish(c, REASON_CLIENT);
}

static void
reply_open(struct conn *c)
{
	const struct reply_section *s = conn_section(c);

	if (!s->wait)
		reply_send(c, false, true);
}

const struct service service_reply = {
	.section = { .handler = "reply", .options = reply_options,
	    .size = sizeof(struct reply_section) },
	.configure = reply_configure,
	.open = reply_open,
	.input = reply_input,
	.timer = service_nothing,
	.at_rest = service_always_at_rest,
};
