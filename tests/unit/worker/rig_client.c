/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig_client - the other end: sends and receives while the worker turns.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "tests/unit/worker/rig.h"

enum { PATIENCE_MS = 3000 };		/* a loopback never takes so long */

int
rig_connect(struct rig *r, enum rig_net net)
{
	struct addr a = { .len = sizeof a.u };
	int fd;

	assert_int_equal(getsockname(r->listeners[net].fd, &a.u.sa, &a.len),
	    0);
	fd = rig_high(socket(a.u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(connect(fd, &a.u.sa, a.len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

int
rig_client(struct rig *r, enum rig_net net, int *fd)
{
	int client = rig_connect(r, net);
	uint64_t best = 0;

	rig_settle(r);
	*fd = -1;
	for (int i = 0; i < (int)r->args.slot.nrows; i++)
		if (rig_row(r, i)->state != ROW_FREE &&
		    rig_row(r, i)->id > best) {
			best = rig_row(r, i)->id;
			*fd = i;
		}
	assert_int_not_equal(*fd, -1);
	return client;
}

/* Turns until the client's socket is ready; fails if that never comes. */
static void
client_wait(struct rig *r, int client, short events)
{
	struct pollfd p[2] = { { .fd = client, .events = events },
	    { .fd = (int)(intptr_t)r->w.engine_state, .events = POLLIN } };

	rig_settle(r);
	while (poll(p, 2, PATIENCE_MS) > 0) {
		if (p[0].revents != 0)
			return;
		rig_settle(r);
	}
	fail_msg("the worker lets its client wait");
}

void
rig_send(struct rig *r, int client, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = send(client, at, n, MSG_NOSIGNAL);

		if (w == -1) {
			assert_int_equal(errno, EAGAIN);
			client_wait(r, client, POLLOUT);
			continue;
		}
		at += w;
		n -= (size_t)w;
	}
}

/* As recv(2), but waits. */
static ssize_t
client_recv(struct rig *r, int client, void *p, size_t n)
{
	ssize_t got;

	while ((got = recv(client, p, n, 0)) == -1 && errno == EAGAIN)
		client_wait(r, client, POLLIN);
	return got;
}

void
rig_recv(struct rig *r, int client, void *p, size_t n)
{
	char *at = p;

	while (n > 0) {
		ssize_t got = client_recv(r, client, at, n);

		if (got <= 0)
			fail_msg("%zu bytes are missing: %s", n, got == 0 ?
			    "the stream has ended" : strerror(errno));
		at += got;
		n -= (size_t)got;
	}
}

void
rig_expect(struct rig *r, int client, const char *text)
{
	char got[4096] = "";

	assert_in_range(strlen(text), 0, sizeof got - 1);
	rig_recv(r, client, got, strlen(text));
	assert_string_equal(got, text);
}

void
rig_expect_end(struct rig *r, int client)
{
	char c;
	ssize_t n = client_recv(r, client, &c, 1);

	if (n != 0)
		fail_msg("not the end: %s", n == 1 ? "more bytes" :
		    strerror(errno));
}

void
rig_expect_reset(struct rig *r, int client)
{
	char c;

	assert_int_equal(client_recv(r, client, &c, 1), -1);
	assert_int_equal(errno, ECONNRESET);
}

void
rig_expect_nothing(struct rig *r, int client)
{
	char c;

	rig_settle(r);
	assert_int_equal(recv(client, &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

void
rig_pattern(void *p, size_t n, uint64_t position)
{
	unsigned char *at = p;

	for (size_t i = 0; i < n; i++, position++)
		at[i] = (unsigned char)(position * 131 ^ position >> 8 ^
		    position >> 16);
}

void
rig_recv_pattern(struct rig *r, int client, size_t n, uint64_t position)
{
	static char got[65536], want[65536];

	while (n > 0) {
		size_t part = n < sizeof got ? n : sizeof got;

		rig_recv(r, client, got, part);
		rig_pattern(want, part, position);
		assert_memory_equal(got, want, part);
		position += part;
		n -= part;
	}
}
