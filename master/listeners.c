/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listeners - from the config's addresses to descriptors named in the book.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "master/listen.h"
#include "master/listeners.h"

static void
log_listener(const struct master *m, const struct book_listener *l,
    enum log_event ev, const char *msg)
{
	char text[ADDR_TEXT_MAX];
	struct log_rec r;

	log_begin(&r, LOG_L_INFO, ev, "%s", msg);
	log_str(&r, "service", m->conf->services[l->service].name);
	log_str(&r, "address", addr_print(&l->addr.u.sa, l->addr.len, text));
	log_end(&r);
}

static void
warn_backlog(const struct master *m, const struct conf_service *s)
{
	int64_t most = listen_somaxconn();
	struct log_rec r;

	(void)m;
	if (most < 0 || s->backlog <= (uint64_t)most)
		return;
	log_begin(&r, LOG_L_WARN, LOG_CONFIG_WARNING,
	    "backlog %llu is cut to %lld", (unsigned long long)s->backlog,
	    (long long)most);
	log_str(&r, "service", s->name);
	log_str(&r, "hint", "raise the sysctl net.core.somaxconn");
	log_end(&r);
}

/* Fills the entry behind the last; it counts once all of it is there. */
static int
listener_open(struct master *m, unsigned service, const struct addr *a,
    char *why, size_t whylen)
{
	const struct conf_service *s = &m->conf->services[service];
	struct book *b = m->book;
	struct book_listener *l = &b->listeners[b->nlisteners];
	char text[ADDR_TEXT_MAX], what[256];

	*l = (struct book_listener){ .fd = -1, .service = (uint16_t)service,
	    .addr = *a };
	if (listen_open(a, s, &l->fd, what, sizeof what) == -1) {
		snprintf(why, whylen, "service \"%s\": %s: %s", s->name,
		    addr_print(&a->u.sa, a->len, text), what);
		return -1;
	}
	if (a->u.sa.sa_family == AF_UNIX)
		listen_file(a, &l->file);
	else if (getsockname(l->fd, &l->addr.u.sa, &l->addr.len) == -1)
		l->addr = *a;
	b->nlisteners++;
	warn_backlog(m, s);
	log_listener(m, l, LOG_LISTENER_OPEN, "listening");
	return 0;
}

int
listeners_open(struct master *m, char *why, size_t whylen)
{
	for (unsigned i = 0; i < m->conf->nservices; i++) {
		const struct conf_addrs *listen = &m->conf->services[i].listen;

		for (size_t n = 0; n < listen->n; n++) {
			if (m->book->nlisteners == BOOK_LISTENERS) {
				snprintf(why, whylen, "more than %d listen "
				    "addresses", BOOK_LISTENERS);
				return -1;
			}
			if (listener_open(m, i, &listen->v[n], why,
			    whylen) == -1)
				return -1;
		}
	}
	return 0;
}

void
listeners_shut(struct master *m)
{
	static const char without[] = "without CAP_NET_ADMIN newcomers cannot "
	    "be held off: the last of them may be reset";
	bool said = false;

	for (uint32_t i = 0; i < m->book->nlisteners; i++) {
		struct book_listener *l = &m->book->listeners[i];

		if (l->addr.u.sa.sa_family == AF_UNIX) {
			listen_unlink(&l->addr, &l->file);
		} else if (listen_filter_syn(l->fd) == -1 && !said) {
			log_line(LOG_L_INFO, LOG_LISTENER_CLOSE, "%s", without);
			said = true;
		}
	}
}

void
listeners_close(struct master *m)
{
	for (uint32_t i = 0; i < m->book->nlisteners; i++) {
		struct book_listener *l = &m->book->listeners[i];

		log_listener(m, l, LOG_LISTENER_CLOSE, "closed");
		fd_close(&l->fd);
	}
	m->book->nlisteners = 0;
}
