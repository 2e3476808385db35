/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover: wild writes.  Bits of rows, hand, redo record and buffers are
 * flipped; no successor may crash or hang of it, each connection is served or
 * closed, and the ledger balances.
 */
#include <sys/socket.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig.h"
#include "worker/row.h"

#define CONF	"log { connections = false }\nservice \"s\" { handler = " \
	"\"echo\" listen = \"127.0.0.1:1\" idle_timeout = 60s " \
	"max_lifetime = 1h write_timeout = 60s echo { delay = 1s " \
	"delay_if = \"slow\" } }"

enum { CLIENTS = 4, ROUNDS = 1500 };

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

struct target { void *p; size_t n; };

/* A connection at rest, one with input held, one with output of some
 * buffers, one in its linger. */
static void
connections_make(struct rig *r, int client[CLIENTS], int fd[CLIENTS])
{
	static const int small = 4096;
	static char text[7 * SLOT_BUF_SIZE];

	for (int i = 0; i < CLIENTS; i++)
		client[i] = rig_client(r, RIG_V4, &fd[i]);
	rig_send(r, client[1], "slow", 4);
	setsockopt(fd[2], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(client[2], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	memset(text, 'x', sizeof text);
	rig_send(r, client[2], text, sizeof text);
	rig_settle(r);
	rig_row(r, fd[3])->state = ROW_FLUSH;
	rig_row(r, fd[3])->reason = REASON_EOF;
	conn_resume(&r->w, fd[3]);
	assert_int_equal(rig_row(r, fd[3])->state, ROW_LINGER);
}

static void
flip(uint64_t *x, const struct target *targets, size_t n)
{
	for (uint64_t times = 1 + next_random(x) % 3; times > 0; times--) {
		const struct target *t = &targets[next_random(x) % n];
		size_t at = next_random(x) % t->n;

		((uint8_t *)t->p)[at] ^= (uint8_t)(1u << next_random(x) % 8);
		if (next_random(x) % 8 == 0)
			((uint8_t *)t->p)[at] = 0xff;
	}
}

static void
spoil(struct rig *r, const int fd[CLIENTS], uint64_t *x)
{
	struct slot *s = &r->args.slot;
	struct target targets[] = {
		{ rig_row(r, fd[next_random(x) % CLIENTS]), 4 },
		{ &rig_row(r, fd[next_random(x) % CLIENTS])->gen, 4 },
		{ &rig_row(r, fd[next_random(x) % CLIENTS])->watch, 2 },
		{ &rig_row(r, fd[next_random(x) % CLIENTS])->rx, 32 },
		{ &rig_row(r, fd[next_random(x) % CLIENTS])->in_buf, 12 },
		{ rig_row(r, fd[next_random(x) % CLIENTS]),
		    sizeof(struct row) },
		{ s->rows, s->nrows * sizeof(struct row) },
		{ s->bufs, 16 * sizeof(struct slot_buf) },
		{ &s->head->hand, sizeof s->head->hand },
		{ &s->head->redo, sizeof s->head->redo },
		{ (void *)(uintptr_t)&s->log->len, sizeof s->log->len },
	};
	int held = fd[next_random(x) % CLIENTS];

	if (next_random(x) % 2 != 0)
		row_take(&r->w, held);
	if (next_random(x) % 3 == 0)
		row_call_begin(&r->w, rig_row(r, held), HAND_C_INPUT);
	flip(x, targets, NITEMS(targets));
}

/* Whatever the rows say now, a long time ends them all. */
static void
end_all(struct rig *r, const int client[CLIENTS])
{
	char buf[4096];

	for (int i = 0; i < CLIENTS; i++)
		while (recv(client[i], buf, sizeof buf, 0) > 0)
			;
	rig_pass(r, 10000000);
	for (int i = 0; i < CLIENTS; i++)
		close(client[i]);
	rig_pass(r, 10000000);
	rig_pass(r, 10000000);
}

/* Behind a fault the ledger is mended; else it would hide a bug of ours. */
static void
check(struct rig *r)
{
	struct ledger l = rig_ledger(r);

	if (r->args.slot.head->death == SIGSEGV)
		assert_true(ledger_balances(&l));
	assert_int_equal(r->w.open, l.open);
	assert_int_equal(r->args.slot.head->hand.phase, HAND_NONE);
}

static void
test_flips(void **state)
{
	uint64_t x = 0x9e3779b97f4a7c15u;
	int signo[] = { SIGKILL, SIGSEGV };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int client[CLIENTS], fd[CLIENTS];
		uint64_t seed = x;
		struct rig r;

		rig_open(&r, CONF);
		rig_start(&r);
		connections_make(&r, client, fd);
		spoil(&r, fd, &x);
		rig_succeed(&r, signo[round % 2]);
		check(&r);
		rig_settle(&r);
		check(&r);
		end_all(&r, client);
		check(&r);
		if (rig_ledger(&r).open > 1)
			print_message("seed %llx: %u stay\n",
			    (unsigned long long)seed, r.w.open);
		rig_close(&r);
	}
}

/* What luck does not find.  Client 1 has input that waits, 2 output. */
static void
ring_that_has_left(struct slot *s, struct row *in, struct row *out)
{
	(void)in;
	s->bufs[out->out_head].next = out->out_head;
	s->bufs[out->out_head].base = 0;
	out->tx = out->wx - 1;
}

static void
ring_that_waits(struct slot *s, struct row *in, struct row *out)
{
	(void)in;
	s->bufs[out->out_head].next = out->out_head;
}

static void
chain_too_short(struct slot *s, struct row *in, struct row *out)
{
	(void)in;
	s->bufs[out->out_head].next = 0;
}

static void
chain_of_anothers(struct slot *s, struct row *in, struct row *out)
{
	s->bufs[out->out_head].next = in->in_buf;
}

static void
chain_begins_late(struct slot *s, struct row *in, struct row *out)
{
	(void)in;
	s->bufs[out->out_head].base = out->tx + 1;
}

static void
no_chain(struct slot *s, struct row *in, struct row *out)
{
	(void)in, (void)s;
	out->out_head = 0;
}

static void
input_begins_late(struct slot *s, struct row *in, struct row *out)
{
	(void)out;
	s->bufs[in->in_buf].base = in->eaten + 1;
}

static void
input_too_long(struct slot *s, struct row *in, struct row *out)
{
	(void)out, (void)s;
	in->rx = in->eaten + SLOT_BUF_SIZE + 1;
}

static void
no_input(struct slot *s, struct row *in, struct row *out)
{
	(void)out, (void)s;
	in->in_buf = 0;
}

static void
buffer_out_of_range(struct slot *s, struct row *in, struct row *out)
{
	(void)out;
	in->in_buf = s->nbufs;
}

static void
eaten_ahead(struct slot *s, struct row *in, struct row *out)
{
	(void)out, (void)s;
	in->eaten = in->rx + 1;
}

static void
sent_ahead(struct slot *s, struct row *in, struct row *out)
{
	(void)in, (void)s;
	out->tx = out->wx + 1;
}

static const struct lie {
	void (*tell)(struct slot *s, struct row *in, struct row *out);
	int about;			/* the client who pays */
} lies[] = {
	{ ring_that_has_left, 2 }, { ring_that_waits, 2 },
	{ chain_too_short, 2 }, { chain_of_anothers, 2 },
	{ chain_begins_late, 2 }, { no_chain, 2 }, { input_begins_late, 1 },
	{ input_too_long, 1 }, { no_input, 1 }, { buffer_out_of_range, 1 },
	{ eaten_ahead, 1 }, { sent_ahead, 2 },
};

static void
test_lies(void **state)
{
	int client[CLIENTS], fd[CLIENTS];
	struct rig r;

	(void)state;
	for (size_t i = 0; i < NITEMS(lies); i++) {
		rig_open(&r, CONF);
		rig_start(&r);
		connections_make(&r, client, fd);
		assert_int_not_equal(rig_row(&r, fd[2])->out_head,
		    rig_row(&r, fd[2])->out_tail);
		lies[i].tell(&r.args.slot, rig_row(&r, fd[1]),
		    rig_row(&r, fd[2]));
		rig_succeed(&r, SIGKILL);
		check(&r);
		if (r.rec.lost != 1 ||
		    rig_row(&r, fd[lies[i].about])->state != ROW_FREE)
			fail_msg("lie %zu is believed, or costs %u", i,
			    r.rec.lost);
		rig_settle(&r);
		rig_send(&r, client[0], "ping", 4);
		rig_expect(&r, client[0], "ping");
		end_all(&r, client);
		assert_int_equal(rig_ledger(&r).open, 0);
		rig_close(&r);
	}
}

/* Times that are yet to come: no limit may wait for them. */
static void
test_times(void **state)
{
	int64_t times[] = { INT64_MAX, INT64_MAX - 1000, INT64_MIN, -1,
	    1 << 30 };
	int client[CLIENTS], fd[CLIENTS];
	struct rig r;

	(void)state;
	for (size_t i = 0; i < NITEMS(times); i++) {
		rig_open(&r, CONF);
		rig_start(&r);
		connections_make(&r, client, fd);
		for (int k = 0; k < CLIENTS; k++) {
			rig_row(&r, fd[k])->opened_ms = times[i];
			rig_row(&r, fd[k])->active_ms = times[i];
			rig_row(&r, fd[k])->since_ms = times[i];
		}
		rig_succeed(&r, SIGKILL);
		rig_settle(&r);
		assert_int_equal(rig_ledger(&r).open, CLIENTS);
		end_all(&r, client);
		assert_int_equal(rig_ledger(&r).open, 0);
		rig_check(&r);
		rig_close(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_flips),
	};

	return cmocka_run_group_tests_name("wild writes", tests, NULL, NULL);
}
