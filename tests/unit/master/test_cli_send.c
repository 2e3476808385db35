/* SPDX-License-Identifier: BSD-2-Clause */
/* The TCP client against peers of every temper. */
#include <sys/mman.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/send_input.h"
#include "tests/unit/master/cli_fixture.h"

enum { BIG = 32 << 20 };

static struct cli_result
send_to(const char *where, const char *options, const char *input)
{
	char line[512];

	snprintf(line, sizeof(line), "send %s %s", where, options);
	return cli_call(cli_send, line, input);
}

static void
peer_reply(int fd, void *arg)
{
	char buf[64];

	if (recv(fd, buf, sizeof(buf), 0) > 0)
		peer_write(fd, arg, strlen(arg));
}

static void
peer_greet(int fd, void *arg)
{
	peer_write(fd, arg, strlen(arg));
}

static void
peer_reset(int fd, void *arg)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	char c;

	(void)arg;
	(void)recv(fd, &c, 1, 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Until the client gives up. */
static void
peer_silent(int fd, void *arg)
{
	char buf[4096];

	(void)arg;
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		continue;
}

static void
peer_wrong_byte(int fd, void *arg)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	(void)arg;
	if (n > 0) {
		buf[0] ^= 1;
		peer_write(fd, buf, (size_t)n);
	}
	peer_silent(fd, NULL);
}

/* Echoes all, and one byte more. */
static void
peer_long(int fd, void *arg)
{
	peer_echo(fd, arg);
	peer_write(fd, "x", 1);
}

static void
peer_short(int fd, void *arg)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	(void)arg;
	if (n > 0)
		peer_write(fd, buf, (size_t)n - 1);
	shutdown(fd, SHUT_WR);
	peer_silent(fd, NULL);
}

static void
peer_more(int fd, void *arg)
{
	(void)arg;
	peer_write(fd, "unasked", 7);
	peer_silent(fd, NULL);
}

/* What is sent, what comes out of it. */
static const struct talk {
	const char *what;
	void (*serve)(int, void *);
	const char *arg, *options, *input;
	int code;
	const char *out, *err;		/* err: a part of it */
	size_t conns;
} talks[] = {
	{ "a reply, then the peer closes", peer_reply, "thank you",
	    "--data hi", NULL, CLI_DONE, "thank you", "peer closed\n", 1 },
	{ "half-close", peer_echo, NULL, "--data hi --half-close", NULL,
	    CLI_DONE, "hi", "our side is closed\n", 1 },
	{ "steps: sent", peer_echo, NULL, "--data hi -N", NULL,
	    CLI_DONE, "hi", "\nsent 2 bytes\n", 1 },
	{ "steps: got", peer_echo, NULL, "--data hi -N", NULL,
	    CLI_DONE, "hi", "\ngot 2 bytes\n", 1 },
	{ "an end by silence", peer_echo, NULL, "--data hi", NULL,
	    CLI_DONE, "hi", "got 2 bytes\n", 1 },
	{ "nothing to send", peer_greet, "hello", "--wait", NULL,
	    CLI_DONE, "hello", "got 5 bytes\npeer closed\n", 1 },
	{ "stdin", peer_echo, NULL, "- --half-close", "line\n",
	    CLI_DONE, "line\n", "sent 5 bytes", 1 },
	{ "stdin as a file", peer_echo, NULL, "-N --file -", "line\n",
	    CLI_DONE, "line\n", "sent 5 bytes", 1 },
	{ "stdin, many times", peer_echo, NULL, "- -N --repeat 3", "ab",
	    CLI_DONE, "ababab", "3 rounds, 0 failed; sent 6 bytes, got 6", 3 },
	{ "a connection for each round when the peer closes", peer_reply,
	    "x", "--data hi --repeat 3", NULL, CLI_DONE, "xxx",
	    "3 rounds, 0 failed", 3 },
	{ "parallel", peer_reply, "x", "--data hi --parallel 20", NULL,
	    CLI_DONE, "xxxxxxxxxxxxxxxxxxxx", "#20 connected to", 20 },
	{ "random data on one connection", peer_echo, NULL,
	    "--random --repeat 20", NULL, CLI_DONE, "",
	    "20 rounds, 0 failed", 1 },
	{ "random data in parallel, half-closed", peer_echo, NULL,
	    "--random --parallel 4 --repeat 3 -N", NULL, CLI_DONE, "",
	    "12 rounds, 0 failed", 12 },
	{ "quiet", peer_reply, "x", "--data hi --quiet", NULL, CLI_DONE, "x",
	    NULL, 1 },
	{ "every round at its time", peer_reply, "x",
	    "--data hi --repeat 2 --every 1ms", NULL, CLI_DONE, "xx",
	    "2 rounds", 2 },
	/* failures */
	{ "a reset", peer_reset, NULL, "--data hi", NULL, CLI_FAILED, "",
	    "reset by peer\n", 1 },
	{ "no reply", peer_silent, NULL, "--data hi --timeout 30ms", NULL,
	    CLI_FAILED, "", "timed out: no reply\n", 1 },
	{ "no close", peer_more, NULL, "--data hi --timeout 30ms --wait",
	    NULL, CLI_FAILED, "unasked", "timed out: the peer does not close",
	    1 },
	{ "a wrong byte", peer_wrong_byte, NULL, "--random --timeout 1s",
	    NULL, CLI_FAILED, "", "byte 0 is wrong: ", 1 },
	{ "a byte too few", peer_short, NULL, "--random", NULL, CLI_FAILED,
	    "", "bytes came back\n", 1 },
	{ "a byte too many", peer_long, NULL, "--random -N", NULL,
	    CLI_FAILED, "", "more came back than was sent\n", 1 },
	{ "a round may fail and the next not", peer_reset, NULL,
	    "--data hi --repeat 2", NULL, CLI_FAILED, "",
	    "2 rounds, 2 failed", 2 },
	{ "failures are told of in quiet", peer_reset, NULL, "--data hi -q",
	    NULL, CLI_FAILED, "", "reset by peer\n", 1 },
};

static void
test_talks(void **state)
{
	struct cli_result r;
	struct cli_peer p;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(talks); i++) {
		const struct talk *t = &talks[i];

		cli_peer_start(&p, t->serve, (void *)(uintptr_t)t->arg);
		r = send_to(p.where, t->options, t->input);
		cli_peer_stop(&p);
		if (r.code != t->code || strcmp(r.out, t->out) != 0 ||
		    (t->err == NULL ? r.err[0] != '\0' :
		    strstr(r.err, t->err) == NULL) || p.nconns != t->conns)
			fail_msg("%s: exit %d, %zu connections, out \"%s\", "
			    "err \"%s\"", t->what, r.code, p.nconns, r.out,
			    r.err);
		cli_result_free(&r);
	}
}

/* A peer that stops reading while we do not read. */
static void
test_big_both_ways(void **state)
{
	int fd = memfd_create("big", 0);
	char *data = malloc(BIG), options[64];
	struct cli_result r;
	struct cli_peer p;

	(void)state;
	assert_non_null(data);
	send_random_fill(data, BIG, 1, 0);
	assert_int_equal(write(fd, data, BIG), BIG);
	snprintf(options, sizeof(options), "-N --file /proc/self/fd/%d", fd);
	cli_peer_start(&p, peer_echo, NULL);
	r = send_to(p.where, options, NULL);
	cli_peer_stop(&p);
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(r.out_len, BIG);
	assert_memory_equal(r.out, data, BIG);
	cli_result_free(&r);
	free(data);
	close(fd);
}

/* A peer that leaves early: what it said counts, and that not all was sent. */
static void
test_peer_leaves_early(void **state)
{
	int fd = memfd_create("big", 0);
	char options[64];
	struct cli_result r;
	struct cli_peer p;

	(void)state;
	assert_int_equal(ftruncate(fd, BIG), 0);
	snprintf(options, sizeof(options), "--file /proc/self/fd/%d", fd);
	cli_peer_start(&p, peer_reset, NULL);
	r = send_to(p.where, options, NULL);
	cli_peer_stop(&p);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "reset by peer"));
	cli_result_free(&r);
	close(fd);
}

/* A stream: what comes is sent before its end is known. */
static void
test_stream(void **state)
{
	char options[64];
	struct cli_result r;
	struct cli_peer p;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "piped", 5), 5);
	close(fds[1]);
	snprintf(options, sizeof(options), "-N --file /proc/self/fd/%d",
	    fds[0]);
	cli_peer_start(&p, peer_echo, NULL);
	r = send_to(p.where, options, NULL);
	cli_peer_stop(&p);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "piped");
	cli_result_free(&r);
	close(fds[0]);
}

static void
test_unix(void **state)
{
	char path[] = "/tmp/cli_send.XXXXXX", name[64];
	struct cli_result r;
	struct cli_peer p;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(name, sizeof(name), "%s/s", path);
	cli_peer_start_unix(&p, name, peer_echo, NULL);
	r = send_to(p.where, "--data hi -N", NULL);
	cli_peer_stop(&p);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "hi");
	cli_result_free(&r);

	r = send_to(p.where, "--data hi", NULL);	/* nobody listens */
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "Connection refused"));
	cli_result_free(&r);
	unlink(name);
	rmdir(path);
}

static void
test_refused(void **state)
{
	struct cli_result r;
	struct cli_peer p;

	(void)state;
	cli_peer_refuse(&p);
	r = send_to(p.where, "--data hi", NULL);
	close(p.fd);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "Connection refused"));
	cli_result_free(&r);
}

/* A full backlog answers nothing. */
static void
test_connect_times_out(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0), fill[4];
	struct cli_result r;
	char where[64];
	size_t i;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	for (i = 0; i < NITEMS(fill); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&sin, len);
	}
	snprintf(where, sizeof(where), "127.0.0.1:%u", ntohs(sin.sin_port));
	r = send_to(where, "--data hi --timeout 50ms", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "timed out"));
	cli_result_free(&r);
	for (i = 0; i < NITEMS(fill); i++)
		close(fill[i]);
	close(fd);
}

static void
test_command_line(void **state)
{
	static const struct { const char *line; int code; const char *err; }
	    rows[] = {
		{ "send", CLI_USAGE, "where to?" },
		{ "send 127.0.0.1:1 other", CLI_USAGE, "unexpected word" },
		{ "send 127.0.0.1", CLI_USAGE, "write HOST:PORT" },
		{ "send ::1:80", CLI_USAGE, "brackets" },
		{ "send 127.0.0.1:x", CLI_USAGE, "a port is" },
		{ "send 127.0.0.1:0", CLI_USAGE, "a port is" },
		{ "send 127.0.0.1:65536", CLI_USAGE, "a port is" },
		{ "send unix:relative", CLI_USAGE, "absolute" },
		{ "send 127.0.0.1:1 --data a --random", CLI_USAGE, "one of" },
		{ "send 127.0.0.1:1 --data a -", CLI_USAGE, "one of" },
		{ "send 127.0.0.1:1 --repeat 0", CLI_USAGE, "at least 1" },
		{ "send 127.0.0.1:1 --every 5", CLI_USAGE, "duration" },
		{ "send 127.0.0.1:1 --file /nonexistent/x", CLI_FAILED,
		    "No such file" },
		{ "send 127.0.0.1:1 --file /", CLI_FAILED, "directory" },
	};
	struct cli_result r;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		r = cli_call(cli_send, rows[i].line, NULL);
		if (r.code != rows[i].code || r.out[0] != '\0' ||
		    strstr(r.err, rows[i].err) == NULL)
			fail_msg("%s: exit %d, \"%s\"", rows[i].line, r.code,
			    r.err);
		cli_result_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_big_both_ways),
		cmocka_unit_test(test_peer_leaves_early),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_connect_times_out),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
