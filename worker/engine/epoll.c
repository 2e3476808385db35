/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll - level-triggered epoll(7).
 *
 * The successor of a worker that was killed goes on with its set, which is in
 * the table like everything else: to add 10,000 connections to a new one, and
 * to take the old one apart, would cost 20 ms.  A set of one that crashed is
 * not trusted (recover.c forgets it).
 */
#include <sys/epoll.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "worker/state.h"

static int
epoll_fd(const struct worker *w)
{
	return (int)(intptr_t)w->engine_state;
}

static int
epoll_open(struct worker *w)
{
	struct slot_head *h = w->slot.head;
	int fd = h->engine_fd - 1;

	/* Either answer says that it is a set. */
	if (fd != -1 && (epoll_ctl(fd, EPOLL_CTL_DEL, w->args->channel_fd,
	    NULL) == 0 || errno == ENOENT)) {
		w->engine_state = (void *)(intptr_t)fd;
		return 1;
	}
	fd = epoll_create1(EPOLL_CLOEXEC);
	w->engine_state = (void *)(intptr_t)fd;
	h->engine_fd = fd + 1;
	return fd == -1 ? -1 : 0;
}

static int
epoll_set(struct worker *w, int fd, uint32_t gen, uint32_t events, int fresh)
{
	struct epoll_event ev = {
	    .data.u64 = (uint64_t)gen << 32 | (uint32_t)fd };

	if (events & ENGINE_IN)
		ev.events |= EPOLLIN;
	if (events & ENGINE_OUT)
		ev.events |= EPOLLOUT;
	if (events & ENGINE_SHARED)
		ev.events |= EPOLLEXCLUSIVE;
	if (!fresh)
		return epoll_ctl(epoll_fd(w), EPOLL_CTL_MOD, fd, &ev);
	if (epoll_ctl(epoll_fd(w), EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	/* A predecessor's: an exclusive one can only be replaced. */
	if (errno != EEXIST ||
	    epoll_ctl(epoll_fd(w), EPOLL_CTL_DEL, fd, NULL) == -1)
		return -1;
	return epoll_ctl(epoll_fd(w), EPOLL_CTL_ADD, fd, &ev);
}

static void
epoll_forget(struct worker *w, int fd)
{
	/* The keeper's table is this one, so close(2) alone would do for a
	 * connection; a listener stays open elsewhere and must be taken out. */
	epoll_ctl(epoll_fd(w), EPOLL_CTL_DEL, fd, NULL);
}

static int
epoll_wait_ready(struct worker *w, struct engine_ready *ready, int timeout_ms)
{
	struct epoll_event ev[ENGINE_BATCH];
	int n = epoll_wait(epoll_fd(w), ev, ENGINE_BATCH, timeout_ms);

	if (n == -1)
		return errno == EINTR ? 0 : -1;
	for (int i = 0; i < n; i++) {
		ready[i] = (struct engine_ready){
			.fd = (int)(uint32_t)ev[i].data.u64,
			.gen = (uint32_t)(ev[i].data.u64 >> 32),
			.events = (ev[i].events & EPOLLIN ? ENGINE_IN : 0) |
			    (ev[i].events & EPOLLOUT ? ENGINE_OUT : 0) |
			    (ev[i].events & (EPOLLERR | EPOLLHUP) ?
			    ENGINE_ERR : 0),
		};
	}
	return n;
}

const struct engine engine_epoll = {
	.name = "epoll",
	.open = epoll_open,
	.set = epoll_set,
	.forget = epoll_forget,
	.wait = epoll_wait_ready,
};
