/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest server, in a process of its own, with plain clients. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "master/cli/send_input.h"
#include "tests/unit/master/cli_fixture.h"

struct server {
	pid_t pid;
	int typed;			/* its stdin; -1: closed */
	FILE *out;
	struct sockaddr_in sin;
	char line[512];
};

/* The next line it prints, without its newline. */
static const char *
next_line(struct server *s)
{
	if (fgets(s->line, sizeof(s->line), s->out) == NULL)
		return "(end)";
	s->line[strcspn(s->line, "\n")] = '\0';
	return s->line;
}

/* Leaves room for so many clients, and sends what goes to stderr along. */
static void
limit_clients(rlim_t clients)
{
	const rlim_t listener = STDERR_FILENO + 1;
	struct rlimit rl = { listener + 1 + clients, listener + 1 + clients };

	dup2(STDOUT_FILENO, STDERR_FILENO);
	setrlimit(RLIMIT_NOFILE, &rl);
}

static void
server_start(struct server *s, char *option, rlim_t clients)
{
	char name[] = "listen", port[] = "0";
	char *argv[] = { name, port, option, NULL };
	int in[2], out[2];
	unsigned number;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	s->pid = fork();
	assert_int_not_equal(s->pid, -1);
	if (s->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		closefrom(STDERR_FILENO + 1);
		/* A test that fails leaves no server behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (clients > 0)
			limit_clients(clients);
		_exit(cli_listen(option != NULL ? 3 : 2, argv));
	}
	close(in[0]);
	close(out[1]);
	s->typed = in[1];
	s->out = fdopen(out[0], "r");
	assert_int_equal(sscanf(next_line(s), "listening on 127.0.0.1:%u",
	    &number), 1);
	s->sin = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
server_type(struct server *s, const char *text)
{
	assert_int_equal(write(s->typed, text, strlen(text)), strlen(text));
}

/* Waits until it has left by itself. */
static int
server_wait(struct server *s)
{
	int status;

	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	fclose(s->out);
	if (s->typed != -1)
		close(s->typed);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
client_with(struct server *s, char name[static 32], int rcvbuf)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (rcvbuf > 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF,
		    &rcvbuf, sizeof(rcvbuf)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&s->sin,
	    sizeof(s->sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(name, 32, "127.0.0.1:%u", ntohs(sin.sin_port));
	return fd;
}

static int
client(struct server *s, char name[static 32])
{
	return client_with(s, name, 0);
}

static void
expect(struct server *s, const char *name, const char *rest)
{
	char line[128];

	snprintf(line, sizeof(line), "%s%s", name, rest);
	assert_string_equal(next_line(s), line);
}

/* What comes is printed in pieces, escaped. */
static void
test_prints(void **state)
{
	char once[] = "--once", name[32];
	struct server s;
	int fd;

	(void)state;
	server_start(&s, once, 0);
	fd = client(&s, name);
	expect(&s, name, " connected");
	peer_write(fd, "one\r\ntwo \x1b[31m\n\nlast", 20);
	expect(&s, name, ": one\\r");
	expect(&s, name, ": two \\u001b[31m");
	expect(&s, name, ": ");
	expect(&s, name, ": last");
	close(fd);
	expect(&s, name, " closed after 20 bytes");
	assert_int_equal(server_wait(&s), CLI_DONE);
}

/* Lines typed before anybody is there are for the first client; then the end
 * of what is typed is the end for the clients. */
static void
test_typed(void **state)
{
	char once[] = "--once", name[32], buf[64];
	struct server s;
	int fd;

	(void)state;
	server_start(&s, once, 0);
	server_type(&s, "hello\n");
	fd = client(&s, name);
	assert_int_equal(peer_read(fd, buf, 6), 6);
	assert_memory_equal(buf, "hello\n", 6);
	server_type(&s, "more\n");
	assert_int_equal(peer_read(fd, buf, 5), 5);
	close(s.typed);
	s.typed = -1;
	assert_int_equal(peer_read(fd, buf, 1), 0);
	close(fd);
	assert_int_equal(server_wait(&s), CLI_DONE);
}

/* A stdin that is at its end from the start ends nobody. */
static void
test_no_stdin(void **state)
{
	char once[] = "--once", name[32], c;
	struct server s;
	int fd;

	(void)state;
	server_start(&s, once, 0);
	close(s.typed);
	s.typed = -1;
	fd = client(&s, name);
	expect(&s, name, " connected");
	peer_write(fd, "a\n", 2);
	expect(&s, name, ": a");
	assert_int_equal(recv(fd, &c, 1, MSG_DONTWAIT), -1);
	close(fd);
	assert_int_equal(server_wait(&s), CLI_DONE);
}

/* Many clients, one that is reset, one that comes later. */
static void
test_many(void **state)
{
	struct linger now = { .l_onoff = 1 };
	char names[3][32], buf[8];
	struct server s;
	int fds[3], i, status;

	(void)state;
	server_start(&s, NULL, 0);
	for (i = 0; i < 3; i++) {
		fds[i] = client(&s, names[i]);
		expect(&s, names[i], " connected");
	}
	server_type(&s, "all\n");
	for (i = 0; i < 3; i++)
		assert_int_equal(peer_read(fds[i], buf, 4), 4);
	setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fds[1]);
	expect(&s, names[1], " was reset after 0 bytes");
	server_type(&s, "two\n");
	assert_int_equal(peer_read(fds[0], buf, 4), 4);
	assert_int_equal(peer_read(fds[2], buf, 4), 4);
	peer_write(fds[2], "x", 1);
	expect(&s, names[2], ": x");
	close(fds[0]);
	expect(&s, names[0], " closed after 0 bytes");
	fds[1] = client(&s, names[1]);
	expect(&s, names[1], " connected");
	kill(s.pid, SIGTERM);
	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	close(fds[1]);
	close(fds[2]);
	fclose(s.out);
	close(s.typed);
}

/* A client that does not read stops what is typed, and nothing else. */
static void
test_slow_client(void **state)
{
	enum { TOTAL = 16 << 20, PIECE = 4096, SMALL = 8192 };
	char once[] = "--once", name[32], *buf = malloc(TOTAL);
	char *back = malloc(TOTAL);
	struct server s;
	pid_t typist;
	int fd, status;

	(void)state;
	assert_non_null(buf);
	assert_non_null(back);
	send_random_fill(buf, TOTAL, 1, 0);
	server_start(&s, once, 0);
	fd = client_with(&s, name, SMALL);
	expect(&s, name, " connected");
	typist = fork();
	if (typist == 0) {
		size_t n = 0;

		while (n < TOTAL && write(s.typed, buf + n, PIECE) == PIECE)
			n += PIECE;
		_exit(n == TOTAL ? 0 : 1);
	}
	close(s.typed);
	s.typed = -1;
	peer_write(fd, "still here\n", 11);
	expect(&s, name, ": still here");
	assert_int_equal(peer_read(fd, back, TOTAL), TOTAL);
	assert_memory_equal(back, buf, TOTAL);
	assert_int_equal(waitpid(typist, &status, 0), typist);
	assert_int_equal(status, 0);
	close(fd);
	assert_int_equal(server_wait(&s), CLI_DONE);
	free(back);
	free(buf);
}

/* Without a descriptor for one more it says so once, and others wait. */
static void
test_no_descriptor(void **state)
{
	char names[3][32];
	struct server s;
	int fds[3], i, status;

	(void)state;
	server_start(&s, NULL, 2);
	for (i = 0; i < 3; i++)
		fds[i] = client(&s, names[i]);
	expect(&s, names[0], " connected");
	expect(&s, names[1], " connected");
	expect(&s, "belay listen: Too many open files", "; others wait");
	close(fds[0]);
	expect(&s, names[0], " closed after 0 bytes");
	expect(&s, names[2], " connected");
	close(fds[1]);
	expect(&s, names[1], " closed after 0 bytes");
	kill(s.pid, SIGTERM);
	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	close(fds[2]);
	fclose(s.out);
	close(s.typed);
}

static void
test_command_line(void **state)
{
	struct cli_result r;
	struct cli_peer p;
	char line[200];

	(void)state;
	cli_peer_start(&p, peer_echo, NULL);
	snprintf(line, sizeof(line), "listen %s", p.where);
	r = cli_call(cli_listen, line, NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_non_null(strstr(r.err, "Address already in use"));
	cli_result_free(&r);
	cli_peer_stop(&p);

	r = cli_call(cli_listen, "listen 65536", NULL);
	assert_int_equal(r.code, CLI_USAGE);
	cli_result_free(&r);
	r = cli_call(cli_listen, "listen unix:/x", NULL);
	assert_int_equal(r.code, CLI_USAGE);
	cli_result_free(&r);
	r = cli_call(cli_listen, "listen 192.0.2.1:0", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	cli_result_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_no_stdin),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_slow_client),
		cmocka_unit_test(test_no_descriptor),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
