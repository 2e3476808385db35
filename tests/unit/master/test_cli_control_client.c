/* SPDX-License-Identifier: BSD-2-Clause */
/* The client of the control socket against servers good and bad. */
#include <sys/socket.h>
#include <sys/un.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/control_client.h"
#include "tests/unit/master/cli_fixture.h"

enum { LONG_MS = 20000, PAD = 4 << 20 };

/* A server: what it reads before it answers, its answer, what it does then. */
enum then { CLOSES, HANGS, FLOODS };

struct script {
	const char *what;
	bool reads;			/* the request, first */
	const char *answer;
	enum then then;
	int timeout_ms;
	bool until_gone;
	int code;
	unsigned lines;
	const char *err;		/* part; NULL: nothing */
};

struct server {
	char dir[32], path[64];
	struct cli_peer peer;
	const struct script *script;
	char request[256];
	sem_t flooded;
};

/* What a call saw. */
struct seen {
	unsigned lines;
	long long number;
};

static struct server server;		/* one at a time */
static struct seen seen;

/* One line after another until the other side has left.  They are counted, so
 * that a reader can wait for the next to be there. */
static void
flood(struct server *s, int fd)
{
	static const char line[] = "{\"progress\":\"on\"}\n";

	while (send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL) > 0)
		sem_post(&s->flooded);
	sem_post(&s->flooded);		/* nobody waits for ever */
}

static void
serve(int fd, void *arg)
{
	struct server *s = arg;
	const struct script *script = s->script;
	size_t n = 0;
	char c;

	while (script->reads && n + 1 < sizeof(s->request) &&
	    recv(fd, &c, 1, 0) == 1 && c != '\n')
		s->request[n++] = c;
	s->request[n] = '\0';
	peer_write(fd, script->answer, strlen(script->answer));
	if (script->then == FLOODS)
		flood(s, fd);
	if (script->then == HANGS)
		while (recv(fd, &c, 1, 0) > 0)
			continue;
}

static void
take_line(json_t *reply, void *arg)
{
	struct seen *s = arg;

	s->lines++;
	s->number += json_integer_value(json_object_get(reply, "n"));
}

/* Goes on only when the next line is there: the reader never has to wait. */
static void
take_flood(json_t *reply, void *arg)
{
	struct seen *s = arg;

	(void)reply;
	if (s->lines++ == 0)
		sem_wait(&server.flooded);	/* for this one */
	sem_wait(&server.flooded);
}

static int
ask_verb(int argc, char **argv)
{
	json_t *request = json_pack("{s:s, s:i}", "verb", "test", "x", 7);
	const struct control_ask ask = {
		.verb = argv[0], .socket_path = server.path,
		.request = request, .timeout_ms = server.script->timeout_ms,
		.line = server.script->then == FLOODS ? take_flood : take_line,
		.arg = &seen,
		.until_gone = server.script->until_gone,
	};
	int rc = control_ask(&ask);

	(void)argc;
	json_decref(request);
	return rc;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(server.dir, "/tmp/cli_ctl.XXXXXX");
	if (mkdtemp(server.dir) == NULL)
		return -1;
	snprintf(server.path, sizeof(server.path), "%s/s", server.dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(server.path);
	return rmdir(server.dir);
}

static const char ok[] = "{\"done\":true,\"ok\":true,\"n\":5}\n";

static const struct script scripts[] = {
	{ "one reply", true, ok, HANGS, LONG_MS, false, CLI_DONE, 1, NULL },
	{ "progress, then the reply", true,
	    "{\"progress\":\"a\"}\n{\"n\":1}\n"
	    "{\"done\":true,\"ok\":true}\n", HANGS, LONG_MS, false, CLI_DONE,
	    3, NULL },
	{ "what follows the last reply", true,
	    "{\"done\":true,\"ok\":true}\ngarbage\n", HANGS, LONG_MS, false,
	    CLI_DONE, 1, NULL },
	{ "a refusal with its reason", true,
	    "{\"done\":true,\"ok\":false,\"error\":\"not now\"}\n", HANGS,
	    LONG_MS, false, CLI_FAILED, 1, "belay v: not now\n" },
	{ "a refusal without", true, "{\"done\":true}\n", HANGS, LONG_MS,
	    false, CLI_FAILED, 1, "did not say why" },
	{ "a refusal before it read the request", false,
	    "{\"done\":true,\"ok\":false,\"error\":\"you may not\"}\n",
	    CLOSES, LONG_MS, false, CLI_FAILED, 1, "you may not" },
	{ "until it is gone", true, ok, CLOSES, LONG_MS, true, CLI_DONE, 1,
	    NULL },
	{ "it does not go", true, ok, HANGS, 50, true, CLI_FAILED, 1,
	    "in time" },
	{ "refused, so it stays", true, "{\"done\":true,\"ok\":false}\n",
	    HANGS, LONG_MS, true, CLI_FAILED, 1, "did not say why" },
	{ "garbage", true, "\x01\xff{]\n", HANGS, LONG_MS, false, CLI_FAILED,
	    0, "not one of belay's" },
	{ "not an object", true, "[1]\n", HANGS, LONG_MS, false, CLI_FAILED,
	    0, "not one of belay's" },
	{ "an empty line", true, "\n", HANGS, LONG_MS, false, CLI_FAILED, 0,
	    "not one of belay's" },
	{ "garbage after a good line", true, "{\"n\":1}\n{\n", HANGS, LONG_MS,
	    false, CLI_FAILED, 1, "not one of belay's" },
	{ "half a line, then the end", true, "{\"done\":tr", CLOSES, LONG_MS,
	    false, CLI_FAILED, 0, "went away" },
	{ "half a line, then nothing", true, "{\"done\":tr", HANGS, 50, false,
	    CLI_FAILED, 0, "in time" },
	{ "the end at once", true, "", CLOSES, LONG_MS, false, CLI_FAILED, 0,
	    "went away" },
	{ "no answer", true, "", HANGS, 50, false, CLI_FAILED, 0, "in time" },
};

static void
test_scripts(void **state)
{
	struct cli_result r;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(scripts); i++) {
		const struct script *s = &scripts[i];

		server.script = s;
		seen = (struct seen){ 0 };
		cli_peer_start_unix(&server.peer, server.path, serve, &server);
		r = cli_call(ask_verb, "v", NULL);
		cli_peer_stop(&server.peer);
		unlink(server.path);
		if (r.code != s->code || seen.lines != s->lines ||
		    (s->err == NULL ? r.err[0] != '\0' :
		    strstr(r.err, s->err) == NULL))
			fail_msg("%s: exit %d, %u lines, \"%s\"", s->what,
			    r.code, seen.lines, r.err);
		assert_string_equal(server.request, s->reads ?
		    "{\"verb\":\"test\",\"x\":7}" : "");
		cli_result_free(&r);
	}
}

/* One that never pauses and never ends is late too. */
static void
test_flood_ends(void **state)
{
	static const struct script floods = { .reads = true, .answer = "",
	    .then = FLOODS, .timeout_ms = 100 };
	struct cli_result r;

	(void)state;
	server.script = &floods;
	seen = (struct seen){ 0 };
	assert_int_equal(sem_init(&server.flooded, 0, 0), 0);
	cli_peer_start_unix(&server.peer, server.path, serve, &server);
	r = cli_call(ask_verb, "v", NULL);
	cli_peer_stop(&server.peer);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "in time"));
	assert_true(seen.lines > 1);
	cli_result_free(&r);
	sem_destroy(&server.flooded);
}

/* A reply longer than any buffer it began with. */
static void
test_long_line(void **state)
{
	size_t n = 3 << 20;
	char *text = malloc(n + 64);
	struct script script = { .reads = true, .answer = text,
	    .then = HANGS, .timeout_ms = LONG_MS };
	struct cli_result r;

	(void)state;
	assert_non_null(text);
	strcpy(text, "{\"pad\":\"");
	memset(text + strlen(text), 'x', n);
	strcpy(text + 8 + n, "\",\"n\":3,\"done\":true,\"ok\":true}\n");
	server.script = &script;
	seen = (struct seen){ 0 };
	cli_peer_start_unix(&server.peer, server.path, serve, &server);
	r = cli_call(ask_verb, "v", NULL);
	cli_peer_stop(&server.peer);
	assert_int_equal(r.code, CLI_DONE);
	assert_int_equal(seen.number, 3);
	cli_result_free(&r);
	free(text);
}

static void
test_not_running(void **state)
{
	struct cli_result r;
	char expected[128];
	int stale;

	(void)state;
	server.script = &scripts[0];
	snprintf(expected, sizeof(expected),
	    "belay is not running (no answer on %s)\n", server.path);
	for (stale = 0; stale < 2; stale++) {
		if (stale) {
			cli_peer_start_unix(&server.peer, server.path, serve,
			    &server);
			cli_peer_stop(&server.peer);
		}
		r = cli_call(ask_verb, "v", NULL);
		assert_int_equal(r.code, CLI_NOT_RUNNING);
		assert_string_equal(r.err, expected);
		cli_result_free(&r);
	}
}

/* One that listens and does not accept: the backlog is full. */
static void
test_backlog_is_full(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), fill[3];
	struct cli_result r;
	size_t i;

	(void)state;
	strcpy(sun.sun_path, server.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (i = 0; i < NITEMS(fill); i++) {
		fill[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&sun, sizeof(sun));
	}
	server.script = &scripts[0];
	r = cli_call(ask_verb, "v", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "does not accept"));
	cli_result_free(&r);
	for (i = 0; i < NITEMS(fill); i++)
		close(fill[i]);
	close(fd);
}

/* A request that does not fit into the socket, to a server that answers and
 * closes without reading it. */
static int
big_request_verb(int argc, char **argv)
{
	char *pad = calloc(1, PAD + 1);
	json_t *request;
	int rc;

	(void)argc;
	(void)argv;
	assert_non_null(pad);
	memset(pad, 'x', PAD);
	request = json_pack("{s:s, s:s}", "verb", "test", "pad", pad);
	rc = control_request(server.path, request, LONG_MS, NULL, NULL);
	json_decref(request);
	free(pad);
	return rc;
}

static void
test_refused_unread(void **state)
{
	static const struct script refusal = { .answer = "{\"done\":true,"
	    "\"ok\":false,\"error\":\"you may not\"}\n", .then = CLOSES };
	struct cli_result r;

	(void)state;
	server.script = &refusal;
	cli_peer_start_unix(&server.peer, server.path, serve, &server);
	r = cli_call(big_request_verb, "v", NULL);
	cli_peer_stop(&server.peer);
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.err, "belay test: you may not\n");
	cli_result_free(&r);
}

static int
long_path_verb(int argc, char **argv)
{
	json_t *request = json_pack("{s:s}", "verb", "test");
	char path[200];
	int rc;

	(void)argc;
	(void)argv;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	rc = control_request(path, request, LONG_MS, NULL, NULL);
	json_decref(request);
	return rc;
}

static void
test_path_too_long(void **state)
{
	struct cli_result r = cli_call(long_path_verb, "v", NULL);

	(void)state;
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "belay test: "));
	assert_non_null(strstr(r.err, "too long"));
	cli_result_free(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scripts),
		TEST(test_flood_ends),
		TEST(test_long_line),
		TEST(test_refused_unread),
		TEST(test_not_running),
		TEST(test_backlog_is_full),
		cmocka_unit_test(test_path_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
