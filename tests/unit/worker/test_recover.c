/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover: half states made by hand, which no single store leads to: rows
 * whose descriptor is gone, newcomers, foreign descriptors, faults, unix
 * sockets, counters that do not fit the rows.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig.h"
#include "worker/accept.h"
#include "worker/conn.h"
#include "worker/row.h"

#define ECHO	"service \"s\" { handler = \"echo\" listen = \"127.0.0.1:1\" }"
#define DENY	"service \"s\" { handler = \"echo\" " \
	"listen = \"127.0.0.1:1\" deny = {\"127.0.0.1/32\"} }"

static void
is_served(struct rig *r, int client)
{
	rig_send(r, client, "ping", 4);
	rig_expect(r, client, "ping");
}

/* A connection in the worker's table that no row knows. */
static int
unpublished(struct rig *r, enum rig_net net, int *fd)
{
	int client = rig_connect(r, net);

	*fd = accept4(r->listeners[net].fd, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_in_range(*fd, 0, RIG_ROWS - 1);
	return client;
}

static void
test_newcomers(void **state)
{
	static const enum rig_net nets[] = { RIG_V4, RIG_V6, RIG_UNIX };
	int client[NITEMS(nets)], fd;
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(nets); i++)
		client[i] = unpublished(&r, nets[i], &fd);
	rig_succeed(&r, SIGKILL);
	assert_int_equal(r.rec.nnewcomers, NITEMS(nets));
	assert_int_equal(rig_ledger(&r).accepted, NITEMS(nets));
	for (size_t i = 0; i < NITEMS(nets); i++) {
		is_served(&r, client[i]);
		close(client[i]);
	}
	rig_settle(&r);
	assert_int_equal(rig_ledger(&r).closed, NITEMS(nets));
	rig_check(&r);
	rig_close(&r);
}

static void
test_newcomer_denied(void **state)
{
	int client, fd;
	struct rig r;

	(void)state;
	rig_open(&r, DENY);
	rig_start(&r);
	client = unpublished(&r, RIG_V4, &fd);
	rig_succeed(&r, SIGKILL);
	rig_expect_end(&r, client);
	assert_int_equal(rig_ended(&r, REASON_ACL), 1);
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* Of a dead worker: its engine, files of a service, sockets to elsewhere. */
static void
test_foreign(void **state)
{
	int foreign[5], pair[2], other, client, fd;
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	other = rig_connect(&r, RIG_V4);	/* not by a listener of ours */
	foreign[0] = pair[0];
	foreign[1] = pair[1];
	foreign[2] = eventfd(0, 0);
	foreign[3] = epoll_create1(0);
	foreign[4] = dup(other);
	rig_succeed(&r, SIGKILL);
	for (size_t i = 0; i < NITEMS(foreign); i++)
		if (foreign[i] != (int)(intptr_t)r.w.engine_state &&
		    foreign[i] != r.w.reserve_fd)
			assert_int_equal(fcntl(foreign[i], F_GETFD), -1);
	assert_int_equal(r.rec.lost, 0);
	assert_int_equal(r.rec.nnewcomers, 0);
	is_served(&r, client);
	close(other);
	close(client);
	rig_settle(&r);
	rig_check(&r);
	rig_close(&r);
}

static void
test_descriptor_gone(void **state)
{
	static const struct { uint8_t state, reason; bool lost; } rows[] = {
		{ ROW_OPEN, REASON_NONE, true },
		{ ROW_FLUSH, REASON_EOF, true },
		{ ROW_LINGER, REASON_EOF, true },
		{ ROW_CLOSING, REASON_NONE, true },
		{ ROW_CLOSING, 200, true },
		{ ROW_CLOSING, REASON_RESET, false },
		{ ROW_CLOSING, REASON_DRAIN, false },
	};
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(rows); i++) {
		int fd, client = rig_client(&r, RIG_V4, &fd);
		uint64_t lost = rig_ledger(&r).lost;

		rig_row(&r, fd)->state = rows[i].state;
		rig_row(&r, fd)->reason = rows[i].reason;
		close(fd);
		rig_succeed(&r, SIGKILL);
		assert_int_equal(rig_row(&r, fd)->state, ROW_FREE);
		assert_int_equal(r.rec.lost, rows[i].lost);
		assert_int_equal(rig_ledger(&r).lost - lost, rows[i].lost);
		rig_check(&r);
		close(client);
	}
	rig_close(&r);
}

/* About to be closed, and the descriptor still there. */
static void
test_closing(void **state)
{
	static const struct { uint8_t reason, flags; bool reset; } rows[] = {
		{ REASON_DRAIN, 0, false },
		{ REASON_WRITE_TIMEOUT, ROW_F_RESET, true },
		{ REASON_NONE, 0, true },	/* nobody knows why: lost */
	};
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(rows); i++) {
		int fd, client = rig_client(&r, RIG_V4, &fd);
		struct row *row = rig_row(&r, fd);

		row->state = ROW_CLOSING;
		row->reason = rows[i].reason;
		row->flags |= rows[i].flags;
		rig_succeed(&r, SIGKILL);
		assert_int_equal(row->state, ROW_FREE);
		if (rows[i].reset)
			rig_expect_reset(&r, client);
		else
			rig_expect_end(&r, client);
		rig_check(&r);
		close(client);
	}
	assert_int_equal(rig_ledger(&r).lost, 1);
	rig_close(&r);
}

/* A fault costs the connection in hand, by a reset, and no other. */
static void
test_fault(void **state)
{
	static const struct { int signo; bool lost; } deaths[] = {
		{ SIGSEGV, true }, { SIGBUS, true }, { SIGILL, true },
		{ SIGFPE, true }, { SIGABRT, true }, { SIGSYS, true },
		{ SIGKILL, false }, { SIGTERM, false }, { 71 << 8, false },
		{ 1 << 8, true },	/* it left in the middle of a call */
	};
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(deaths); i++) {
		int fd, fd2, c = rig_client(&r, RIG_V4, &fd);
		int c2 = rig_client(&r, RIG_V4, &fd2);
		uint64_t lost = rig_ledger(&r).lost;

		row_take(&r.w, fd);
		row_call_begin(&r.w, rig_row(&r, fd), HAND_C_INPUT);
		memset(rig_row(&r, fd)->svc, 'x', SLOT_STATE_MAX);
		rig_row(&r, fd)->wx = 1 << 30;
		rig_succeed(&r, deaths[i].signo);
		assert_int_equal(rig_ledger(&r).lost - lost, deaths[i].lost);
		if (deaths[i].lost)
			rig_expect_reset(&r, c);
		else
			is_served(&r, c);
		is_served(&r, c2);
		close(c);
		close(c2);
		rig_settle(&r);
		rig_check(&r);
	}
	rig_close(&r);
}

/* Unix sockets have no positions: at rest or in a call it lives, else not. */
static void
test_unix(void **state)
{
	static const struct {
		uint32_t phase;
		uint8_t state;
		bool output, lost;
	} hands[] = {
		{ HAND_NONE, ROW_OPEN, false, false },
		{ HAND_CALL, ROW_OPEN, false, false },
		{ HAND_IO, ROW_OPEN, false, true },
		{ HAND_IO, ROW_FLUSH, false, false },
		{ HAND_IO, ROW_FLUSH, true, true },
		{ HAND_IO, ROW_LINGER, false, false },
	};
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(hands); i++) {
		int fd, client = rig_client(&r, RIG_UNIX, &fd);
		uint64_t lost = rig_ledger(&r).lost;
		struct row *row = rig_row(&r, fd);

		if (hands[i].output) {
			struct conn c = rig_conn(&r, fd);

			assert_int_equal(conn_write(&c, "out", 3), 0);
		}
		row->state = hands[i].state;
		row->reason = row->state == ROW_OPEN ? REASON_NONE :
		    REASON_EOF;
		row->since_ms = r.now_ms;
		if (hands[i].phase != HAND_NONE)
			row_take(&r.w, fd);
		if (hands[i].phase == HAND_CALL)
			row_call_begin(&r.w, row, HAND_C_INPUT);
		rig_succeed(&r, SIGKILL);
		assert_int_equal(rig_ledger(&r).lost - lost, hands[i].lost);
		if (row->state == ROW_OPEN)
			is_served(&r, client);
		close(client);
		rig_settle(&r);
		rig_check(&r);
	}
	rig_close(&r);
}

/* A row wiped by a wild write: its client is served, one is booked as lost. */
static void
test_row_wiped(void **state)
{
	int fd, client;
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	memset(rig_row(&r, fd), 0, sizeof(struct row));
	rig_succeed(&r, SIGSEGV);
	assert_int_equal(r.rec.lost, 1);
	is_served(&r, client);
	assert_int_equal(rig_ledger(&r).accepted, 2);
	rig_check(&r);
	close(client);
	rig_settle(&r);
	/* And one that was never there. */
	r.args.slot.head->high = RIG_ROWS;
	rig_row(&r, RIG_ROWS / 2)->state = 99;
	rig_succeed(&r, SIGSEGV);
	assert_int_equal(r.rec.lost, 1);
	rig_check(&r);
	rig_close(&r);
}

/* A worker that was leaving has closed its listeners: so has its successor,
 * whatever has their numbers now. */
static void
test_leaving(void **state)
{
	int fd, client, taken;
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	r.w.leaving = true;
	accept_close(&r.w);
	rig_succeed(&r, SIGKILL);
	is_served(&r, client);
	r.w.leaving = true;
	taken = (int)(intptr_t)r.w.engine_state;
	accept_close(&r.w);
	assert_int_not_equal(fcntl(taken, F_GETFD), -1);
	is_served(&r, client);
	close(client);
	rig_settle(&r);
	assert_int_equal(rig_ledger(&r).closed, 1);
	rig_close(&r);
}

static void
test_redo(void **state)
{
	/* Armed by a wild write: what points nowhere is dropped. */
	static const struct redo wild[] = {
		{ .fd = -1, .state = ROW_OPEN, .value = 7 },
		{ .fd = RIG_ROWS, .state = ROW_OPEN, .value = 7 },
		{ .fd = 5, .state = ROW_NSTATES, .value = 7 },
		{ .fd = 5, .state = ROW_OPEN, .service = 1, .value = 7 },
		{ .fd = 5, .counter = COUNTER_MOVED_IN + 1, .value = 7 },
	};
	struct rig r;

	(void)state;
	rig_open(&r, ECHO);
	rig_start(&r);
	for (size_t i = 0; i < NITEMS(wild); i++) {
		struct redo *d = &r.args.slot.head->redo;

		memcpy(d, &wild[i], sizeof *d);
		d->armed = 1;
		rig_succeed(&r, SIGKILL);
		assert_int_equal(d->armed, 0);
		assert_int_equal(rig_ledger(&r).accepted, 0);
		assert_int_equal(rig_ledger(&r).open, 0);
		rig_check(&r);
	}
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_newcomer_denied),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_descriptor_gone),
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_row_wiped),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_redo),
	};

	return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
