/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig - the worker's life in pieces: birth, turns, death, audit.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/worker/rig.h"
#include "worker/accept.h"
#include "worker/audit.h"
#include "worker/channel.h"
#include "worker/move.h"
#include "worker/service/service.h"

int
rig_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, RIG_HIGH);

	assert_int_not_equal(high, -1);
	close(fd);
	return high;
}

static int
listener_open(enum rig_net net)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	/* Only a family: the kernel names it. */
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *sa = net == RIG_V6 ? (void *)&v6 :
	    net == RIG_UNIX ? (void *)&un : (void *)&v4;
	socklen_t len = net == RIG_V6 ? sizeof v6 :
	    net == RIG_UNIX ? sizeof un.sun_family : sizeof v4;
	int fd = socket(sa->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, sa, len), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

static void
conf_make(struct rig *r, const char *text)
{
	struct conf_errors e = { .text = NULL };

	r->conf = conf_parse("rig", text, strlen(text),
	    worker_sections(), &e);
	if (r->conf == NULL)
		fail_msg("%s", e.text);
}

void
rig_open(struct rig *r, const char *text)
{
	rig_open_rows(r, text, RIG_ROWS);
}

void
rig_open_rows(struct rig *r, const char *text, uint32_t nrows)
{
	int channel[2];
	unsigned n = 0;

	memset(r, 0, sizeof *r);
	r->now_ms = 1000000;
	conf_make(r, text);
	r->commons = calloc(1, sizeof *r->commons);
	assert_non_null(r->commons);
	r->commons->nslots = 1;
	for (int net = RIG_V4; net < RIG_MORE; net++)
		r->listeners[n++].fd = listener_open((enum rig_net)net);
	for (unsigned s = 1; s < r->conf->nservices; s++)
		r->listeners[n++] = (struct worker_listener){
		    .fd = listener_open(RIG_V4), .service = s };
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, channel), 0);
	r->master_fd = rig_high(channel[1]);
	r->args = (struct worker_args){ .conf = r->conf,
	    .commons = r->commons, .number = 1, .channel_fd = channel[0],
	    .listeners = r->listeners, .nlisteners = n, .keep_fds = r->keep };
	r->slot_fd = slot_create(&r->args.slot, (uint32_t)r->conf->nservices,
	    nrows);
	assert_int_not_equal(r->slot_fd, -1);
	r->slot_fd = rig_high(r->slot_fd);
	r->log_fd = rig_high(open("/dev/null", O_WRONLY | O_CLOEXEC));
	log_open(r->log_fd, LOG_K_FD, LOG_F_JSON, LOG_L_INFO);
	for (int fd = 0; fd < (int)nrows; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			r->keep[r->args.nkeep++] = fd;
}

static bool
is_kept(const struct rig *r, int fd)
{
	for (unsigned i = 0; i < r->args.nkeep; i++)
		if (r->keep[i] == fd)
			return true;
	return false;
}

void
rig_close(struct rig *r)
{
	/* Connections, and the engines of the living and the dead. */
	for (int fd = 0; fd < (int)r->args.slot.nrows; fd++)
		if (!is_kept(r, fd))
			close(fd);
	if (r->w.slot.head != NULL)
		rig_die(r);
	for (unsigned i = 0; i < r->args.nlisteners; i++)
		close(r->listeners[i].fd);
	log_use_batch(NULL);
	slot_unmap(&r->args.slot);
	close(r->slot_fd);
	close(r->master_fd);
	close(r->args.channel_fd);
	close(r->log_fd);
	free(r->commons);
	conf_free(&r->conf);
}

void
rig_worker_open(struct rig *r)
{
	struct worker *w = &r->w;
	unsigned n = r->args.slot.nservices;

	*w = (struct worker){ .args = &r->args, .conf = r->conf,
	    .slot = r->args.slot, .later_head = LATER_END, .reserve_fd = -1,
	    .load = &r->commons->load[0], .engine = engine_find("epoll"),
	    .engine_state = (void *)(intptr_t)-1, .now_ms = r->now_ms,
	    .watch = calloc(r->args.slot.nrows + SLOT_RESERVE,
	    sizeof *w->watch),
	    .later_next = calloc(r->args.slot.nrows, sizeof *w->later_next),
	    .service = calloc(n, sizeof *w->service),
	    .shared = calloc(n, sizeof *w->shared),
	    .nlisteners = r->args.slot.head->deaf ? 0 : r->args.nlisteners,
	    .give.fd = -1,
	    .max_open = r->args.slot.nrows - r->args.nkeep - 8 };
	for (int i = 0; i < SLOT_TAKES; i++)
		w->take_fd[i] = -1;
	assert_int_equal(timers_open(&w->timers, w->slot.nrows), 0);
	assert_int_equal(pool_open(&w->pool, w->slot.nbufs), 0);
	for (unsigned i = 0; i < n; i++) {
		w->service[i] = service_find(r->conf->services[i].handler);
		w->shared[i] = w->service[i]->configure(&r->conf->services[i]);
	}
	log_use_batch(w->slot.log);
}

void
rig_recover(struct rig *r)
{
	struct worker *w = &r->w;
	int kept;

	memset(&r->rec, 0, sizeof r->rec);
	recover_rows(w, &r->rec);
	log_flush_batch(w->slot.log);
	kept = w->engine->open(w);
	assert_int_not_equal(kept, -1);
	r->rec.engine_kept = kept == 1;
	assert_int_equal(w->engine->set(w, r->args.channel_fd, 0, ENGINE_IN,
	    1), 0);
	w->watch[r->args.channel_fd].what = WATCH_CHANNEL;
	recover_resume(w, &r->rec);
	assert_int_equal(accept_open(w), 0);
	w->slot.head->state = SLOT_READY;
}

void
rig_start(struct rig *r)
{
	rig_worker_open(r);
	rig_recover(r);
}

void
rig_die(struct rig *r)
{
	struct worker *w = &r->w;

	munmap(w->timers.when, w->slot.nrows *
	    (sizeof *w->timers.when + 2 * sizeof *w->timers.heap));
	munmap(w->pool.stack, w->slot.nbufs *
	    (sizeof *w->pool.stack + sizeof *w->pool.used));
	for (unsigned i = 0; i < r->args.slot.nservices; i++)
		free((void *)(uintptr_t)w->shared[i]);
	free(w->watch);
	free(w->later_next);
	free(w->service);
	free(w->shared);
	/* Left open as they are: its engine and its reserve descriptor. */
	memset(w, 0, sizeof *w);
}

void
rig_succeed(struct rig *r, int signo)
{
	r->args.slot.head->death = signo;
	rig_die(r);
	rig_start(r);
}

static void
dispatch(struct worker *w, const struct engine_ready *e)
{
	switch (w->watch[e->fd].what) {
	case WATCH_CONN:
		conn_event(w, e->fd, e->gen, e->events);
		break;
	case WATCH_LISTENER:
		accept_some(w, e->fd);
		break;
	case WATCH_CHANNEL:
		channel_read(w);
		break;
	case WATCH_GIVE:
		give_read(w);
		break;
	case WATCH_TAKE:
		take_read(w, e->fd);
		break;
	default:
		break;
	}
}

int
rig_turn(struct rig *r)
{
	static struct engine_ready ready[ENGINE_BATCH];
	struct worker *w = &r->w;
	int n, fd;

	w->now_ms = r->now_ms;
	n = w->engine->wait(w, ready, 0);
	for (int i = 0; i < n; i++)
		dispatch(w, &ready[i]);
	conn_resume_later(w);
	while ((fd = timers_pop(&w->timers, w->now_ms)) != -1) {
		conn_expire(w, fd);
		n++;
	}
	give_some(w);
	accept_review(w);
	return n;
}

void
rig_settle(struct rig *r)
{
	for (int i = 0; i < 100000; i++)
		if (rig_turn(r) == 0 && !conn_any_later(&r->w) &&
		    !give_has_more(&r->w))
			return;
	fail_msg("the worker does not come to rest");
}

void
rig_pass(struct rig *r, int64_t ms)
{
	r->now_ms += ms;
	rig_settle(r);
}
