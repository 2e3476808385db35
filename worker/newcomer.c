/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newcomer - the scan of the descriptor table against the rows.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "worker/accept.h"
#include "worker/newcomer.h"

/* A fresh descriptor is the lowest free one, so it lies hardly above those
 * that were in use; infrastructure of a slot needs fewer than these. */
enum { ABOVE_HIGH = 64 };

static bool
is_kept(const struct worker *w, int fd)
{
	for (unsigned i = 0; i < w->args->nkeep; i++)
		if (w->args->keep_fds[i] == fd)
			return true;
	return fd == w->slot.head->engine_fd - 1;
}

static bool
is_wildcard6(const struct sockaddr_in6 *a)
{
	return IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
}

/* Whether a socket bound to `own` was accepted on listener address `l`. */
static bool
came_by(const struct sockaddr_storage *own, socklen_t len,
    const struct sockaddr_storage *l, socklen_t llen)
{
	const struct sockaddr_in *o4 = (const void *)own, *l4 = (const void *)l;
	const struct sockaddr_in6 *o6 = (const void *)own,
	    *l6 = (const void *)l;

	if (own->ss_family != l->ss_family)
		return false;
	switch (own->ss_family) {
	case AF_INET:
		return o4->sin_port == l4->sin_port &&
		    (l4->sin_addr.s_addr == htonl(INADDR_ANY) ||
		    l4->sin_addr.s_addr == o4->sin_addr.s_addr);
	case AF_INET6:
		return o6->sin6_port == l6->sin6_port && (is_wildcard6(l6) ||
		    IN6_ARE_ADDR_EQUAL(&o6->sin6_addr, &l6->sin6_addr));
	default:
		/* An unnamed unix socket (a channel) came by no listener. */
		return len > sizeof own->ss_family && len == llen &&
		    memcmp(own, l, len) == 0;
	}
}

/* The listener whose address the socket has, or nlisteners. */
static unsigned
listener_of(const struct worker *w, int fd)
{
	struct sockaddr_storage own, peer, l;
	socklen_t len = sizeof own, plen = sizeof peer;
	unsigned i = w->nlisteners, n = i;

	memset(&own, 0, sizeof own);
	if (getpeername(fd, (struct sockaddr *)&peer, &plen) == -1 ||
	    getsockname(fd, (struct sockaddr *)&own, &len) == -1)
		return n;
	for (i = 0; i < n; i++) {
		socklen_t llen = sizeof l;

		memset(&l, 0, sizeof l);
		if (getsockname(w->args->listeners[i].fd,
		    (struct sockaddr *)&l, &llen) != -1 && llen >= 2 &&
		    came_by(&own, len, &l, llen))
			return i;
	}
	return n;
}

static uint32_t
scan_end(const struct worker *w)
{
	uint32_t end = w->slot.head->high + ABOVE_HIGH;

	return end < w->slot.nrows ? end : w->slot.nrows;
}

uint32_t
newcomer_sweep(struct worker *w)
{
	/* Cut short in a take: what has no row is the giver's still. */
	bool taking = w->slot.head->hand.phase == HAND_TAKE;
	uint32_t end = scan_end(w), n = 0;

	for (uint32_t fd = 0; fd < end; fd++) {
		if (w->slot.rows[fd].state != ROW_FREE ||
		    is_kept(w, (int)fd) || fcntl((int)fd, F_GETFD) == -1)
			continue;
		if (!taking &&
		    listener_of(w, (int)fd) < w->nlisteners)
			n++;
		else
			close((int)fd);
	}
	return n;
}

void
newcomer_begin(struct worker *w, uint32_t n)
{
	uint32_t end = scan_end(w);

	for (uint32_t fd = 0; fd < end && n > 0; fd++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof peer;
		unsigned listener;

		if (w->slot.rows[fd].state != ROW_FREE || is_kept(w, (int)fd) ||
		    getpeername((int)fd, (struct sockaddr *)&peer, &len) == -1)
			continue;
		listener = listener_of(w, (int)fd);
		if (listener == w->nlisteners)
			continue;
		n--;
		accept_take(w, (int)fd, listener, (struct sockaddr *)&peer,
		    len);
	}
}
