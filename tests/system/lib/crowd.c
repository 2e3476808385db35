/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd - the guests' rounds, driven by epoll and, for the slow and the
 * resting ones, by the clock.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"
#include "tests/system/lib/crowd.h"

enum {
	EVENTS = 256, PIECE = 16384, SHOWN = 8,
	TICK_MS = 3,			/* for those whom the clock drives */
	PATIENCE_MS = LIMIT_MS		/* without a byte, a guest is lost */
};

enum guest_state { G_RESTS, G_AT_IT, G_GONE };

struct guest {
	const struct crowd_manner *m;
	const char *addr;
	enum guest_state state;
	int fd;				/* -1: not connected */
	bool shut;
	uint64_t seed, len, want, sent, got;
	int64_t due_ms;			/* the next round, or patience ends */
};

struct crowd {
	int ep;
	uint64_t random;
	int64_t tick_ms;
	size_t n, shown;
	bool ending;
	struct guest *v;
	struct crowd_sum sum;
};

static void
guest_lost(struct crowd *c, struct guest *g, const char *why)
{
	c->sum.lost++;
	fd_close(&g->fd);
	g->state = G_GONE;
	if (c->shown++ < SHOWN)
		print_message("a guest (%s): %s; sent %llu of %llu, got %llu "
		    "of %llu\n", g->m->name, why, (unsigned long long)g->sent,
		    (unsigned long long)g->len, (unsigned long long)g->got,
		    (unsigned long long)g->want);
}

static void
guest_rest(struct crowd *c, struct guest *g)
{
	g->state = c->ending ? G_GONE : G_RESTS;
	g->due_ms = clock_mono_ms() + (g->m->pause_ms == 0 ? 0 :
	    (int64_t)(test_random(&c->random) % g->m->pause_ms));
}

static void
guest_done(struct crowd *c, struct guest *g)
{
	c->sum.rounds++;
	if (g->m->leaves || g->m->fin)
		fd_close(&g->fd);
	guest_rest(c, g);
}

static bool
guest_connect(struct crowd *c, struct guest *g)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

	if (g->fd != -1)
		return true;
	g->fd = g->m->tight ? client_open_tight(g->addr) : client_try(g->addr);
	if (g->fd == -1) {
		guest_lost(c, g, strerror(errno));
		return false;
	}
	/* By index: the array grows with crowd_add(). */
	ev.data.u64 = (uint64_t)(g - c->v);
	assert_int_equal(epoll_ctl(c->ep, EPOLL_CTL_ADD, g->fd, &ev), 0);
	return true;
}

static void
guest_begin(struct crowd *c, struct guest *g)
{
	if (!guest_connect(c, g))
		return;
	g->state = G_AT_IT;
	g->shut = false;
	g->sent = g->got = 0;
	g->seed = test_random(&c->random);
	g->len = g->m->ask != NULL ? strlen(g->m->ask) :
	    1 + test_random(&c->random) % g->m->len_max;
	g->want = g->m->answer != NULL ? strlen(g->m->answer) : g->len;
	g->due_ms = clock_mono_ms() + PATIENCE_MS;
}

/* Returns false when the guest is lost. */
static bool
guest_send(struct crowd *c, struct guest *g)
{
	char buf[PIECE];
	size_t len;
	ssize_t n;

	while (g->sent < g->len) {
		len = (size_t)(g->len - g->sent);
		len = len < sizeof buf ? len : sizeof buf;
		if (g->m->ask != NULL)
			memcpy(buf, g->m->ask + g->sent, len);
		else
			pattern_fill(g->seed, g->sent, buf, len);
		n = send(g->fd, buf, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EAGAIN)
			return true;
		if (n == -1) {
			guest_lost(c, g, strerror(errno));
			return false;
		}
		g->sent += (uint64_t)n;
	}
	if (g->m->fin && !g->shut && shutdown(g->fd, SHUT_WR) == -1) {
		guest_lost(c, g, "shutdown");
		return false;
	}
	g->shut = g->m->fin;
	return true;
}

static bool
is_right(const struct guest *g, const char *buf, size_t n)
{
	if (g->got + n > g->want)
		return false;
	if (g->m->answer != NULL)
		return memcmp(g->m->answer + g->got, buf, n) == 0;
	return g->got + n <= g->sent &&
	    pattern_check(g->seed, g->got, buf, n) == n;
}

/* Whether the round ends with the last byte, or with the EOF behind it. */
static bool
ends_by_eof(const struct guest *g)
{
	return g->m->fin || (g->m->leaves && g->m->answer != NULL);
}

static void
guest_recv(struct crowd *c, struct guest *g)
{
	char buf[PIECE];
	size_t most = g->m->read_max > 0 ? g->m->read_max : sizeof buf;
	ssize_t n;

	do {
		n = recv(g->fd, buf, most, 0);
		if (n == -1 && errno == EAGAIN)
			return;
		g->due_ms = clock_mono_ms() + PATIENCE_MS;
		if (n == -1) {
			guest_lost(c, g, strerror(errno));
		} else if (n == 0 && ends_by_eof(g) && g->got == g->want) {
			guest_done(c, g);
		} else if (n == 0) {
			guest_lost(c, g, "EOF too early");
		} else if (g->state != G_AT_IT ||
		    !is_right(g, buf, (size_t)n)) {
			c->sum.wrong++;
			guest_lost(c, g, "a wrong byte");
		} else {
			g->got += (uint64_t)n;
			c->sum.bytes += (uint64_t)n;
			if (g->got == g->want && !ends_by_eof(g))
				guest_done(c, g);
		}
	} while (g->fd != -1 && g->state == G_AT_IT && g->m->read_max == 0);
}

static void
guest_turn(struct crowd *c, struct guest *g)
{
	if (g->state == G_GONE || g->fd == -1)
		return;
	if (g->state == G_AT_IT && !guest_send(c, g))
		return;
	guest_recv(c, g);
}

/* Who rests may begin, who reads slowly reads, who waits too long is lost. */
static void
tick(struct crowd *c, int64_t now_ms)
{
	struct guest *g;

	for (g = c->v; g < c->v + c->n; g++) {
		if (g->state == G_RESTS && g->due_ms <= now_ms) {
			guest_begin(c, g);
			guest_turn(c, g);
		} else if (g->state == G_AT_IT && g->due_ms <= now_ms) {
			guest_lost(c, g, "nothing comes");
		} else if (g->state == G_AT_IT && g->m->read_max > 0) {
			guest_turn(c, g);
		}
	}
}

void
crowd_step(struct crowd *c)
{
	struct epoll_event evs[EVENTS];
	int64_t now_ms = clock_mono_ms();
	struct guest *g;
	int i, n = epoll_wait(c->ep, evs, EVENTS, 0);

	for (i = 0; i < n; i++) {
		g = &c->v[evs[i].data.u64];
		if (g->m->read_max == 0 || g->state != G_AT_IT)
			guest_turn(c, g);
	}
	if (now_ms >= c->tick_ms) {
		tick(c, now_ms);
		c->tick_ms = now_ms + TICK_MS;
	}
}

struct crowd *
crowd_open(uint64_t seed)
{
	struct crowd *c = calloc(1, sizeof *c);

	assert_non_null(c);
	c->random = seed;
	c->ep = epoll_create1(EPOLL_CLOEXEC);
	assert_int_not_equal(c->ep, -1);
	return c;
}

void
crowd_add(struct crowd *c, const struct crowd_manner *manner, const char *addr)
{
	struct guest *more = realloc(c->v, (c->n + manner->n) * sizeof *more);
	size_t i;

	assert_non_null(more);
	c->v = more;
	for (i = 0; i < manner->n; i++) {
		c->v[c->n] = (struct guest){ .m = manner, .addr = addr,
		    .fd = -1 };
		guest_connect(c, &c->v[c->n++]);
		guest_rest(c, &c->v[c->n - 1]);
	}
	c->sum.guests += manner->n;
}

int
crowd_fd(const struct crowd *c)
{
	return c->ep;
}

struct crowd_sum
crowd_sum(const struct crowd *c)
{
	return c->sum;
}

/* One more round of each who rests proves that its connection still lives. */
static void
last_rounds(struct crowd *c)
{
	struct guest *g;

	c->ending = true;
	for (g = c->v; g < c->v + c->n; g++)
		if (g->state == G_RESTS)
			g->due_ms = 0;
}

struct crowd_sum
crowd_finish(struct crowd **cp)
{
	struct crowd *c = *cp;
	struct crowd_sum sum;
	struct pollfd p = { .fd = c->ep, .events = POLLIN };
	size_t i, left;

	last_rounds(c);
	do {
		poll(&p, 1, TICK_MS);
		crowd_step(c);
		for (i = left = 0; i < c->n; i++)
			left += c->v[i].state != G_GONE;
	} while (left > 0);
	for (i = 0; i < c->n; i++)
		fd_close(&c->v[i].fd);
	sum = c->sum;
	close(c->ep);
	free(c->v);
	free(c);
	*cp = NULL;
	return sum;
}
