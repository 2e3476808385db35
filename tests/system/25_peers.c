/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clients that people have: nc, socat, curl, wget, `belay send` and a
 * browser, against all services.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/lib/look.h"

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\",\n"
    "	\"unix:${DIR}/e.sock\"} }\n"
    "service \"r\" { handler = \"reply\" listen = {\"127.0.0.1:0\"}\n"
    "	reply { text = \"thank you\\n\" http = true } }\n"
    "service \"s\" { handler = \"sink\" listen = {\"127.0.0.1:0\"} }\n"
    "service \"d\" { handler = \"discard\" listen = {\"127.0.0.1:0\"} }\n";

static const char *
port(struct srv *srv, const char *service)
{
	static char texts[4][16];
	static unsigned next;
	char *text = texts[next++ % nitems(texts)];

	snprintf(text, sizeof texts[0], "%d", srv_port(srv, service));
	return text;
}

/* Runs it, says input, ends that; what it said is in p->out. */
static void
ask(struct proc *p, const char *const argv[], const char *input)
{
	proc_start(p, argv);
	proc_feed(p, input, strlen(input));
	if (proc_wait(p) != 0)
		fail_msg("%s: %d: %s%s", argv[0], p->status, p->out, p->err);
}

static void
nc_says(const char *const argv[], const char *input, const char *output)
{
	struct proc p;

	ask(&p, argv, input);
	assert_string_equal(p.out, output);
	proc_end(&p);
}

static void
test_nc(void **state)
{
	struct srv *srv;

	(void)state;
	test_need_program("nc");
	srv = srv_start("%s", conf);
	nc_says((const char *const[]){ "nc", "-N", "127.0.0.1",
	    port(srv, "e"), NULL }, "hi", "hi");
	nc_says((const char *const[]){ "nc", "-N", "-U",
	    srv_path(srv, "e.sock"), NULL }, "hi\nthere\n", "hi\nthere\n");
	nc_says((const char *const[]){ "nc", "-N", "127.0.0.1",
	    port(srv, "r"), NULL }, "anything\n", "thank you\n");
	nc_says((const char *const[]){ "nc", "-N", "127.0.0.1",
	    port(srv, "d"), NULL }, "gone", "");
	nc_says((const char *const[]){ "nc", "-N", "127.0.0.1",
	    port(srv, "s"), NULL }, "bad \"\x01\n", "");
	srv_wait_event(srv, "service.message", "{s:s, s:i}", "data",
	    "bad \"\x01\n", "bytes_in", 7);
	srv_finish(&srv);
}

/* Someone types, looks at the answer, types again. */
static void
test_lines(void **state)
{
	const char *argv[] = { "nc", "-N", "127.0.0.1", NULL, NULL };
	struct srv *srv;
	struct proc p;

	(void)state;
	test_need_program("nc");
	srv = srv_start("%s", conf);
	argv[3] = port(srv, "e");
	proc_start(&p, argv);
	proc_feed(&p, "one\n", 4);
	proc_wait_said(&p, "one\n");
	proc_feed(&p, "two\n", 4);
	proc_wait_said(&p, "one\ntwo\n");
	assert_int_equal(proc_wait(&p), 0);
	assert_string_equal(p.out, "one\ntwo\n");
	proc_end(&p);
	srv_finish(&srv);
}

static void
test_socat(void **state)
{
	struct srv *srv;
	char addr[128];

	(void)state;
	test_need_program("socat");
	srv = srv_start("%s", conf);
	snprintf(addr, sizeof addr, "TCP:127.0.0.1:%s", port(srv, "e"));
	nc_says((const char *const[]){ "socat", "-t", "5", "-", addr, NULL },
	    "hi", "hi");
	snprintf(addr, sizeof addr, "UNIX:%s", srv_path(srv, "e.sock"));
	nc_says((const char *const[]){ "socat", "-t", "5", "-", addr, NULL },
	    "hi", "hi");
	srv_finish(&srv);
}

static const char *
url(struct srv *srv, const char *path)
{
	static char text[64];

	snprintf(text, sizeof text, "http://127.0.0.1:%s/%s", port(srv, "r"),
	    path);
	return text;
}

static void
test_curl(void **state)
{
	char *body = malloc(30001);
	struct srv *srv;
	struct proc p;

	(void)state;
	test_need_program("curl");
	srv = srv_start("%s", conf);
	nc_says((const char *const[]){ "curl", "-sS", "--noproxy", "*",
	    url(srv, ""), NULL }, "", "thank you\n");
	ask(&p, (const char *const[]){ "curl", "-sSi", "--noproxy", "*",
	    url(srv, "a?b"), NULL }, "");
	look_holds(p.out, "HTTP/1.0 200 OK\r\n");
	look_holds(p.out, "Content-Length: 10\r\n");
	look_holds(p.out, "\r\n\r\nthank you\n");
	proc_end(&p);
	ask(&p, (const char *const[]){ "curl", "-sSI", "--noproxy", "*",
	    url(srv, ""), NULL }, "");
	look_holds(p.out, "Content-Length: 10\r\n");
	assert_null(strstr(p.out, "thank you"));
	proc_end(&p);
	assert_non_null(body);
	memset(body, 'x', 30000);
	body[30000] = '\0';
	ask(&p, (const char *const[]){ "curl", "-sS", "--noproxy", "*",
	    "--data-binary", "@-", url(srv, ""), NULL }, body);
	assert_string_equal(p.out, "thank you\n");
	proc_end(&p);
	free(body);
	srv_finish(&srv);
}

static void
test_wget(void **state)
{
	struct srv *srv;

	(void)state;
	test_need_program("wget");
	srv = srv_start("%s", conf);
	nc_says((const char *const[]){ "wget", "-qO-", "--no-proxy",
	    url(srv, "index.html"), NULL }, "", "thank you\n");
	srv_finish(&srv);
}

/* Each piece is read by the server before the next is sent. */
static void
test_browser(void **state)
{
	static const char *const pieces[] = {
		"G", "ET", " ", "/ HTTP/1.1\r\nHost: localhost:7789\r\nConn",
		"ection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11; Linux)\r",
		"\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n",
		"Accept-Encoding: gzip, deflate\r\nDNT: 1\r\n\r", "\n",
	};
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "r", 0)), one = 1;
	char answer[512] = "";
	size_t i, sent = 0;

	(void)state;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	for (i = 0; i < nitems(pieces); i++) {
		assert_false(client_readable(fd, 0));
		client_say(fd, pieces[i]);
		sent += strlen(pieces[i]);
		look_wait_number(srv, "services.1.bytes_in", (int64_t)sent);
	}
	client_recv_all(fd, answer, sizeof answer - 1);
	look_holds(answer, "HTTP/1.0 200 OK\r\n");
	look_holds(answer, "\r\n\r\nthank you\n");
	client_close(&fd);
	srv_finish(&srv);
}

/* Nearly a request: those who only look like one get the plain text. */
static void
test_not_http(void **state)
{
	static const char *const says[] = { "GETTING\n", "get / \r\n\r\n",
	    "HELO\n" };
	struct srv *srv = srv_start("%s", conf);
	char answer[64];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < nitems(says); i++) {
		fd = client_open(srv_addr(srv, "r", 0));
		client_say(fd, says[i]);
		memset(answer, 0, sizeof answer);
		client_recv_all(fd, answer, sizeof answer - 1);
		assert_string_equal(answer, "thank you\n");
		client_close(&fd);
	}
	srv_finish(&srv);
}

static void
test_send(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	struct proc p;

	(void)state;
	ask(&p, (const char *const[]){ srv->binary, "send",
	    srv_addr(srv, "e", 0), "--data", "hi there", "--half-close",
	    "--wait", NULL }, "");
	look_holds(p.out, "hi there");
	proc_end(&p);
	ask(&p, (const char *const[]){ srv->binary, "send",
	    srv_addr(srv, "e", 0), "--random", "--repeat", "20",
	    "--parallel", "5", NULL }, "");
	proc_end(&p);
	srv_wait_nth(srv, 6, "conn.close", "{s:s}", "service", "e");
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nc, test_end),
		cmocka_unit_test_teardown(test_lines, test_end),
		cmocka_unit_test_teardown(test_socat, test_end),
		cmocka_unit_test_teardown(test_curl, test_end),
		cmocka_unit_test_teardown(test_wget, test_end),
		cmocka_unit_test_teardown(test_browser, test_end),
		cmocka_unit_test_teardown(test_not_http, test_end),
		cmocka_unit_test_teardown(test_send, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
