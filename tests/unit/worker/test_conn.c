/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn: back-pressure, half-closes, holding, a pool without buffers, and
 * pipelining; through whole turns of a worker with real sockets.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig.h"
#include "worker/conn.h"

#define SERVICE(handler, more) "log { connections = false }\n" \
	"service \"s\" { handler = \"" handler "\" listen = \"127.0.0.1:1\"\n" \
	more " }"
#define HTTP	"HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8" \
	"\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"

/* A client whose socket takes little, as does the worker's. */
static int
narrow_client(struct rig *r, int *fd)
{
	static const int small = 4096;
	int client = rig_client(r, RIG_V4, fd);

	setsockopt(*fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	return client;
}

/* Sends what goes without waiting; returns how much. */
static size_t
send_some(struct rig *r, int client, size_t max)
{
	static char text[16384];
	size_t sent = 0;
	ssize_t n = 0;

	while (sent < max) {
		size_t part = max - sent < sizeof text ? max - sent :
		    sizeof text;

		rig_pattern(text, part, r->sent);
		n = send(client, text, part, MSG_NOSIGNAL);
		if (n == -1)
			break;
		sent += (size_t)n;
		r->sent += (uint64_t)n;
		rig_settle(r);
	}
	return sent;
}

/* Output stops at the mark; nothing is lost, nor held back, behind it. */
static void
test_high_water(void **state)
{
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("echo", ""));
	rig_start(&r);
	client = narrow_client(&r, &fd);
	for (int i = 0; i < 200; i++) {
		const struct row *row = rig_row(&r, fd);

		send_some(&r, client, 10000);
		assert_in_range(row->wx - row->tx, 0,
		    CONN_HIGH_WATER + SLOT_BUF_SIZE);
	}
	assert_true(rig_row(&r, fd)->wx - rig_row(&r, fd)->tx >=
	    CONN_HIGH_WATER);
	rig_recv_pattern(&r, client, r.sent, 0);
	rig_expect_nothing(&r, client);
	assert_int_equal(rig_row(&r, fd)->out_head, 0);
	assert_int_equal(rig_row(&r, fd)->in_buf, 0);
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* As above, and the client ends its side while all of it waits. */
static void
test_half_close(void **state)
{
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("echo", ""));
	rig_start(&r);
	client = narrow_client(&r, &fd);
	send_some(&r, client, 300000);
	shutdown(client, SHUT_WR);
	rig_recv_pattern(&r, client, r.sent, 0);
	rig_expect_end(&r, client);
	assert_int_equal(rig_ended(&r, REASON_CLIENT), 1);
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* While others hold the pool, 16 KiB are the mark.  What they give back makes
 * room too, and nobody may wait for ever because it was not his own. */
static void
test_room_by_others(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\n\r\n";
	uint32_t held[1024], n = 0;
	char got[sizeof HTTP];
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("reply", "reply { text = \"ok\" http = true "
	    "close = false }"));
	rig_start(&r);
	while (pool_left(&r.w.pool) > r.w.pool.nbufs / 2)
		held[n++] = pool_take(&r.w.pool);
	client = narrow_client(&r, &fd);
	for (int i = 0; i < 600; i++)
		rig_send(&r, client, request, sizeof request - 1);
	rig_settle(&r);
	assert_in_range(rig_row(&r, fd)->wx - rig_row(&r, fd)->tx,
	    SLOT_BUF_SIZE, 2 * SLOT_BUF_SIZE);
	assert_true(rig_row(&r, fd)->eaten < rig_row(&r, fd)->rx);
	while (n > 0)
		pool_give(&r.w.pool, held[--n]);
	for (int i = 0; i < 600; i++) {
		rig_recv(&r, client, got, sizeof HTTP - 1);
		assert_memory_equal(got, HTTP, sizeof HTTP - 1);
	}
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* Without buffers a connection waits; it goes on by itself when some are
 * back.  Nothing is lost, and a fresh one is greeted late. */
static void
test_no_buffers(void **state)
{
	uint32_t held[1024], n = 0;
	struct rig r;
	int fd, client, fresh;

	(void)state;
	rig_open(&r, SERVICE("reply", "reply { text = \"ok\" wait = false "
	    "close = false }"));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	rig_expect(&r, client, "ok");
	while (pool_left(&r.w.pool) >= POOL_RESERVE)
		held[n++] = pool_take(&r.w.pool);
	rig_send(&r, client, "hello", 5);
	fresh = rig_client(&r, RIG_V4, &fd);
	rig_expect_nothing(&r, client);
	rig_expect_nothing(&r, fresh);
	assert_int_equal(rig_ledger(&r).open, 2);
	while (n > 0)
		pool_give(&r.w.pool, held[--n]);
	rig_expect(&r, client, "ok");
	rig_expect(&r, fresh, "ok");
	rig_check(&r);
	close(client);
	close(fresh);
	rig_close(&r);
}

/* One who ends while it was put off, and whose number is used again. */
static void
test_put_off_and_gone(void **state)
{
	uint32_t held[1024], n = 0;
	struct rig r;
	int fd, fd2, client;

	(void)state;
	rig_open(&r, SERVICE("echo", "first_byte_timeout = 5s"));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	while (pool_left(&r.w.pool) >= POOL_RESERVE)
		held[n++] = pool_take(&r.w.pool);
	rig_send(&r, client, "hello", 5);
	rig_settle(&r);
	rig_pass(&r, 5000);
	rig_pass(&r, 2000);
	assert_int_equal(rig_row(&r, fd)->state, ROW_FREE);
	close(client);
	client = rig_client(&r, RIG_V4, &fd2);
	assert_int_equal(fd2, fd);
	while (n > 0)
		pool_give(&r.w.pool, held[--n]);
	rig_send(&r, client, "again", 5);
	rig_expect(&r, client, "again");
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* More requests in flight than the marks of both sides hold. */
static void
test_pipelining(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	size_t left = 20000 * (sizeof request - 1), answers = 0, at = 0;
	char got[sizeof HTTP];
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("reply", "reply { text = \"ok\" http = true "
	    "close = false }"));
	rig_start(&r);
	client = narrow_client(&r, &fd);
	while (left > 0) {
		/* As many as go, then some answers, so that both are full. */
		ssize_t n = send(client, request + at, sizeof request - 1 - at,
		    MSG_NOSIGNAL);

		if (n > 0) {
			left -= (size_t)n;
			at = (at + (size_t)n) % (sizeof request - 1);
			continue;
		}
		rig_settle(&r);
		for (int i = 0; i < 10; i++, answers++) {
			rig_recv(&r, client, got, sizeof HTTP - 1);
			assert_memory_equal(got, HTTP, sizeof HTTP - 1);
		}
	}
	for (; answers < 20000; answers++) {
		rig_recv(&r, client, got, sizeof HTTP - 1);
		assert_memory_equal(got, HTTP, sizeof HTTP - 1);
	}
	rig_expect_nothing(&r, client);
	assert_int_equal(rig_row(&r, fd)->requests, 20000);
	close(client);
	rig_settle(&r);
	rig_check(&r);
	rig_close(&r);
}

/* Held back: the kernel's buffers fill, not ours. */
static void
test_hold(void **state)
{
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("echo", "echo { delay = 1s }"));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	rig_send(&r, client, "one", 3);
	rig_settle(&r);
	send_some(&r, client, 100000);
	assert_int_equal(rig_row(&r, fd)->rx, 3);
	shutdown(client, SHUT_WR);
	rig_expect_nothing(&r, client);
	assert_int_equal(rig_row(&r, fd)->flags & ROW_F_EOF, 0);
	rig_pass(&r, 1000);
	rig_expect(&r, client, "one");
	rig_expect_nothing(&r, client);
	for (int i = 0; i < 20; i++)
		rig_pass(&r, 1000);
	rig_recv_pattern(&r, client, 100000, 0);
	rig_expect_end(&r, client);
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* Events of a former use of the number change nothing. */
static void
test_stale_event(void **state)
{
	struct rig r;
	int fd, client;
	struct row before;

	(void)state;
	rig_open(&r, SERVICE("echo", ""));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	before = *rig_row(&r, fd);
	rig_send(&r, client, "hello", 5);
	conn_event(&r.w, fd, before.gen - 1, ENGINE_IN | ENGINE_ERR);
	assert_memory_equal(rig_row(&r, fd), &before, sizeof before);
	rig_expect(&r, client, "hello");
	conn_event(&r.w, RIG_ROWS - 1, 0, ENGINE_IN);
	rig_check(&r);
	close(client);
	rig_close(&r);
}

/* A write that the pool cannot hold ends the connection, not the worker. */
static void
test_write_too_much(void **state)
{
	uint32_t held[1024], n = 0;
	static char text[40000];
	struct conn c;
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("echo", ""));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	while (pool_left(&r.w.pool) > 2)
		held[n++] = pool_take(&r.w.pool);
	c = rig_conn(&r, fd);
	rig_pattern(text, sizeof text, 0);
	errno = 0;
	assert_int_equal(conn_write(&c, text, sizeof text), -1);
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(c.row->state, ROW_FLUSH);
	conn_resume(&r.w, fd);
	rig_recv_pattern(&r, client, 2 * SLOT_BUF_SIZE, 0);
	rig_expect_end(&r, client);
	close(client);
	rig_settle(&r);
	assert_int_equal(rig_ended(&r, REASON_ERROR), 1);
	while (n > 0)
		pool_give(&r.w.pool, held[--n]);
	rig_check(&r);
	rig_close(&r);
}

static void
test_max_requests(void **state)
{
	struct rig r;
	int fd, client;

	(void)state;
	rig_open(&r, SERVICE("echo", "max_requests = 2"));
	rig_start(&r);
	client = rig_client(&r, RIG_V4, &fd);
	rig_send(&r, client, "one", 3);
	rig_expect(&r, client, "one");
	rig_send(&r, client, "two", 3);
	rig_expect(&r, client, "two");
	rig_expect_end(&r, client);
	close(client);
	rig_settle(&r);
	assert_int_equal(rig_ended(&r, REASON_MAX_REQUESTS), 1);
	assert_int_equal(r.args.slot.counts[0].requests, 2);
	assert_int_equal(r.args.slot.counts[0].bytes_in, 6);
	assert_int_equal(r.args.slot.counts[0].bytes_out, 6);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_high_water),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_room_by_others),
		cmocka_unit_test(test_no_buffers),
		cmocka_unit_test(test_put_off_and_gone),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_stale_event),
		cmocka_unit_test(test_write_too_much),
		cmocka_unit_test(test_max_requests),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
