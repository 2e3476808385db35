/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen - the smallest server, for trying clients.
 *
 * Everything is told on stdout, one line a piece, escaped: bytes from a
 * stranger must not command the terminal.  What is typed goes to all clients;
 * the slowest sets the pace, so one buffer serves all.  Without a client stdin
 * is left alone: what a pipe holds is for the first one.
 */
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/fd.h"
#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/target.h"

enum { CHUNK = 4096, BACKLOG = 64, FD_LISTEN = 0, FD_TYPED = 1, FD_CLIENTS };

struct client {
	int fd;
	uint64_t got;
	size_t sent;			/* of what is typed */
	bool is_shut;			/* our side */
	char name[ADDR_TEXT_MAX];
};

struct listen {
	const char *verb;
	int fd;				/* -1 once nobody more is wanted */
	bool once;
	bool is_full;			/* no descriptor for one more */
	struct client *clients;
	struct pollfd *fds;		/* FD_CLIENTS more than clients */
	size_t n;
	char typed[CHUNK];
	size_t typed_len;
	bool was_typed;			/* anything, ever */
	bool typed_over;
	char text[CHUNK * ESCAPE_GROWTH];
};

struct listen_options {
	bool once;
};

static const struct args_option options[] = {
	{ "once", 0, ARGS_FLAG, offsetof(struct listen_options, once), 0, 0 },
	{ .name = NULL },
};

/* One line of what came, without its newline. */
static void
print_piece(struct listen *l, const struct client *c, const char *p, size_t n)
{
	size_t used;
	size_t len = escape_text(l->text, sizeof(l->text), p, n, ESCAPE_PLAIN,
	    &used);

	printf("%s: %.*s\n", c->name, (int)len, l->text);
}

static void
print_input(struct listen *l, const struct client *c, const char *p, size_t n)
{
	const char *end;

	while (n > 0) {
		end = memchr(p, '\n', n);
		if (end == NULL) {
			print_piece(l, c, p, n);
			break;
		}
		print_piece(l, c, p, (size_t)(end - p));
		n -= (size_t)(end - p) + 1;
		p = end + 1;
	}
}

static void
client_close(struct listen *l, size_t i, const char *how)
{
	struct client *c = &l->clients[i];

	printf("%s %s after %llu byte%s\n", c->name, how,
	    (unsigned long long)c->got, c->got == 1 ? "" : "s");
	fd_close(&c->fd);
	l->is_full = false;
}

static void
client_read(struct listen *l, size_t i)
{
	struct client *c = &l->clients[i];
	char buf[CHUNK];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n > 0) {
		c->got += (uint64_t)n;
		print_input(l, c, buf, (size_t)n);
	} else if (n == 0) {
		client_close(l, i, "closed");
	} else if (errno != EAGAIN && errno != EINTR) {
		client_close(l, i, errno == ECONNRESET ? "was reset" :
		    "broke");
	}
}

/* What was typed is over, and that is not told yet. */
static bool
client_is_to_shut(const struct listen *l, const struct client *c)
{
	return l->typed_over && l->was_typed && !c->is_shut;
}

static bool
client_has_output(const struct listen *l, const struct client *c)
{
	return c->sent < l->typed_len || client_is_to_shut(l, c);
}

static void
client_write(struct listen *l, size_t i)
{
	struct client *c = &l->clients[i];
	ssize_t n;

	if (c->sent < l->typed_len) {
		n = send(c->fd, l->typed + c->sent, l->typed_len - c->sent,
		    MSG_NOSIGNAL);
		if (n > 0)
			c->sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			c->sent = l->typed_len;	/* reading tells why */
	}
	if (c->sent == l->typed_len && client_is_to_shut(l, c)) {
		c->is_shut = true;
		(void)shutdown(c->fd, SHUT_WR);
	}
}

static int
listen_grow(struct listen *l)
{
	struct client *clients = reallocarray(l->clients, l->n + 1,
	    sizeof(*clients));
	struct pollfd *fds;

	if (clients == NULL)
		return -1;
	l->clients = clients;
	fds = reallocarray(l->fds, l->n + 1 + FD_CLIENTS, sizeof(*fds));
	if (fds == NULL)
		return -1;
	l->fds = fds;
	return 0;
}

static void
listen_accept(struct listen *l)
{
	struct addr a = { .len = sizeof(a.u) };
	struct client *c;
	int fd = accept4(l->fd, &a.u.sa, &a.len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE) {
			cli_error(l->verb, "%s; others wait", strerror(errno));
			l->is_full = true;
		}
		return;
	}
	if (listen_grow(l) == -1) {
		cli_error(l->verb, "%s", strerror(errno));
		fd_close(&fd);
		return;
	}
	c = &l->clients[l->n++];
	*c = (struct client){ .fd = fd, .sent = l->typed_len };
	(void)addr_print(&a.u.sa, a.len, c->name);
	printf("%s connected\n", c->name);
	if (l->once)
		fd_close(&l->fd);
}

static void
listen_type(struct listen *l)
{
	ssize_t n = read(STDIN_FILENO, l->typed, sizeof(l->typed));
	size_t i;

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	l->typed_len = n > 0 ? (size_t)n : 0;
	l->typed_over = n <= 0;
	l->was_typed = l->was_typed || n > 0 || isatty(STDIN_FILENO);
	for (i = 0; i < l->n; i++)
		l->clients[i].sent = 0;
}

/* Drops those who left, says what to poll for. */
static void
listen_prepare(struct listen *l)
{
	bool is_all_sent = true;
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		if (l->clients[i].fd != -1)
			l->clients[n++] = l->clients[i];
	l->n = n;
	for (i = 0; i < n; i++) {
		const struct client *c = &l->clients[i];
		bool out = client_has_output(l, c);

		l->fds[FD_CLIENTS + i] = (struct pollfd){ .fd = c->fd,
		    .events = POLLIN | (out ? POLLOUT : 0) };
		is_all_sent = is_all_sent && !out;
	}
	l->fds[FD_LISTEN] = (struct pollfd){ .fd = l->is_full ? -1 : l->fd,
	    .events = POLLIN };
	l->fds[FD_TYPED] = (struct pollfd){ .events = POLLIN,
	    .fd = n > 0 && is_all_sent && !l->typed_over ? STDIN_FILENO : -1 };
}

static int
listen_turn(struct listen *l)
{
	size_t i, n = l->n;

	if (poll(l->fds, n + FD_CLIENTS, -1) == -1)
		return errno == EINTR ? 0 : -1;
	if (l->fds[FD_TYPED].revents != 0)
		listen_type(l);
	for (i = 0; i < n; i++) {
		/* Fresh lines are tried at once: a client may be leaving. */
		if (client_has_output(l, &l->clients[i]))
			client_write(l, i);
		if ((l->fds[FD_CLIENTS + i].revents &
		    (POLLIN | POLLHUP | POLLERR)) != 0)
			client_read(l, i);
	}
	if (l->fds[FD_LISTEN].revents != 0)
		listen_accept(l);
	return fflush(stdout) == 0 ? 0 : -1;
}

static int
listen_open(struct listen *l, const char *where)
{
	const int on = 1;
	struct target t;
	const char *why;
	char text[ADDR_TEXT_MAX];
	int rc = CLI_FAILED;

	if (target_resolve(where, TARGET_LISTEN, &t, &why) == -1) {
		if (errno == EINVAL)
			return cli_usage(l->verb, "%s: %s", where, why);
		cli_error(l->verb, "%s: %s", where, why);
		return CLI_FAILED;
	}
	l->fd = socket(t.v->u.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd != -1 && t.v->u.sa.sa_family == AF_INET6)
		(void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	if (l->fd != -1 && setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == 0 && bind(l->fd, &t.v->u.sa, t.v->len) == 0 &&
	    listen(l->fd, BACKLOG) == 0 &&
	    getsockname(l->fd, &t.v->u.sa, &t.v->len) == 0)
		rc = CLI_DONE;
	if (rc != CLI_DONE)
		cli_error(l->verb, "%s: %s", where, strerror(errno));
	else
		printf("listening on %s\n", addr_print(&t.v->u.sa, t.v->len,
		    text));
	target_free(&t);
	return rc;
}

static int
listen_run(struct listen *l, const char *where)
{
	size_t i;
	int rc = listen_open(l, where);

	if (rc == CLI_DONE && listen_grow(l) == -1)
		rc = CLI_FAILED;
	(void)fflush(stdout);
	while (rc == CLI_DONE) {
		listen_prepare(l);
		if (l->fd == -1 && l->n == 0)
			break;
		if (listen_turn(l) == -1)
			rc = CLI_FAILED;
	}
	for (i = 0; i < l->n; i++)
		fd_close(&l->clients[i].fd);
	fd_close(&l->fd);
	free(l->clients);
	free(l->fds);
	return cli_finish(l->verb, rc);
}

int
cli_listen(int argc, char **argv)
{
	struct listen_options o = { 0 };
	int n = args_parse(argc, argv, options, &o), rc;
	struct listen *l;

	if (n < 0)
		return CLI_USAGE;
	if (n != 1 || strncmp(argv[1], "unix:", 5) == 0)
		return cli_usage(argv[0], "where?  One PORT or HOST:PORT");
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		cli_error(argv[0], "out of memory");
		return CLI_FAILED;
	}
	l->verb = argv[0];
	l->fd = -1;
	l->once = o.once;
	rc = listen_run(l, argv[1]);
	free(l);
	return rc;
}
