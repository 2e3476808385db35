/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends of one direction only: whoever has said his last still hears all that
 * is said to him, and what he says after the other's last disturbs nobody.
 */
#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/lib/look.h"

enum { MUCH = 1 << 20, TEXT = 60000, RESETS = 20 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"d\" { handler = \"discard\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"s\" { handler = \"sink\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"r\" { handler = \"reply\" listen = {\"127.0.0.1:0\"}\n"
    "	reply { text = \"%s\" } }\n";

/* Sends all that it can, reading a little in between, until all is back. */
static void
pump(int fd, uint64_t seed, size_t total)
{
	size_t sent = 0, got = 0, n;
	char buf[8192];
	ssize_t k;

	while (sent < total) {
		n = total - sent < sizeof buf ? total - sent : sizeof buf;
		pattern_fill(seed, sent, buf, n);
		k = send(fd, buf, n, MSG_NOSIGNAL);
		if (k > 0) {
			sent += (size_t)k;
			continue;
		}
		n = total - got < 4000 ? total - got : 4000;
		client_recv(fd, buf, n);
		assert_int_equal(pattern_check(seed, got, buf, n), n);
		got += n;
	}
	client_shut(fd);
	while (got < total) {
		n = total - got < sizeof buf ? total - got : sizeof buf;
		client_recv(fd, buf, n);
		assert_int_equal(pattern_check(seed, got, buf, n), n);
		got += n;
	}
	client_expect_eof(fd);
}

/* The client's FIN comes while much waits for it, in a small window. */
static void
test_client_first(void **state)
{
	struct srv *srv = srv_start(conf, "bye");
	int fd = client_open_tight(srv_addr(srv, "e", 0));

	(void)state;
	pump(fd, 1, MUCH / (test_sanitized() ? 8 : 1));
	client_close(&fd);
	srv_wait_event(srv, "conn.close", "{s:s}", "reason", "client");
	srv_finish(&srv);
}

/* Services that say nothing end with the client all the same. */
static void
test_mute(void **state)
{
	static const char *const services[] = { "d", "s" };
	struct srv *srv = srv_start(conf, "bye");
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < nitems(services); i++) {
		fd = client_open(srv_addr(srv, services[i], 0));
		client_say(fd, "hi");
		client_shut(fd);
		client_expect_eof(fd);
		client_close(&fd);
		srv_wait_event(srv, "conn.close", "{s:s, s:s, s:i}", "service",
		    services[i], "reason", "client", "bytes_in", 2);
	}
	srv_finish(&srv);
}

/* The server has ended; what the client still says must not become a RST that
 * takes the text from it. */
static void
test_server_first(void **state)
{
	char *text = malloc(TEXT + 1), *junk = calloc(1, 20000);
	struct srv *srv;
	int fd;

	(void)state;
	assert_true(text != NULL && junk != NULL);
	memset(text, 'x', TEXT);
	text[TEXT] = '\0';
	srv = srv_start(conf, text);
	fd = client_open_tight(srv_addr(srv, "r", 0));
	client_say(fd, "go");
	client_recv(fd, junk, 1);
	client_send(fd, junk, 20000);
	look_wait_number(srv, "services.3.bytes_in", 2 + 20000);
	client_recv(fd, text, TEXT - 1);
	client_expect_eof(fd);
	client_send(fd, junk, 10000);
	client_shut(fd);
	client_expect_eof(fd);
	client_close(&fd);
	srv_wait_event(srv, "conn.close", "{s:s, s:s, s:i}", "service", "r",
	    "reason", "eof", "bytes_out", TEXT);
	free(text);
	free(junk);
	srv_finish(&srv);
}

/* Clients that ask for much and reset instead of reading it. */
static void
test_resets(void **state)
{
	struct srv *srv = srv_start(conf, "bye");
	const char *addr = srv_addr(srv, "e", 0);
	int i, fd, good = client_open(addr);
	char buf[20000];

	(void)state;
	pattern_fill(3, 0, buf, sizeof buf);
	for (i = 0; i < RESETS; i++) {
		fd = client_open_tight(addr);
		client_send(fd, buf, sizeof buf);
		client_recv(fd, buf, 1);
		client_reset(&fd);
		client_say(good, "hi");
		client_expect(good, "hi");
	}
	srv_wait_nth(srv, RESETS, "conn.close", "{s:s}", "reason", "reset");
	client_close(&good);
	srv_finish(&srv);
}

static void
test_one_gigabyte(void **state)
{
	uint64_t each = test_sanitized() ? 1 << 24 : 1 << 28;
	struct srv *srv = srv_start(conf, "bye");
	struct streams *s = streams_open(4, srv_addr(srv, "e", 0), 1 << 18);
	struct streams_sum sum;

	(void)state;
	streams_flow(s, each);
	sum = streams_finish(&s);
	assert_int_equal(sum.lost + sum.wrong, 0);
	assert_true(sum.bytes >= 4 * each);
	print_message("%llu MB came back byte-exact\n",
	    (unsigned long long)(sum.bytes >> 20));
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_client_first, test_end),
		cmocka_unit_test_teardown(test_mute, test_end),
		cmocka_unit_test_teardown(test_server_first, test_end),
		cmocka_unit_test_teardown(test_resets, test_end),
		cmocka_unit_test_teardown(test_one_gigabyte, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
