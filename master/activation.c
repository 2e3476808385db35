/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * activation - which of the descriptors from 3 on is meant by an address.
 *
 * Which are used already follows from the book's listeners, so nothing has to
 * be remembered but how many came, and until the end of the start only: later
 * the same numbers may be somebody else's.
 */
#include <sys/socket.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "common/fd.h"
#include "master/activation.h"

enum { FIRST_FD = 3 };			/* SD_LISTEN_FDS_START */

/* Also of what inherits our environment: the sockets are ours alone. */
static void
env_clear(void)
{
	static const char *const names[] = {
		"LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
}

/* A decimal number from 1 to max, or 0. */
static unsigned long
env_number(const char *name, unsigned long max)
{
	const char *text = getenv(name);
	unsigned long n;
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return 0;
	n = strtoul(text, &end, 10);
	return *end == '\0' && n <= max ? n : 0;
}

void
activation_note(struct book_start *start)
{
	const char *names = getenv("LISTEN_FDNAMES");

	start->inherited = 0;
	start->inherited_names[0] = '\0';
	if (env_number("LISTEN_PID", ~0ul) == (unsigned long)getpid())
		start->inherited = (unsigned)env_number("LISTEN_FDS",
		    BOOK_LISTENERS);
	/* Names that do not fit are none: the addresses still count. */
	if (start->inherited > 0 && names != NULL &&
	    strlcpy(start->inherited_names, names,
	    sizeof start->inherited_names) >= sizeof start->inherited_names)
		start->inherited_names[0] = '\0';
	for (unsigned i = 0; i < start->inherited; i++)
		fcntl(FIRST_FD + (int)i, F_SETFD, FD_CLOEXEC);
	env_clear();
}

/* The name of the n-th: names are parted by colons, and have none in them. */
static size_t
name_of(const struct book_start *start, unsigned n, const char **name)
{
	*name = start->inherited_names;
	while (n > 0 && **name != '\0') {
		*name += strcspn(*name, ":");
		*name += **name == ':';
		n--;
	}
	return n == 0 ? strcspn(*name, ":") : 0;
}

static bool
is_named(const struct book_start *start, unsigned n,
    const struct conf_service *s)
{
	const char *name;
	size_t len = name_of(start, n, &name);

	return len > 0 && len == strlen(s->name) &&
	    memcmp(name, s->name, len) == 0;
}

static bool
is_used(const struct book *b, int fd)
{
	for (uint32_t i = 0; i < b->nlisteners; i++)
		if (b->listeners[i].fd == fd)
			return true;
	return false;
}

/* Its address; false: no stream socket that listens. */
static bool
socket_addr(int fd, struct addr *a)
{
	int type = 0, listens = 0;
	socklen_t len = sizeof type, listens_len = sizeof listens;

	*a = (struct addr){ .len = sizeof a->u, .mode = -1 };
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN,
	    &listens, &listens_len) == 0 && listens != 0 &&
	    getsockname(fd, &a->u.sa, &a->len) == 0;
}

/* Of a unix socket the mode and owner are the manager's business. */
static bool
is_at(const struct addr *own, const struct addr *a)
{
	if (own->u.sa.sa_family != a->u.sa.sa_family)
		return false;
	if (own->u.sa.sa_family == AF_UNIX)
		return strncmp(own->u.sun.sun_path, a->u.sun.sun_path,
		    sizeof own->u.sun.sun_path) == 0;
	return addr_equal(own, a);
}

static bool
is_configured(const struct conf *conf, const struct addr *own)
{
	for (unsigned i = 0; i < conf->nservices; i++)
		for (size_t n = 0; n < conf->services[i].listen.n; n++)
			if (is_at(own, &conf->services[i].listen.v[n]))
				return true;
	return false;
}

/* A name only counts for a socket whose address nobody asked for. */
int
activation_find(const struct master *m, const struct conf_service *s,
    const struct addr *a)
{
	const struct book_start *start = &m->book->start;
	struct addr own;
	int named = -1;

	for (unsigned i = 0; i < start->inherited; i++) {
		int fd = FIRST_FD + (int)i;

		if (is_used(m->book, fd) || !socket_addr(fd, &own))
			continue;
		if (is_at(&own, a))
			return fd;
		if (named == -1 && is_named(start, i, s) &&
		    own.u.sa.sa_family == a->u.sa.sa_family &&
		    !is_configured(m->conf, &own))
			named = fd;
	}
	return named;
}

static void
warn_unasked(const struct book_start *start, unsigned i, int fd)
{
	char text[ADDR_TEXT_MAX], name_text[64];
	const char *name;
	size_t len = name_of(start, i, &name);
	struct addr own;
	struct log_rec r;

	strlcpy(name_text, name, len + 1 < sizeof name_text ? len + 1 :
	    sizeof name_text);
	log_begin(&r, LOG_L_WARN, LOG_CONFIG_WARNING,
	    "an inherited socket is of no use and closed");
	log_int(&r, "fd", fd);
	if (len > 0)
		log_str(&r, "name", name_text);
	if (socket_addr(fd, &own))
		log_str(&r, "address", addr_print(&own.u.sa, own.len, text));
	log_str(&r, "hint", "it has to listen on an address of a service, or "
	    "have a service's name (FileDescriptorName=)");
	log_end(&r);
}

void
activation_end(struct master *m)
{
	struct book_start *start = &m->book->start;

	for (unsigned i = 0; i < start->inherited; i++) {
		int fd = FIRST_FD + (int)i;

		if (is_used(m->book, fd) || fcntl(fd, F_GETFD) == -1)
			continue;
		warn_unasked(start, i, fd);
		fd_close(&fd);
	}
	start->inherited = 0;
}
