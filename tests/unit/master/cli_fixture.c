/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli_fixture - verbs run in this process with their streams exchanged; what
 * main and other layers supply has stand-ins, weak, so that a real one wins.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

enum { WORDS_MAX = 32 };

struct fixture_reply {		/* what the built-in default asks for */
	char *text;
	bool http;
};

static struct cli_calls calls;

struct cli_calls *
cli_calls(void)
{
	return &calls;
}

__attribute__((weak)) int
cli_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	calls.runs++;
	return CLI_DONE;
}

__attribute__((weak)) int
cli_start(int argc, char **argv)
{
	int i;

	calls.starts++;
	calls.start_line[0] = '\0';
	for (i = 0; i < argc; i++) {
		strcat(calls.start_line, i > 0 ? " " : "");
		strcat(calls.start_line, argv[i]);
	}
	return argv[argc] == NULL ? CLI_DONE : CLI_FAILED;
}

__attribute__((weak)) const struct conf_section *
main_sections(void)
{
	static const struct conf_option none[] = { { .key = NULL } };
	static const struct conf_option reply[] = {
		{ .key = "text", .type = CONF_STRING, .dflt = "",
		    .off = offsetof(struct fixture_reply, text), .doc = "t" },
		{ .key = "http", .type = CONF_BOOL, .dflt = "false",
		    .off = offsetof(struct fixture_reply, http), .doc = "h" },
		{ .key = NULL },
	};
	static const struct conf_section sections[] = {
		{ .handler = "echo", .options = none, .size = 1 },
		{ .handler = "reply", .options = reply,
		    .size = sizeof(struct fixture_reply) },
		{ .handler = NULL },
	};

	return sections;
}

__attribute__((weak)) void
main_print_features(FILE *out)
{
	fputs("engines: epoll\nservices: echo\n", out);
}

static int
memory_file(const char *text)
{
	int fd = memfd_create("cli", MFD_CLOEXEC);

	assert_int_not_equal(fd, -1);
	if (text != NULL)
		assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static char *
take_file(int fd, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text;

	assert_true(size >= 0);
	text = malloc((size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	text[size] = '\0';
	if (len != NULL)
		*len = (size_t)size;
	close(fd);
	return text;
}

/* Puts fd in the place of number; returns what was there. */
static int
exchange(int fd, int number)
{
	int before = dup(number);

	assert_int_not_equal(before, -1);
	assert_int_equal(dup2(fd, number), number);
	return before;
}

static void
put_back(int before, int number)
{
	dup2(before, number);
	close(before);
}

struct cli_result
cli_call(int (*verb)(int, char **), const char *line, const char *input)
{
	char *words = strdup(line), *argv[WORDS_MAX + 1], *rest = words;
	int in = memory_file(input), out = memory_file(NULL);
	int err = memory_file(NULL), keep[3], argc = 0;
	struct cli_result r;

	while (argc < WORDS_MAX && (argv[argc] = strsep(&rest, " ")) != NULL)
		argc += argv[argc][0] != '\0';
	argv[argc] = NULL;
	fflush(stdout);
	fflush(stderr);
	keep[0] = exchange(in, STDIN_FILENO);
	keep[1] = exchange(out, STDOUT_FILENO);
	keep[2] = exchange(err, STDERR_FILENO);
	r.code = verb(argc, argv);
	fflush(stdout);
	clearerr(stdout);
	put_back(keep[0], STDIN_FILENO);
	put_back(keep[1], STDOUT_FILENO);
	put_back(keep[2], STDERR_FILENO);
	r.out = take_file(out, &r.out_len);
	r.err = take_file(err, NULL);
	close(in);
	free(words);
	return r;
}

void
cli_result_free(struct cli_result *r)
{
	free(r->out);
	free(r->err);
}

struct conn_arg {
	struct cli_peer *peer;
	int fd;
};

static void *
peer_conn(void *arg)
{
	struct conn_arg *c = arg;

	c->peer->serve(c->fd, c->peer->arg);
	close(c->fd);
	free(c);
	return NULL;
}

/* Ends when the listening socket is shut down. */
static void *
peer_main(void *arg)
{
	struct cli_peer *p = arg;
	struct conn_arg *c;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) != -1) {
		c = malloc(sizeof(*c));
		if (c == NULL || p->nconns == NITEMS(p->conns))
			abort();
		*c = (struct conn_arg){ p, fd };
		if (pthread_create(&p->conns[p->nconns++], NULL, peer_conn,
		    c) != 0)
			abort();
	}
	return NULL;
}

static void
peer_begin(struct cli_peer *p, void (*serve)(int, void *), void *arg)
{
	p->serve = serve;
	p->arg = arg;
	p->nconns = 0;
	assert_int_equal(listen(p->fd, 64), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

void
cli_peer_refuse(struct cli_peer *p)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(p->fd, -1);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(p->where, sizeof(p->where), "127.0.0.1:%u",
	    ntohs(sin.sin_port));
}

void
cli_peer_start(struct cli_peer *p, void (*serve)(int, void *), void *arg)
{
	cli_peer_refuse(p);
	peer_begin(p, serve, arg);
}

void
cli_peer_start_unix(struct cli_peer *p, const char *path,
    void (*serve)(int, void *), void *arg)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	assert_true(strlen(path) < sizeof(sun.sun_path));
	strcpy(sun.sun_path, path);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(p->fd, -1);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	snprintf(p->where, sizeof(p->where), "unix:%s", path);
	peer_begin(p, serve, arg);
}

void
cli_peer_stop(struct cli_peer *p)
{
	size_t i;

	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	for (i = 0; i < p->nconns; i++)
		pthread_join(p->conns[i], NULL);
	close(p->fd);
}

void
peer_write(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t got;

	while (n > 0) {
		got = send(fd, at, n, MSG_NOSIGNAL);
		if (got == -1 && errno != EINTR)
			return;
		at += got > 0 ? got : 0;
		n -= got > 0 ? (size_t)got : 0;
	}
}

size_t
peer_read(int fd, void *p, size_t n)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < n && got > 0) {
		got = recv(fd, (char *)p + len, n - len, 0);
		len += got > 0 ? (size_t)got : 0;
	}
	return len;
}

/* Stops reading while the other side does not: what a client must bear. */
void
peer_echo(int fd, void *arg)
{
	char buf[16384];
	ssize_t n;

	(void)arg;
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		peer_write(fd, buf, (size_t)n);
}
