/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listeners - from the config's addresses to descriptors named in the book.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "master/activation.h"
#include "master/generations.h"
#include "master/listen.h"
#include "master/listeners.h"

static void
log_listener(const struct book_listener *l, enum log_event ev, const char *msg)
{
	char text[ADDR_TEXT_MAX];
	struct log_rec r;

	log_begin(&r, LOG_L_INFO, ev, "%s", msg);
	log_str(&r, "service", l->service);
	log_str(&r, "address", addr_print(&l->addr.u.sa, l->addr.len, text));
	log_end(&r);
}

static void
warn_backlog(const struct conf_service *s)
{
	int64_t most = listen_somaxconn();
	struct log_rec r;

	if (most < 0 || s->backlog <= (uint64_t)most)
		return;
	log_begin(&r, LOG_L_WARN, LOG_CONFIG_WARNING,
	    "backlog %llu is cut to %lld", (unsigned long long)s->backlog,
	    (long long)most);
	log_str(&r, "service", s->name);
	log_str(&r, "hint", "raise the sysctl net.core.somaxconn");
	log_end(&r);
}

static uint16_t
addr_port(const struct addr *a)
{
	/* sin6_port lies where sin_port does */
	return a->u.sa.sa_family == AF_UNIX ? 1 : ntohs(a->u.sin.sin_port);
}

/* A port from the kernel belongs to the service that asked for one. */
static bool
is_same(const struct book_listener *l, const struct conf_service *s,
    const struct addr *a)
{
	if (a->u.sa.sa_family == AF_UNIX)
		return l->asked.u.sa.sa_family == AF_UNIX &&
		    strcmp(l->asked.u.sun.sun_path, a->u.sun.sun_path) == 0;
	return addr_equal(&l->asked, a) && (addr_port(a) != 0 ||
	    l->service_id == generations_service_id(s));
}

/* The book's entry for an address of conf that no other one uses; -1: none. */
static int
find(const struct book *b, const struct conf_service *s, const struct addr *a,
    bool used[BOOK_LISTENERS])
{
	for (uint32_t i = 0; i < b->nlisteners; i++)
		if (!used[i] && is_same(&b->listeners[i], s, a)) {
			used[i] = true;
			return (int)i;
		}
	return -1;
}

/* For the length of a bind: an own listener that covers the address, or is
 * covered by it, would be in the way. */
static void
let_overlap(struct master *m, const struct addr *a, bool v6only, int on)
{
	for (uint32_t i = 0; i < m->book->nlisteners; i++) {
		const struct book_listener *l = &m->book->listeners[i];

		if (addr_overlap(&l->addr, a, v6only) &&
		    l->addr.u.sa.sa_family != AF_UNIX)
			setsockopt(l->fd, SOL_SOCKET, SO_REUSEPORT, &on,
			    sizeof on);
	}
}

/* One that the service manager has opened; false: none, and l is as it was. */
static bool
listener_inherit(struct master *m, const struct conf_service *s,
    const struct addr *a, struct book_listener *l)
{
	int fd = activation_find(m, s, a);
	struct log_rec r;
	char what[256];

	if (fd == -1)
		return false;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    (a->u.sa.sa_family != AF_UNIX &&
	    listen_options(fd, s, what, sizeof what) == -1)) {
		log_begin(&r, LOG_L_WARN, LOG_CONFIG_WARNING,
		    "an inherited socket keeps its options");
		log_str(&r, "service", s->name);
		log_end(&r);
	}
	l->fd = fd;
	l->inherited = true;
	return true;
}

static int
listener_bind(struct master *m, const struct conf_service *s,
    const struct addr *a, struct book_listener *l, char *why, size_t whylen)
{
	char text[ADDR_TEXT_MAX], what[256];
	int rc;

	let_overlap(m, a, s->v6only, 1);
	rc = listen_open_beside(a, s, m->book->nlisteners > 0, &l->fd, what,
	    sizeof what);
	let_overlap(m, a, s->v6only, 0);
	if (rc == -1)
		snprintf(why, whylen, "service \"%s\": %s: %s", s->name,
		    addr_print(&a->u.sa, a->len, text), what);
	else if (a->u.sa.sa_family == AF_UNIX)
		listen_file(a, &l->file);
	return rc;
}

/* Fills the entry behind the last; it counts once all of it is there. */
static int
listener_open(struct master *m, const struct conf_service *s,
    const struct addr *a, char *why, size_t whylen)
{
	struct book *b = m->book;
	struct book_listener *l = &b->listeners[b->nlisteners];

	*l = (struct book_listener){ .fd = -1, .addr = *a, .asked = *a,
	    .service_id = generations_service_id(s) };
	snprintf(l->service, sizeof l->service, "%s", s->name);
	if (!listener_inherit(m, s, a, l) &&
	    listener_bind(m, s, a, l, why, whylen) == -1)
		return -1;
	/* A unix socket of ours was bound to another name. */
	if (a->u.sa.sa_family != AF_UNIX || l->inherited) {
		l->addr.len = sizeof l->addr.u;
		if (getsockname(l->fd, &l->addr.u.sa, &l->addr.len) == -1)
			l->addr = *a;
	}
	b->nlisteners++;
	warn_backlog(s);
	log_listener(l, LOG_LISTENER_OPEN, l->inherited ?
	    "listening, inherited" : "listening");
	return 0;
}

int
listeners_open(struct master *m, const struct conf *conf, char *why,
    size_t whylen)
{
	bool used[BOOK_LISTENERS] = { false };

	for (unsigned i = 0; i < conf->nservices; i++) {
		const struct conf_service *s = &conf->services[i];

		for (size_t n = 0; n < s->listen.n; n++) {
			if (find(m->book, s, &s->listen.v[n], used) != -1)
				continue;
			if (m->book->nlisteners == BOOK_LISTENERS) {
				snprintf(why, whylen, "more than %d listen "
				    "addresses", BOOK_LISTENERS);
				return -1;
			}
			used[m->book->nlisteners] = true;
			if (listener_open(m, s, &s->listen.v[n], why,
			    whylen) == -1)
				return -1;
		}
	}
	return 0;
}

static unsigned
match_all(const struct book *b, const struct conf *conf,
    struct listener_use *use, bool used[BOOK_LISTENERS])
{
	unsigned count = 0;

	for (unsigned i = 0; i < conf->nservices; i++) {
		const struct conf_service *s = &conf->services[i];

		for (size_t n = 0; n < s->listen.n; n++) {
			int at = find(b, s, &s->listen.v[n], used);

			if (at != -1 && use != NULL)
				use[count] = (struct listener_use){
				    .fd = b->listeners[at].fd, .service = i };
			count += at != -1;
		}
	}
	return count;
}

unsigned
listeners_of(const struct book *b, const struct conf *conf,
    struct listener_use use[BOOK_LISTENERS])
{
	bool used[BOOK_LISTENERS] = { false };

	return match_all(b, conf, use, used);
}

static void
tell_slots(struct master *m, int fd)
{
	if (fd < 0 || fd >= 64 * SLOT_GONE)
		return;
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role == SLOT_RETIRING)
			atomic_fetch_or(&m->slot[i].head->gone[fd / 64],
			    UINT64_C(1) << fd % 64);
}

/* False: newcomers can still come.  They may to the service manager's socket:
 * the next start serves them. */
static bool
shut(struct book_listener *l)
{
	if (l->inherited)
		return true;
	if (l->addr.u.sa.sa_family == AF_UNIX) {
		listen_unlink(&l->addr, &l->file);
		return true;
	}
	return listen_filter_syn(l->fd) == 0;
}

static void
shut_unused(struct master *m, const bool used[BOOK_LISTENERS])
{
	bool all = true;

	for (uint32_t i = 0; i < m->book->nlisteners; i++) {
		if (used[i])
			continue;
		all &= shut(&m->book->listeners[i]);
		tell_slots(m, m->book->listeners[i].fd);
	}
	if (!all)
		log_line(LOG_L_INFO, LOG_LISTENER_CLOSE, "without "
		    "CAP_NET_ADMIN newcomers cannot be held off: the last of "
		    "them may be reset");
}

static void
close_unused(struct master *m, const bool used[BOOK_LISTENERS])
{
	struct book *b = m->book;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < b->nlisteners; i++) {
		struct book_listener *l = &b->listeners[i];

		if (!used[i]) {
			shut(l);
			log_listener(l, LOG_LISTENER_CLOSE, "closed");
			fd_close(&l->fd);
		} else if (kept++ != i) {
			b->listeners[kept - 1] = *l;
		}
	}
	b->nlisteners = kept;
}

void
listeners_shut(struct master *m)
{
	const bool none[BOOK_LISTENERS] = { false };

	shut_unused(m, none);
}

/* An address that stays may have come to another service. */
static void
name_again(struct book *b, const struct conf *conf)
{
	bool used[BOOK_LISTENERS] = { false };

	for (unsigned i = 0; i < conf->nservices; i++) {
		const struct conf_service *s = &conf->services[i];

		for (size_t n = 0; n < s->listen.n; n++) {
			int at = find(b, s, &s->listen.v[n], used);

			if (at == -1)
				continue;
			b->listeners[at].service_id =
			    generations_service_id(s);
			snprintf(b->listeners[at].service,
			    sizeof b->listeners[at].service, "%s", s->name);
		}
	}
}

void
listeners_retire(struct master *m, const struct conf *conf)
{
	bool used[BOOK_LISTENERS] = { false };

	name_again(m->book, conf);
	match_all(m->book, conf, NULL, used);
	shut_unused(m, used);
}

void
listeners_close(struct master *m)
{
	const bool none[BOOK_LISTENERS] = { false };

	close_unused(m, none);
}

void
listeners_keep_only(struct master *m, const struct conf *conf)
{
	bool used[BOOK_LISTENERS] = { false };

	match_all(m->book, conf, NULL, used);
	close_unused(m, used);
}
