/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover: death after every single store and system call of a turn, for each
 * kind of turn; the client must not notice, and the ledger must balance.
 */
#include <sys/socket.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig_step.h"
#include "worker/accept.h"

#define QUIET	"log { connections = false }\n"
#define ECHO \
	"service \"s\" { handler = \"echo\" listen = \"127.0.0.1:1\"\n" \
	"write_timeout = 0s }\n"
#define SERVICE(handler, more) QUIET \
	"service \"s\" { handler = \"" handler "\" listen = \"127.0.0.1:1\"\n" \
	more " }\n"

struct scenario {
	const char *name, *services;
	enum rig_net net;
	/* Brings a connection to where the operation begins. */
	int (*prepare)(struct rig *r, enum rig_net net);
	void (*op)(struct rig *r);
	/* What the client sees when the successor serves. */
	void (*expect)(struct rig *r, int client);
	enum reason why;		/* how it ends */
	unsigned least;			/* deaths that the turn must offer */
};

/* ------------------------------------------------------------- before -- */

static int
queued(struct rig *r, enum rig_net net)
{
	int client = rig_connect(r, net);

	rig_send(r, client, "hello", 5);
	r->fd = rig_next_fd();
	return client;
}

static int
silent(struct rig *r, enum rig_net net)
{
	int client = rig_connect(r, net);

	r->fd = rig_next_fd();
	return client;
}

static int
talking(struct rig *r, enum rig_net net)
{
	int client = rig_client(r, net, &r->fd);

	rig_send(r, client, "one", 3);
	rig_expect(r, client, "one");
	rig_send(r, client, "hello", 5);
	return client;
}

static int
ending(struct rig *r, enum rig_net net)
{
	int client = talking(r, net);

	shutdown(client, SHUT_WR);
	return client;
}

static int
delayed(struct rig *r, enum rig_net net)
{
	int client = rig_client(r, net, &r->fd);

	rig_send(r, client, "hello", 5);
	rig_settle(r);
	assert_true(rig_row(r, r->fd)->flags & ROW_F_HOLD);
	r->now_ms += 1000;
	return client;
}

/* Eaten bytes fill the buffer but for some that are held: it is compacted. */
static int
compacting(struct rig *r, enum rig_net net)
{
	int client = rig_client(r, net, &r->fd);
	struct row *row = rig_row(r, r->fd);
	char text[SLOT_BUF_SIZE];

	memset(text, '.', sizeof text);
	memcpy(text + sizeof text - 4, "GET ", 4);
	memcpy(text + sizeof text - 8, "\r\n\r\n", 4);
	memcpy(text, "GET /", 5);
	rig_send(r, client, text, sizeof text);
	rig_expect(r, client, "HTTP/1.0 200 OK\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n"
	    "Connection: keep-alive\r\n\r\nok");
	assert_int_equal(row->rx - row->eaten, 4);
	assert_int_equal(row->eaten, SLOT_BUF_SIZE - 4);
	rig_send(r, client, "/ HTTP/1.0\r\n\r\n", 14);
	return client;
}

/* Output of three buffers, all in the kernel but for what it would not take. */
static int
blocked(struct rig *r, enum rig_net net)
{
	static const int small = 4096;
	int client = rig_client(r, net, &r->fd);
	struct row *row = rig_row(r, r->fd);
	char text[2000];

	setsockopt(r->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (r->sent = 0; row->wx - row->tx < 2 * SLOT_BUF_SIZE + 1000; ) {
		rig_pattern(text, sizeof text, r->sent);
		rig_send(r, client, text, sizeof text);
		r->sent += sizeof text;
		rig_settle(r);
	}
	rig_recv_pattern(r, client, 8000, 0);
	return client;
}

/* ----------------------------------------------------------- the turn -- */

static void
accepts(struct rig *r)
{
	for (unsigned i = 0; i < r->args.nlisteners; i++)
		accept_some(&r->w, r->listeners[i].fd);
}

static void
turns(struct rig *r)
{
	conn_event(&r->w, r->fd, rig_row(r, r->fd)->gen, ENGINE_IN);
}

static void
expires(struct rig *r)
{
	r->w.now_ms = r->now_ms;
	conn_expire(&r->w, r->fd);
}

static void
drains(struct rig *r)
{
	r->w.leaving = true;
	conn_drain(&r->w, r->fd);
}

static void
cuts(struct rig *r)
{
	conn_cut(&r->w, r->fd, REASON_DRAIN);
}

/* -------------------------------------------------------------- after -- */

static void
is_echoed(struct rig *r, int client)
{
	rig_expect(r, client, "hello");
	rig_send(r, client, "more", 4);
	rig_expect(r, client, "more");
	rig_expect_nothing(r, client);
}

static void
is_echoed_and_ended(struct rig *r, int client)
{
	rig_expect(r, client, "hello");
	rig_expect_end(r, client);
}

static void
is_echoed_late(struct rig *r, int client)
{
	rig_expect(r, client, "hello");
	rig_expect_nothing(r, client);
	rig_send(r, client, "more", 4);
	rig_expect_nothing(r, client);
	rig_pass(r, 1000);
	rig_expect(r, client, "more");
}

static void
is_answered(struct rig *r, int client)
{
	rig_expect(r, client, "ok");
	rig_expect_end(r, client);
}

static void
is_greeted(struct rig *r, int client)
{
	rig_expect(r, client, "ok");
	rig_expect_nothing(r, client);
}

static void
is_answered_in_http(struct rig *r, int client)
{
	rig_expect(r, client, "HTTP/1.0 200 OK\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n"
	    "Connection: keep-alive\r\n\r\nok");
	rig_expect_nothing(r, client);
}

static void
has_it_all(struct rig *r, int client)
{
	rig_recv_pattern(r, client, r->sent - 8000, 8000);
	rig_expect_nothing(r, client);
}

static void
is_closed(struct rig *r, int client)
{
	char c[8];

	rig_settle(r);
	/* What it had sent may have been read or not: a reset or an end. */
	while (recv(client, c, sizeof c, 0) > 0)
		;
}

static const struct scenario scenarios[] = {
	{ "accept, v4", QUIET ECHO, RIG_V4, queued, accepts, is_echoed,
	    REASON_CLIENT, 30 },
	{ "accept, v6", QUIET ECHO, RIG_V6, queued, accepts, is_echoed,
	    REASON_CLIENT, 30 },
	{ "accept, then greet", SERVICE("reply", "reply { text = \"ok\" "
	    "wait = false close = false }"), RIG_V4, silent, accepts,
	    is_greeted, REASON_CLIENT, 30 },
	{ "accept, greet, end", SERVICE("reply", "reply { text = \"ok\" "
	    "wait = false }"), RIG_V4, silent, accepts, is_answered,
	    REASON_EOF, 30 },
	{ "refuse", SERVICE("echo", "deny = {\"127.0.0.0/8\"}"), RIG_V4,
	    silent, accepts, is_closed, REASON_ACL, 10 },
	{ "receive, call, send", QUIET ECHO, RIG_V4, talking, turns,
	    is_echoed,
	    REASON_CLIENT, 12 },
	{ "the client's end", ECHO, RIG_V4, ending, turns,
	    is_echoed_and_ended, REASON_CLIENT, 12 },
	{ "a message that waits", SERVICE("echo", "echo { delay = 1s }"),
	    RIG_V4, delayed, expires, is_echoed_late, REASON_CLIENT, 12 },
	{ "answer and end", SERVICE("reply", "reply { text = \"ok\" }"),
	    RIG_V4, queued, accepts, is_answered, REASON_EOF, 30 },
	{ "input moves to a new buffer", SERVICE("reply", "reply { text = "
	    "\"ok\" http = true close = false }"), RIG_V4, compacting, turns,
	    is_answered_in_http, REASON_CLIENT, 12 },
	{ "a socket that takes some", QUIET ECHO, RIG_V4, blocked, turns,
	    has_it_all, REASON_CLIENT, 0 },
	{ "drain", QUIET ECHO, RIG_V4, talking, drains, is_closed,
	    REASON_DRAIN, 12 },
	{ "cut", QUIET ECHO, RIG_V4, talking, cuts, is_closed, REASON_DRAIN,
	    8 },
};

static bool
is_balanced(struct rig *r, uint64_t n, enum reason why)
{
	struct ledger l = rig_ledger(r);

	rig_check(r);
	return l.accepted == n && l.lost == 0 && l.open == 0 &&
	    (why == REASON_DRAIN || rig_ended(r, why) == n);
}

static void
run(const struct scenario *s)
{
	struct rig r;
	bool killed = true;
	unsigned n, stride = 1, done = 0;

	rig_open_rows(&r, s->services, RIG_FEW);
	rig_start(&r);
	for (n = 0; killed; n += stride) {
		int client = s->prepare(&r, s->net);

		killed = rig_step(&r, s->op, n);
		stride = rig_stride(&r);
		rig_succeed(&r, SIGKILL);
		s->expect(&r, client);
		close(client);
		rig_settle(&r);
		if (!is_balanced(&r, ++done, s->why))
			fail_msg("%s: death after %u changes costs a "
			    "connection or an account", s->name, n);
	}
	print_message("%s: %u deaths\n", s->name, done - 1);
	if (n < s->least)
		fail_msg("%s: only %u deaths", s->name, n);
	rig_close(&r);
}

static void
test_scenario(void **state)
{
	const struct scenario *s = *state;

	if (!rig_can_step()) {
		print_message("skip: ptrace(2) is not allowed\n");
		skip();
	}
	run(s);
}

int
main(void)
{
	struct CMUnitTest tests[NITEMS(scenarios)];

	for (size_t i = 0; i < NITEMS(scenarios); i++)
		tests[i] = (struct CMUnitTest){ .name = scenarios[i].name,
		    .test_func = test_scenario,
		    .initial_state = (void *)(uintptr_t)&scenarios[i] };
	return cmocka_run_group_tests_name("death at every store", tests,
	    NULL, NULL);
}
