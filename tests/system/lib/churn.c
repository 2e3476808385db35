/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * churn - short echo connections that come and go, every byte checked.
 *
 * Each visit sends up to VISIT_MAX bytes and ends in one of three ways: its FIN
 * follows its last byte, or comes when all was echoed, or it just closes then.
 * A visit that is refused, reset, or ended early is lost.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/belay.h"

enum { VISIT_MAX = 40000, EVENTS = 64 };

enum manner { FIN_EARLY, FIN_LATE, JUST_CLOSE, NMANNERS };

struct visit {
	int fd;				/* -1: nobody */
	enum manner manner;
	bool shut;
	uint64_t seed, len, sent, got;
};

struct churn {
	int ep;
	size_t n;
	const char *addr;
	uint64_t random;
	bool ending, shown;
	struct churn_sum sum;
	struct visit v[];
};

static void	visit_begin(struct churn *c, struct visit *v);

static void
visit_end(struct churn *c, struct visit *v, const char *why)
{
	fd_close(&v->fd);
	if (why == NULL)
		c->sum.done++;
	else
		c->sum.lost++;
	if (why != NULL && !c->shown) {
		c->shown = true;
		print_message("a visit (%d): %s; sent %llu of %llu, got %llu\n",
		    (int)v->manner, why, (unsigned long long)v->sent,
		    (unsigned long long)v->len, (unsigned long long)v->got);
	}
	visit_begin(c, v);
}

static void
visit_begin(struct churn *c, struct visit *v)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT,
	    .data.ptr = v };

	*v = (struct visit){ .fd = -1 };
	if (c->ending)
		return;
	v->seed = test_random(&c->random);
	v->len = 1 + test_random(&c->random) % VISIT_MAX;
	v->manner = test_random(&c->random) % NMANNERS;
	v->fd = client_try(c->addr);
	if (v->fd == -1)
		fail_msg("%s: %s", c->addr, strerror(errno));
	if (epoll_ctl(c->ep, EPOLL_CTL_ADD, v->fd, &ev) == -1)
		fail_msg("epoll_ctl: %s", strerror(errno));
}

static void
visit_shut(struct churn *c, struct visit *v)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = v };

	v->shut = v->manner == FIN_EARLY ||
	    (v->manner == FIN_LATE && v->got == v->len);
	if (v->shut)
		shutdown(v->fd, SHUT_WR);
	epoll_ctl(c->ep, EPOLL_CTL_MOD, v->fd, &ev);
}

/* NULL, or why the visit is lost. */
static const char *
visit_send(struct churn *c, struct visit *v)
{
	char buf[8192];
	size_t len;
	ssize_t n;

	while (v->sent < v->len) {
		len = v->len - v->sent < sizeof buf ?
		    (size_t)(v->len - v->sent) : sizeof buf;
		pattern_fill(v->seed, v->sent, buf, len);
		n = send(v->fd, buf, len, MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN ? NULL : strerror(errno);
		v->sent += (uint64_t)n;
		if (v->sent == v->len)
			visit_shut(c, v);
	}
	return NULL;
}

/* True: it is over, and *why is NULL or why it is lost. */
static bool
visit_recv(struct churn *c, struct visit *v, const char **why)
{
	char buf[8192];
	ssize_t n;

	for (;;) {
		n = recv(v->fd, buf, sizeof buf, 0);
		if (n == -1 && errno == EAGAIN)
			return false;
		*why = n == -1 ? strerror(errno) : NULL;
		if (n == 0 && (!v->shut || v->got < v->len))
			*why = "EOF too early";
		if (n <= 0)
			return true;
		if (pattern_check(v->seed, v->got, buf, (size_t)n) !=
		    (size_t)n || v->got + (uint64_t)n > v->sent) {
			*why = "a wrong byte";
			c->sum.wrong++;
			return true;
		}
		v->got += (uint64_t)n;
		if (v->got < v->len)
			continue;
		if (v->manner == JUST_CLOSE)
			return true;
		if (!v->shut)
			visit_shut(c, v);
	}
}

struct churn *
churn_open(size_t n, const char *addr, uint64_t seed)
{
	struct churn *c = calloc(1, sizeof *c + n * sizeof c->v[0]);
	size_t i;

	assert_non_null(c);
	c->ep = epoll_create1(EPOLL_CLOEXEC);
	assert_int_not_equal(c->ep, -1);
	c->n = n;
	c->addr = addr;
	c->random = seed;
	for (i = 0; i < n; i++)
		visit_begin(c, &c->v[i]);
	return c;
}

int
churn_fd(const struct churn *c)
{
	return c->ep;
}

int
churn_step(struct churn *c, int ms)
{
	struct epoll_event evs[EVENTS];
	const char *why;
	struct visit *v;
	int i, n = epoll_wait(c->ep, evs, EVENTS, ms);
	bool over;

	for (i = 0; i < n; i++) {
		v = evs[i].data.ptr;
		over = visit_recv(c, v, &why);
		if (!over && (why = visit_send(c, v)) != NULL)
			over = true;
		if (over)
			visit_end(c, v, why);
	}
	return n;
}

struct churn_sum
churn_finish(struct churn **cp)
{
	struct churn *c = *cp;
	struct churn_sum sum;
	size_t i, open;

	c->ending = true;
	do {
		for (i = open = 0; i < c->n; i++)
			open += c->v[i].fd != -1;
		if (open > 0 && churn_step(c, LIMIT_MS) <= 0)
			fail_msg("%zu visits do not end", open);
	} while (open > 0);
	sum = c->sum;
	close(c->ep);
	free(c);
	*cp = NULL;
	return sum;
}
