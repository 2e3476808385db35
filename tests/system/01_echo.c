/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first thing a server does: it says back what comes, over each family of
 * addresses, to the last byte, also to those who have said their last.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/lib/belay.h"

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {%s} }\n";

static void
hello(const char *addr)
{
	int fd = client_open(addr);

	client_say(fd, "hi");
	client_expect(fd, "hi");
	client_say(fd, "there\n");
	client_expect(fd, "there\n");
	client_shut(fd);
	client_expect_eof(fd);
	client_close(&fd);
}

static void
test_hello(void **state)
{
	struct srv *srv = srv_start(conf, "\"127.0.0.1:0\"");

	(void)state;
	hello(srv_addr(srv, "e", 0));
	srv_finish(&srv);
}

static void
test_families(void **state)
{
	struct srv *srv = srv_start(conf, test_has_v6() ?
	    "\"127.0.0.1:0\", \"unix:${DIR}/e.sock\", \"[::1]:0\"" :
	    "\"127.0.0.1:0\", \"unix:${DIR}/e.sock\"");
	size_t i;

	(void)state;
	for (i = 0; i < (test_has_v6() ? 3 : 2); i++)
		hello(srv_addr(srv, "e", i));
	srv_finish(&srv);
}

/* Who closes without a word, or resets, leaves nothing behind. */
static void
test_silent(void **state)
{
	struct srv *srv = srv_start(conf, "\"127.0.0.1:0\"");
	const char *addr = srv_addr(srv, "e", 0);
	int i, fd;

	(void)state;
	for (i = 0; i < 20; i++) {
		fd = client_open(addr);
		if (i % 2 == 0)
			client_say(fd, "x");
		if (i % 4 < 2)
			client_close(&fd);
		else
			client_reset(&fd);
	}
	srv_wait_nth(srv, 20, "conn.close", "{s:s}", "service", "e");
	hello(addr);
	srv_finish(&srv);
}

/* All is sent before anything is read: it waits in the server and the
 * sockets, and comes out whole, FIN and all. */
static void
test_half_close(void **state)
{
	enum { SIZE = 1 << 16 };
	struct srv *srv = srv_start(conf, "\"127.0.0.1:0\"");
	int fd = client_open(srv_addr(srv, "e", 0));
	char *buf = malloc(SIZE);

	(void)state;
	assert_non_null(buf);
	pattern_fill(7, 0, buf, SIZE);
	client_send(fd, buf, SIZE);
	client_shut(fd);
	memset(buf, 0, SIZE);
	assert_int_equal(client_recv_all(fd, buf, SIZE), SIZE);
	assert_int_equal(pattern_check(7, 0, buf, SIZE), SIZE);
	client_close(&fd);
	free(buf);
	srv_finish(&srv);
}

static void
test_streams(void **state)
{
	struct srv *srv = srv_start(conf, "\"127.0.0.1:0\"");
	struct streams *s = streams_open(50, srv_addr(srv, "e", 0), 30000);
	struct streams_sum sum;

	(void)state;
	streams_flow(s, 1 << 18);
	sum = streams_finish(&s);
	assert_int_equal(sum.lost + sum.wrong, 0);
	assert_true(sum.bytes >= 50 << 18);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_hello, test_end),
		cmocka_unit_test_teardown(test_families, test_end),
		cmocka_unit_test_teardown(test_silent, test_end),
		cmocka_unit_test_teardown(test_half_close, test_end),
		cmocka_unit_test_teardown(test_streams, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
