/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send_conn - one connection of the TCP client.
 *
 * Sending and receiving never wait for each other, so a peer that sends back
 * faster than we send, or stops reading until we read, blocks nothing.
 */
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "master/cli/send.h"

static bool
is_last_round(const struct send_run *r, const struct send_conn *c)
{
	return c->round >= r->repeat;
}

/* The round is over when the peer closes, and not before. */
static bool
waits_for_close(const struct send_run *r, const struct send_conn *c)
{
	return r->half_close || (r->wait && is_last_round(r, c));
}

static bool
waits_for_input(struct send_run *r, const struct send_conn *c)
{
	const char *p;

	return r->input.kind == SEND_STREAM && !c->is_sent &&
	    send_input_peek(&r->input, 0, c->sent, c->len, &p) == -1;
}

static void
end_round(struct send_run *r, struct send_conn *c, bool is_ok)
{
	r->rounds++;
	r->failed += is_ok ? 0 : 1;
	send_note_flush(r, c);
	c->state = is_last_round(r, c) ? SEND_ENDED : SEND_IDLE;
	if (!is_ok || r->half_close || c->state == SEND_ENDED)
		fd_close(&c->fd);
}

static const char *
addr_text(const struct send_run *r, const struct send_conn *c, char *buf)
{
	const struct addr *a = &r->target.v[c->addr];

	return addr_print(&a->u.sa, a->len, buf);
}

static void try_addrs(struct send_run *r, struct send_conn *c);

/* This address did not work: the next, or the round has failed. */
static void
connect_failed(struct send_run *r, struct send_conn *c, const char *why)
{
	char text[ADDR_TEXT_MAX];

	fd_close(&c->fd);
	if (c->addr + 1 < r->target.n) {
		send_say(r, c, "%s: %s; trying the next address",
		    addr_text(r, c, text), why);
		c->addr++;
		try_addrs(r, c);
		return;
	}
	send_say_failure(r, c, "%s: %s", addr_text(r, c, text), why);
	end_round(r, c, false);
}

static void
connected(struct send_run *r, struct send_conn *c)
{
	char to[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX];
	struct addr a = { .len = sizeof(a.u) };

	if (getsockname(c->fd, &a.u.sa, &a.len) == -1)
		a.len = 0;
	send_say(r, c, "connected to %s from %s in %.1f ms",
	    addr_text(r, c, to), addr_print(&a.u.sa, a.len, from),
	    (double)(clock_mono_us() - c->start_us) / 1000);
	c->state = SEND_TALKING;
	c->active_ms = r->now_ms;
}

static void
try_addrs(struct send_run *r, struct send_conn *c)
{
	const struct addr *a = &r->target.v[c->addr];

	c->start_us = clock_mono_us();
	c->active_ms = r->now_ms;
	c->state = SEND_CONNECTING;
	c->fd = socket(a->u.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd != -1 && connect(c->fd, &a->u.sa, a->len) == 0)
		connected(r, c);
	else if (c->fd == -1 || errno != EINPROGRESS)
		connect_failed(r, c, strerror(errno));
}

static void
begin_round(struct send_run *r, struct send_conn *c)
{
	c->round++;
	c->begun_ms = c->active_ms = r->now_ms;
	c->len = send_input_begin(&r->input, &c->seed);
	c->sent = c->got = 0;
	c->errnum = 0;
	c->is_sent = false;
	if (c->fd != -1) {
		c->state = SEND_TALKING;
		return;
	}
	c->addr = 0;
	try_addrs(r, c);
}

/* After it was said why. */
static void
fail_round(struct send_run *r, struct send_conn *c)
{
	if (c->state != SEND_IDLE) {
		end_round(r, c, false);
		return;
	}
	r->failed++;			/* between two rounds */
	fd_close(&c->fd);
}

static void
broken(struct send_run *r, struct send_conn *c, int errnum)
{
	send_say_failure(r, c, "%s", errnum == ECONNRESET ? "reset by peer" :
	    strerror(errnum));
	fail_round(r, c);
}

static void
peer_closed(struct send_run *r, struct send_conn *c)
{
	bool is_ok = true;

	send_say(r, c, "peer closed");
	if (c->state == SEND_IDLE) {
		fd_close(&c->fd);
		return;
	}
	if (r->input.kind == SEND_RANDOM && c->got < c->len) {
		send_say_failure(r, c, "%llu of %llu bytes came back",
		    (unsigned long long)c->got, (unsigned long long)c->len);
		is_ok = false;
	} else if (c->len != UINT64_MAX && c->sent < c->len) {
		send_say_failure(r, c, "%llu of %llu bytes were sent",
		    (unsigned long long)c->sent, (unsigned long long)c->len);
		is_ok = false;
	}
	end_round(r, c, is_ok);
	fd_close(&c->fd);
}

/* n bytes came; true if they are what was sent. */
static bool
check_random(struct send_run *r, struct send_conn *c, size_t n)
{
	size_t i;

	if (c->state == SEND_IDLE || c->got + n > c->sent) {
		send_say_failure(r, c, "more came back than was sent");
		return false;
	}
	send_random_fill(r->want, n, c->seed, c->got);
	if (memcmp(r->want, r->back, n) == 0)
		return true;
	for (i = 0; r->want[i] == r->back[i]; i++)
		continue;
	send_say_failure(r, c, "byte %llu is wrong: %02x came back for %02x",
	    (unsigned long long)(c->got + i), (unsigned char)r->back[i],
	    (unsigned char)r->want[i]);
	return false;
}

static void
got_bytes(struct send_run *r, struct send_conn *c, size_t n)
{
	r->bytes[SEND_IN] += n;
	send_note(r, c, SEND_IN, n);
	if (r->input.kind == SEND_RANDOM) {
		if (!check_random(r, c, n)) {
			fail_round(r, c);
			return;
		}
	} else if (fwrite(r->back, 1, n, stdout) != n || fflush(stdout) != 0) {
		r->is_broken = true;
	}
	c->got += n;
	c->active_ms = r->now_ms;
	if (r->input.kind == SEND_RANDOM && c->got == c->len &&
	    !waits_for_close(r, c))
		end_round(r, c, true);
}

static void
receive(struct send_run *r, struct send_conn *c)
{
	ssize_t n = recv(c->fd, r->back, sizeof(r->back), 0);

	if (n > 0)
		got_bytes(r, c, (size_t)n);
	else if (n == 0 && c->errnum == ECONNRESET)
		broken(r, c, c->errnum);
	else if (n == 0)
		peer_closed(r, c);
	else if (errno != EAGAIN && errno != EINTR)
		broken(r, c, errno);
}

static void
all_sent(struct send_run *r, struct send_conn *c)
{
	c->is_sent = true;
	c->len = c->sent;		/* a stream's is known now */
	c->active_ms = r->now_ms;
	if (!r->half_close)
		return;
	send_say(r, c, "our side is closed");
	/* Fails when the peer is gone; reading tells how. */
	(void)shutdown(c->fd, SHUT_WR);
}

static void
transmit(struct send_run *r, struct send_conn *c)
{
	const char *p;
	ssize_t n = send_input_peek(&r->input, c->seed, c->sent, c->len, &p);

	if (n == -1 && errno != EAGAIN) {
		send_say_failure(r, c, "cannot read what to send: %s",
		    strerror(errno));
		r->is_broken = true;
	}
	if (n > 0) {
		n = send(c->fd, p, (size_t)n, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			/* What the peer said before it left is read first;
			 * then the socket no longer knows how it ended. */
			c->errnum = errno;
			c->is_sent = true;
			return;
		}
		if (n > 0) {
			c->sent += (uint64_t)n;
			c->active_ms = r->now_ms;
			r->bytes[SEND_OUT] += (uint64_t)n;
			send_note(r, c, SEND_OUT, (uint64_t)n);
		}
	}
	if (n == 0 || c->sent == c->len)
		all_sent(r, c);
}

static void
finish_connect(struct send_run *r, struct send_conn *c)
{
	socklen_t len = sizeof(int);
	int errnum = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) == -1)
		errnum = errno;
	if (errnum != 0)
		connect_failed(r, c, strerror(errnum));
	else
		connected(r, c);
}

/* A reply has come, and its end is told by silence. */
static bool
ends_by_silence(const struct send_run *r, const struct send_conn *c)
{
	return c->is_sent && c->got > 0 && !waits_for_close(r, c) &&
	    r->input.kind != SEND_RANDOM;
}

static int64_t
talk_due_ms(struct send_run *r, const struct send_conn *c)
{
	int64_t silence_ms = r->timeout_ms;

	if (waits_for_input(r, c))
		return INT64_MAX;
	if (c->is_sent && r->wait && is_last_round(r, c) && !r->timeout_given)
		return INT64_MAX;
	if (ends_by_silence(r, c) && silence_ms > SEND_QUIET_MS)
		silence_ms = SEND_QUIET_MS;
	return c->active_ms + silence_ms;
}

static int64_t
state_due_ms(struct send_run *r, const struct send_conn *c)
{
	switch (c->state) {
	case SEND_IDLE:
		return c->round == 0 ? 0 : c->begun_ms + r->every_ms;
	case SEND_CONNECTING:
		return c->active_ms + r->timeout_ms;
	case SEND_TALKING:
		return talk_due_ms(r, c);
	case SEND_ENDED:
		break;
	}
	return INT64_MAX;
}

int64_t
send_conn_due_ms(struct send_run *r, const struct send_conn *c)
{
	int64_t state_ms = state_due_ms(r, c), note_ms = send_note_due_ms(c);

	return state_ms < note_ms ? state_ms : note_ms;
}

static void
talk_timed_out(struct send_run *r, struct send_conn *c)
{
	const char *what = "no reply";

	if (ends_by_silence(r, c)) {
		end_round(r, c, true);
		return;
	}
	if (!c->is_sent)
		what = "the peer does not read";
	else if (r->input.kind == SEND_RANDOM && c->got < c->len)
		what = "not all came back";
	else if (waits_for_close(r, c))
		what = "the peer does not close";
	send_say_failure(r, c, "timed out: %s", what);
	end_round(r, c, false);
}

void
send_conn_tick(struct send_run *r, struct send_conn *c)
{
	if (r->now_ms >= send_note_due_ms(c))
		send_note_flush(r, c);
	if (r->now_ms < state_due_ms(r, c))
		return;
	if (c->state == SEND_IDLE)
		begin_round(r, c);
	else if (c->state == SEND_CONNECTING)
		connect_failed(r, c, "timed out");
	else
		talk_timed_out(r, c);
}

bool
send_conn_wants_input(struct send_run *r, const struct send_conn *c)
{
	return c->state == SEND_TALKING && waits_for_input(r, c);
}

short
send_conn_events(struct send_run *r, const struct send_conn *c)
{
	if (c->fd == -1)
		return 0;
	if (c->state == SEND_CONNECTING)
		return POLLOUT;
	if (c->state != SEND_TALKING || c->is_sent ||
	    send_conn_wants_input(r, c))
		return POLLIN;
	return POLLIN | POLLOUT;
}

void
send_conn_event(struct send_run *r, struct send_conn *c, short revents)
{
	if (c->state == SEND_CONNECTING) {
		finish_connect(r, c);
		return;
	}
	if ((revents & POLLOUT) != 0 && c->state == SEND_TALKING &&
	    !c->is_sent)
		transmit(r, c);
	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 && c->fd != -1)
		receive(r, c);
}
