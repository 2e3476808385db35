/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control - clients, at most CONTROL_CLIENTS at once, none of which is waited
 * for: one request each, answered in lines, then closed.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "common/fd.h"
#include "common/json.h"
#include "master/control.h"
#include "master/control_rights.h"
#include "master/listen.h"
#include "master/requests.h"
#include "master/scale.h"
#include "master/slots.h"

enum {
	SILENT_MS = 10000,		/* a place is held so long unasked, */
	SILENT_FULL_MS = 1000		/* or this, when none is left */
};

static const char why_crowd[] =
    "too many control clients at once, try again";

static int
control_addr(const struct master *m, struct addr *a, const char **why)
{
	char text[sizeof a->u.sun.sun_path + 8];

	snprintf(text, sizeof text, "unix:%s", m->conf->control_socket);
	if (addr_parse(text, a, why) == -1)
		return -1;
	a->mode = m->conf->control_group[0] != '\0' ? 0660 : 0600;
	strlcpy(a->group, m->conf->control_group, sizeof a->group);
	return 0;
}

int
control_open(struct master *m, char *why, size_t whylen)
{
	static const struct conf_service plain = { .backlog = 128 };
	const char *what = "";
	char more[256];
	struct addr a;

	if (control_addr(m, &a, &what) == -1) {
		snprintf(why, whylen, "control_socket %s: %s",
		    m->conf->control_socket, what);
		return -1;
	}
	if (listen_open(&a, &plain, &m->book->fd[FD_CONTROL], more,
	    sizeof more) == -1) {
		snprintf(why, whylen, "control_socket %s: %s",
		    m->conf->control_socket, more);
		return -1;
	}
	listen_file(&a, &m->book->control_file);
	control_rights_find(m);
	return 0;
}

void
control_adopt(struct master *m)
{
	control_rights_find(m);
	if (m->book->fd[FD_ASKER] == -1)
		return;
	m->clients[0] = (struct control_client){ .fd = m->book->fd[FD_ASKER],
	    .since_ms = m->now_ms, .waits_reload = true };
	m->book->fd[FD_ASKER] = -1;
}

static void
client_close(struct control_client *c)
{
	fd_close(&c->fd);
	free(c->out);
	*c = (struct control_client){ .fd = -1 };
}

void
control_close(struct master *m)
{
	const char *why;
	struct addr a;

	for (int i = 0; i < CONTROL_CLIENTS; i++)
		client_close(&m->clients[i]);
	if (m->book->fd[FD_CONTROL] == -1)
		return;
	if (control_addr(m, &a, &why) == 0)
		listen_unlink(&a, &m->book->control_file);
	fd_close(&m->book->fd[FD_CONTROL]);
}

/* Waits for what may take long: the end of the server, a verdict. */
static bool
waits_long(const struct control_client *c)
{
	return c->waits_stop || c->waits_scale || c->waits_reload;
}

/* Has asked: what else it says is dropped. */
static bool
has_asked(const struct control_client *c)
{
	return c->out_len > 0 || c->waits_audit || waits_long(c);
}

/* No place is left for now: who comes waits in the socket's queue. */
static bool
is_full(const struct master *m)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		if (m->clients[i].fd == -1)
			return false;
	return true;
}

/* No place is left for long: who comes is turned away. */
static bool
is_stuck(const struct master *m)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		if (!waits_long(&m->clients[i]))
			return false;
	return true;
}

size_t
control_poll(struct master *m, struct pollfd *p)
{
	size_t n = 0;

	p[n++] = (struct pollfd){ .events = POLLIN, .fd = is_full(m) &&
	    !is_stuck(m) ? -1 : m->book->fd[FD_CONTROL] };
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *c = &m->clients[i];

		/* Who waits for an answer is watched too: it may hang up. */
		p[n++] = (struct pollfd){ .fd = c->fd, .events =
		    c->out_off < c->out_len ? POLLOUT :
		    c->ended ? 0 : POLLIN };
	}
	return n;
}

void
control_reply(struct control_client *c, char *text, bool done)
{
	size_t len = text != NULL ? strlen(text) : 0;
	char *more = realloc(c->out, c->out_len + len + 1);

	c->done |= done || more == NULL || text == NULL;
	if (more != NULL) {
		memcpy(more + c->out_len, text != NULL ? text : "", len);
		c->out = more;
		c->out_len += len;
	}
	free(text);
}

static void
client_write(struct control_client *c)
{
	ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		client_close(c);
		return;
	}
	c->out_off += n > 0 ? (size_t)n : 0;
	if (c->out_off == c->out_len && c->done)
		client_close(c);
}

/* Says no to one that gets no place. */
static void
turn_away(int fd, const char *why)
{
	struct control_client c = { .fd = fd };

	requests_refuse(&c, why);
	client_write(&c);
	client_close(&c);
}

static void
client_accept(struct master *m)
{
	int fd = accept4(m->book->fd[FD_CONTROL], NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd == -1)
		return;
	if (!control_rights_admit(m, fd)) {
		turn_away(fd, "not permitted: root, the server's user or "
		    "members of control_group may");
		return;
	}
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		if (m->clients[i].fd != -1)
			continue;
		m->clients[i] = (struct control_client){ .fd = fd,
		    .since_ms = m->now_ms };
		return;
	}
	turn_away(fd, why_crowd);
}

/* What came is a request, or not one yet; at its end it is what it is. */
static void
client_ask(struct master *m, struct control_client *c)
{
	char *end = memchr(c->in, '\n', c->in_len);

	if (end == NULL && c->in_len == sizeof c->in - 1) {
		requests_refuse(c, "a request has less than 4096 bytes");
	} else if (end != NULL || (c->ended && c->in_len > 0)) {
		*(end != NULL ? end : c->in + c->in_len) = '\0';
		requests_handle(m, c, c->in);
	} else {
		if (c->ended)
			client_close(c);	/* nothing was asked */
		return;
	}
	c->in_len = 0;
}

static void
client_read(struct master *m, struct control_client *c, bool hung_up)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len - 1,
	    MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1 || (n == 0 && hung_up)) {
		client_close(c);
		return;
	}
	c->ended = n == 0;
	c->in_len += (size_t)n;
	if (has_asked(c))
		c->in_len = 0;		/* one request each: more is dropped */
	else
		client_ask(m, c);
	if (c->fd != -1 && c->out_len > 0)
		client_write(c);
}

void
control_serve(struct master *m, const struct pollfd *p, size_t n)
{
	if (p[0].revents)
		client_accept(m);
	for (size_t i = 1; i < n; i++) {
		struct control_client *c = &m->clients[i - 1];

		if (p[i].revents == 0 || c->fd != p[i].fd)
			continue;
		if (p[i].events & POLLOUT)
			client_write(c);
		else
			client_read(m, c, p[i].revents & (POLLHUP | POLLERR));
	}
}

/* Said nothing, or does not read: its place may be wanted by others. */
static void
client_drop(struct control_client *c, bool crowd)
{
	if (crowd && !has_asked(c)) {
		requests_refuse(c, why_crowd);
		client_write(c);
	}
	client_close(c);
}

int64_t
control_review(struct master *m)
{
	int64_t next = INT64_MAX;
	int64_t silent_ms = is_full(m) ? SILENT_FULL_MS : SILENT_MS;

	if (m->audit_until_ms != 0 && (requests_audit_complete(m) ||
	    m->audit_until_ms <= m->now_ms))
		requests_audited(m);
	if (m->audit_until_ms != 0)
		next = m->audit_until_ms;
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &m->clients[i];

		if (c->fd != -1 && c->waits_scale && scale_is_done(m))
			requests_scaled(m, c);
		if (c->fd == -1 || c->waits_audit || waits_long(c))
			continue;
		if (c->out_len > c->out_off)
			client_write(c);
		if (c->fd == -1)
			continue;
		if (c->since_ms + silent_ms <= m->now_ms)
			client_drop(c, silent_ms == SILENT_FULL_MS);
		else if (c->since_ms + silent_ms < next)
			next = c->since_ms + silent_ms;
	}
	return next;
}

/* What goes on after a reload or upgrade that failed; NULL: nothing does, or it
 * was too late for that. */
static const char *
still_serves(const struct master *m)
{
	const struct book *b = m->book;

	if (b->state != MS_RUNNING || b->reload.committed)
		return NULL;
	return b->reload.upgrade ? "the old binary serves on" :
	    "the old configuration serves on";
}

void
control_answer_reload(struct master *m, bool ok, const char *text)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &m->clients[i];

		if (c->fd == -1 || !c->waits_reload)
			continue;
		requests_reloaded(c, ok ? NULL : text,
		    ok ? text : still_serves(m));
		client_write(c);
	}
}

void
control_counts(const struct master *m, uint64_t *finished, uint64_t *cut)
{
	uint64_t drained = 0;

	for (int i = 0; i < BOOK_SERVICES; i++)
		drained += m->book->retired.service[i].ended[REASON_DRAIN];
	drained += m->book->retired.gone.ended[REASON_DRAIN];
	*cut = m->book->retired.cut;
	*finished = drained > *cut ? drained - *cut : 0;
}

void
control_answer_stop(struct master *m)
{
	uint64_t finished, cut;

	control_counts(m, &finished, &cut);
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &m->clients[i];
		struct json j;

		if (c->fd == -1 || !c->waits_stop)
			continue;
		json_init_grow(&j, 4096);
		json_begin_object(&j);
		json_key(&j, "done"); json_bool(&j, true);
		json_key(&j, "ok"); json_bool(&j, true);
		json_key(&j, "finished"); json_uint(&j, finished);
		json_key(&j, "cut"); json_uint(&j, cut);
		json_end(&j);
		json_newline(&j);
		control_reply(c, json_take(&j), true);
		client_write(c);
	}
}
