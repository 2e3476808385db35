/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream - echo connections under load, every byte checked.
 *
 * A stream that is reset or ends early is lost, one with a byte that does not
 * fit its position is wrong; the first of either is printed, the test decides.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"

enum { CHUNK = 65536, EVENTS = 256 };

enum stream_state { STREAM_OPEN, STREAM_SHUT, STREAM_DONE, STREAM_LOST,
	STREAM_WRONG };

struct stream {
	int fd;
	enum stream_state state;
	bool waits_room;		/* EPOLLOUT is asked for */
	uint64_t seed, sent, got;
};

struct streams {
	int ep;
	size_t n, window;
	uint64_t bytes;
	bool shown;
	struct stream v[];
};

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

void
pattern_fill(uint64_t seed, uint64_t pos, void *buf, size_t len)
{
	unsigned char *p = buf;
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < len; i++, pos++) {
		if (i == 0 || pos % 8 == 0)
			word = mix(mix(seed) ^ pos / 8);
		p[i] = (unsigned char)(word >> pos % 8 * 8);
	}
}

size_t
pattern_check(uint64_t seed, uint64_t pos, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < len; i++, pos++) {
		if (i == 0 || pos % 8 == 0)
			word = mix(mix(seed) ^ pos / 8);
		if (p[i] != (unsigned char)(word >> pos % 8 * 8))
			break;
	}
	return i;
}

static void
end(struct streams *s, struct stream *t, enum stream_state state,
    const char *why)
{
	t->state = state;
	fd_close(&t->fd);
	if (state == STREAM_DONE || s->shown)
		return;
	s->shown = true;
	print_message("stream %zu of %zu: %s; sent %llu, got %llu\n",
	    (size_t)(t - s->v), s->n, why, (unsigned long long)t->sent,
	    (unsigned long long)t->got);
}

static void
ask(struct streams *s, struct stream *t, int op, bool room)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = t };

	if (room)
		ev.events |= EPOLLOUT;
	t->waits_room = room;
	if (epoll_ctl(s->ep, op, t->fd, &ev) == -1)
		fail_msg("epoll_ctl: %s", strerror(errno));
}

struct streams *
streams_open(size_t n, const char *addr, size_t window)
{
	struct streams *s = calloc(1, sizeof *s + n * sizeof s->v[0]);
	size_t i;

	assert_non_null(s);
	s->ep = epoll_create1(EPOLL_CLOEXEC);
	assert_int_not_equal(s->ep, -1);
	s->n = n;
	s->window = window;
	for (i = 0; i < n; i++) {
		s->v[i].seed = i + 1;
		s->v[i].fd = client_open(addr);
		ask(s, &s->v[i], EPOLL_CTL_ADD, true);
	}
	return s;
}

/* Pieces of changing length, so that nothing lies on round positions. */
static void
feed(struct streams *s, struct stream *t)
{
	char buf[CHUNK];
	size_t len, room;
	ssize_t n;

	while (t->state == STREAM_OPEN && t->sent - t->got < s->window) {
		room = s->window - (size_t)(t->sent - t->got);
		len = 1 + mix(t->seed ^ t->sent) % sizeof buf;
		if (len > room)
			len = room;
		pattern_fill(t->seed, t->sent, buf, len);
		n = send(t->fd, buf, len, MSG_NOSIGNAL);
		if (n > 0)
			t->sent += (uint64_t)n;
		if (n == -1 && errno != EAGAIN)
			end(s, t, STREAM_LOST, strerror(errno));
		if (n != (ssize_t)len)
			break;
	}
}

static void
take(struct streams *s, struct stream *t)
{
	char buf[CHUNK];
	ssize_t n;

	while (t->fd != -1) {
		n = recv(t->fd, buf, sizeof buf, 0);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			end(s, t, STREAM_LOST, strerror(errno));
		else if (n == 0)
			end(s, t, t->state == STREAM_SHUT && t->got == t->sent ?
			    STREAM_DONE : STREAM_LOST, "EOF too early");
		else if (t->got + (uint64_t)n > t->sent ||
		    pattern_check(t->seed, t->got, buf, (size_t)n) != (size_t)n)
			end(s, t, STREAM_WRONG, "a wrong byte");
		else {
			t->got += (uint64_t)n;
			s->bytes += (uint64_t)n;
		}
	}
}

int
streams_fd(const struct streams *s)
{
	return s->ep;
}

void
streams_step(struct streams *s, int ms)
{
	struct epoll_event evs[EVENTS];
	struct stream *t;
	int i, n = epoll_wait(s->ep, evs, EVENTS, ms);
	bool room;

	for (i = 0; i < n; i++) {
		t = evs[i].data.ptr;
		take(s, t);
		feed(s, t);
		room = t->state == STREAM_OPEN && t->sent - t->got < s->window;
		if (t->fd != -1 && room != t->waits_room)
			ask(s, t, EPOLL_CTL_MOD, room);
	}
}

struct streams_sum
streams_sum(const struct streams *s)
{
	struct streams_sum sum = { .bytes = s->bytes, .least = UINT64_MAX };
	size_t i;

	for (i = 0; i < s->n; i++) {
		sum.open += s->v[i].fd != -1;
		sum.lost += s->v[i].state == STREAM_LOST;
		sum.wrong += s->v[i].state == STREAM_WRONG;
		if (s->v[i].fd != -1 && s->v[i].got < sum.least)
			sum.least = s->v[i].got;
	}
	return sum;
}

void
streams_flow(struct streams *s, uint64_t bytes_each)
{
	uint64_t want = streams_sum(s).least + bytes_each, before;
	int64_t deadline = test_deadline_ms();
	struct streams_sum sum;

	for (;;) {
		sum = streams_sum(s);
		if (sum.open == 0 || sum.least >= want)
			return;
		before = s->bytes;
		streams_step(s, test_left_ms(deadline));
		if (s->bytes != before)
			deadline = test_deadline_ms();
		else if (test_left_ms(deadline) == 0)
			fail_msg("%zu streams stand still, the slowest at %llu",
			    sum.open, (unsigned long long)sum.least);
	}
}

struct streams_sum
streams_finish(struct streams **sp)
{
	struct streams *s = *sp;
	int64_t deadline = test_deadline_ms();
	struct streams_sum sum;
	uint64_t before;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].fd == -1)
			continue;
		s->v[i].state = STREAM_SHUT;
		if (shutdown(s->v[i].fd, SHUT_WR) == -1)
			end(s, &s->v[i], STREAM_LOST, strerror(errno));
		else
			ask(s, &s->v[i], EPOLL_CTL_MOD, false);
	}
	while ((sum = streams_sum(s)).open > 0) {
		if (test_left_ms(deadline) == 0)
			fail_msg("%zu streams do not end", sum.open);
		before = s->bytes;
		streams_step(s, test_left_ms(deadline));
		if (s->bytes != before)
			deadline = test_deadline_ms();
	}
	close(s->ep);
	free(s);
	*sp = NULL;
	return sum;
}
