/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_client - asks the running server over its control socket.
 *
 * The socket is non-blocking and every wait is a poll(2) until one deadline,
 * so a server that hangs costs the caller its timeout and no more.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "master/cli/cli.h"
#include "master/cli/control_client.h"

struct control {
	const struct control_ask *ask;
	int fd;
	int64_t deadline_ms;		/* INT64_MAX: none */
	char *buf;			/* what came: [0, len) */
	size_t len, cap;
	size_t seen;			/* no newline before this */
	bool done;			/* the last reply was read */
	bool is_ok;			/* and it said so */
};

enum { CONTROL_FIRST = 4096 };

static int
say_not_running(const struct control_ask *ask)
{
	(void)fflush(stdout);
	fprintf(stderr, "belay is not running (no answer on %s)\n",
	    ask->socket_path);
	return CLI_NOT_RUNNING;
}

static int
fail(const struct control_ask *ask, const char *what)
{
	cli_error(ask->verb, "%s: %s", ask->socket_path, what);
	return CLI_FAILED;
}

static int
fail_late(const struct control *c)
{
	return fail(c->ask, c->ask->late != NULL ? c->ask->late :
	    "the server did not answer in time");
}

/* Waits for events; 0, or CLI_FAILED after a message. */
static int
control_wait(const struct control *c, short events)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int64_t left = -1;
	int n;

	do {
		if (c->deadline_ms != INT64_MAX) {
			left = c->deadline_ms - clock_mono_ms();
			left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		}
		n = poll(&p, 1, (int)left);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return fail(c->ask, strerror(errno));
	if (n == 0)
		return fail_late(c);
	return CLI_DONE;
}

/* A full backlog (EAGAIN) is a server that does not accept: as not answering.
 * unix(7) knows no connect that completes later. */
static int
control_connect(struct control *c)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(c->ask->socket_path);

	if (n >= sizeof(sun.sun_path))
		return fail(c->ask, "the path is too long for a socket");
	memcpy(sun.sun_path, c->ask->socket_path, n + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd == -1)
		return fail(c->ask, strerror(errno));
	if (connect(c->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return CLI_DONE;
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		return say_not_running(c->ask);
	if (errno == EAGAIN)
		return fail(c->ask, "the server does not accept; it may hang");
	if (errno == EACCES)
		return fail(c->ask, "you may not ask this server: root, its "
		    "owner and control_group may");
	return fail(c->ask, strerror(errno));
}

static int
control_send(const struct control *c, const char *text, size_t len)
{
	ssize_t n;
	int rc;

	while (len > 0) {
		n = send(c->fd, text, len, MSG_NOSIGNAL);
		if (n >= 0) {
			text += n;
			len -= (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EPIPE || errno == ECONNRESET)
			break;		/* it may have said why: read that */
		if (errno != EAGAIN)
			return fail(c->ask, strerror(errno));
		rc = control_wait(c, POLLOUT);
		if (rc != CLI_DONE)
			return rc;
	}
	return CLI_DONE;
}

static int
control_send_request(const struct control *c)
{
	char *text = json_dumps(c->ask->request, JSON_COMPACT);
	size_t len;
	int rc;

	if (text == NULL)
		return fail(c->ask, "out of memory");
	len = strlen(text);
	text[len] = '\n';		/* a line need not end in NUL */
	rc = control_send(c, text, len + 1);
	free(text);
	return rc;
}

static int
control_grow(struct control *c)
{
	size_t cap = c->cap == 0 ? CONTROL_FIRST : c->cap * 2;
	char *buf;

	if (c->len < c->cap)
		return CLI_DONE;
	if (c->len >= CONTROL_LINE_MAX)
		return fail(c->ask, "the answer is too long to be one");
	buf = realloc(c->buf, cap);
	if (buf == NULL)
		return fail(c->ask, "out of memory");
	c->buf = buf;
	c->cap = cap;
	return CLI_DONE;
}

/* Reads more.  *n is how much, 0 at the end of the connection. */
static int
control_read(struct control *c, ssize_t *n)
{
	int rc = control_grow(c);

	while (rc == CLI_DONE) {
		*n = recv(c->fd, c->buf + c->len, c->cap - c->len, 0);
		if (*n >= 0) {
			c->len += (size_t)*n;
			break;
		}
		if (errno == ECONNRESET) {
			*n = 0;		/* it left with our request unread */
			break;
		}
		if (errno == EAGAIN)
			rc = control_wait(c, POLLIN);
		else if (errno != EINTR)
			rc = fail(c->ask, strerror(errno));
	}
	return rc;
}

/* Why the server did not: lines of a configuration's errors say by themselves
 * where they come from. */
static void
say_error(const struct control_ask *ask, const json_t *reply)
{
	const char *why = json_string_value(json_object_get(reply, "error"));

	(void)fflush(stdout);
	if (why == NULL)
		cli_error(ask->verb, "the server refused and did not say why");
	else if (strchr(why, '\n') != NULL)
		fputs(why, stderr);	/* each line ends with one */
	else
		cli_error(ask->verb, "%s", why);
}

/* One reply line; strict, since it comes from our own server. */
static int
control_line(struct control *c, const char *text, size_t len)
{
	json_t *reply = json_loadb(text, len, 0, NULL);

	if (!json_is_object(reply)) {
		json_decref(reply);
		return fail(c->ask, "the answer is not one of belay's");
	}
	if (json_is_true(json_object_get(reply, "done"))) {
		c->done = true;
		c->is_ok = json_is_true(json_object_get(reply, "ok"));
		if (!c->is_ok)
			say_error(c->ask, reply);
	}
	if (c->ask->line != NULL)
		c->ask->line(reply, c->ask->arg);
	json_decref(reply);
	return CLI_DONE;
}

/* All whole lines that have come, up to the last reply. */
static int
control_lines(struct control *c)
{
	char *end;
	size_t n;
	int rc;

	while (!c->done && c->seen < c->len) {
		end = memchr(c->buf + c->seen, '\n', c->len - c->seen);
		c->seen = c->len;
		if (end == NULL)
			break;
		n = (size_t)(end - c->buf);
		rc = control_line(c, c->buf, n);
		if (rc != CLI_DONE)
			return rc;
		c->len -= n + 1;
		memmove(c->buf, end + 1, c->len);
		c->seen = 0;
	}
	return CLI_DONE;
}

/* Replies until the last one; where the ask says so, on until the end. */
static int
control_replies(struct control *c)
{
	ssize_t n = 1;
	int rc;

	while (!c->done || (c->is_ok && c->ask->until_gone)) {
		if (c->done)
			c->len = c->seen = 0;	/* nothing more is expected */
		/* One that never pauses is late too. */
		if (clock_mono_ms() >= c->deadline_ms)
			return fail_late(c);
		rc = control_read(c, &n);
		if (rc != CLI_DONE)
			return rc;
		if (n == 0)
			break;
		rc = control_lines(c);
		if (rc != CLI_DONE)
			return rc;
	}
	if (!c->done)
		return fail(c->ask, "the server went away before it had "
		    "answered");
	return c->is_ok ? CLI_DONE : CLI_FAILED;
}

int
control_ask(const struct control_ask *ask)
{
	struct control c = { .ask = ask, .fd = -1, .deadline_ms = INT64_MAX };
	int rc;

	if (ask->timeout_ms >= 0)
		c.deadline_ms = clock_mono_ms() + ask->timeout_ms;
	rc = control_connect(&c);
	if (rc == CLI_DONE)
		rc = control_send_request(&c);
	if (rc == CLI_DONE)
		rc = control_replies(&c);
	free(c.buf);
	fd_close(&c.fd);
	return rc;
}

int
control_request(const char *socket_path, json_t *req, int timeout_ms,
    void (*line)(json_t *, void *), void *arg)
{
	const char *verb = json_string_value(json_object_get(req, "verb"));
	const struct control_ask ask = {
		.verb = verb != NULL ? verb : "control",
		.socket_path = socket_path, .request = req,
		.timeout_ms = timeout_ms, .line = line, .arg = arg,
	};

	return control_ask(&ask);
}
