/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send_loop - all connections of the TCP client, in one poll loop.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "master/cli/send.h"

struct loop {
	struct send_conn *conns;
	struct pollfd *fds;		/* one each, then the input's */
	size_t n;
};

static int
loop_open(struct loop *l, size_t n)
{
	size_t i;

	l->n = n;
	l->conns = calloc(n, sizeof(*l->conns));
	l->fds = calloc(n + 1, sizeof(*l->fds));
	if (l->conns == NULL || l->fds == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		l->conns[i].number = (unsigned)i + 1;
		l->conns[i].fd = -1;
	}
	return 0;
}

static void
loop_close(struct loop *l)
{
	size_t i;

	for (i = 0; l->conns != NULL && i < l->n; i++)
		fd_close(&l->conns[i].fd);
	free(l->conns);
	free(l->fds);
}

/* What is due, then what to wait for.  Returns until when: INT64_MIN when all
 * have ended. */
static int64_t
loop_prepare(struct loop *l, struct send_run *r)
{
	struct pollfd *input = &l->fds[l->n];
	int64_t due_ms, nearest_ms = INT64_MAX;
	bool is_alive = false;
	size_t i;

	*input = (struct pollfd){ .fd = -1, .events = POLLIN };
	for (i = 0; i < l->n; i++) {
		struct send_conn *c = &l->conns[i];

		send_conn_tick(r, c);
		l->fds[i] = (struct pollfd){ .fd = c->fd,
		    .events = send_conn_events(r, c) };
		if (send_conn_wants_input(r, c))
			input->fd = r->input.fd;
		due_ms = send_conn_due_ms(r, c);
		nearest_ms = due_ms < nearest_ms ? due_ms : nearest_ms;
		is_alive = is_alive || c->state != SEND_ENDED;
	}
	return is_alive ? nearest_ms : INT64_MIN;
}

static void
read_input(struct loop *l, struct send_run *r)
{
	struct send_conn *c = &l->conns[0];	/* a stream has one */

	if (send_input_read(&r->input, c->sent) == -1) {
		send_say_failure(r, c, "cannot read what to send: %s",
		    strerror(errno));
		r->is_broken = true;
	}
}

static int
poll_timeout(int64_t now_ms, int64_t until_ms)
{
	int64_t left_ms = until_ms - now_ms;

	if (until_ms == INT64_MAX)
		return -1;
	return left_ms < 0 ? 0 : left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

int
send_loop(struct send_run *r)
{
	struct loop l = { 0 };
	int64_t until_ms;
	size_t i;
	int rc = loop_open(&l, (size_t)r->parallel);

	while (rc == 0 && !r->is_broken) {
		r->now_ms = clock_mono_ms();
		until_ms = loop_prepare(&l, r);
		if (until_ms == INT64_MIN)
			break;
		rc = poll(l.fds, l.n + 1, poll_timeout(r->now_ms, until_ms));
		if (rc == -1 && errno == EINTR) {
			rc = 0;
			continue;
		}
		if (rc == -1)
			break;
		rc = 0;
		r->now_ms = clock_mono_ms();
		if (l.fds[l.n].revents != 0)
			read_input(&l, r);
		for (i = 0; i < l.n; i++)
			if (l.fds[i].revents != 0)
				send_conn_event(r, &l.conns[i],
				    l.fds[i].revents);
	}
	loop_close(&l);
	return rc;
}
