/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli_fixture - what the tests of the verbs share: a verb's output in memory,
 * and peers to talk to.
 */
#ifndef TESTS_UNIT_MASTER_CLI_FIXTURE_H
#define TESTS_UNIT_MASTER_CLI_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "master/cli/cli.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* What a verb did; texts are NUL-terminated. */
struct cli_result {
	int code;
	char *out, *err;
	size_t out_len;
};

/*
 * Runs a verb's function with the words of line (split at blanks; the first is
 * the verb's name), and input as its stdin (NULL: at its end at once).
 */
struct cli_result cli_call(int (*verb)(int, char **), const char *line,
	    const char *input);
void	cli_result_free(struct cli_result *r);

/* How often the stand-ins for run and start were called, and start's words. */
struct cli_calls {
	int runs, starts;
	char start_line[256];
};
struct cli_calls *cli_calls(void);

/* Peers: a thread that listens, and one more for every connection. */
struct cli_peer {
	int fd;
	char where[160];		/* 127.0.0.1:PORT or unix:PATH */
	void (*serve)(int fd, void *arg);
	void *arg;
	pthread_t thread;
	pthread_t conns[64];
	size_t nconns;			/* also how many came */
};
/* serve() borrows fd. */
void	cli_peer_start(struct cli_peer *p, void (*serve)(int, void *),
	    void *arg);
void	cli_peer_start_unix(struct cli_peer *p, const char *path,
	    void (*serve)(int, void *), void *arg);
/* A port that is taken and where nobody listens; close p->fd after. */
void	cli_peer_refuse(struct cli_peer *p);
/* Waits for all connections to end. */
void	cli_peer_stop(struct cli_peer *p);

/* Writes all, whatever it takes; reads up to n or to the end. */
void	peer_write(int fd, const void *p, size_t n);
size_t	peer_read(int fd, void *p, size_t n);
void	peer_echo(int fd, void *arg);

/* A server of the control socket that is a script: every client's request is
 * kept, and answered with the same bytes. */
struct cli_server {
	char dir[32], path[64], pid_file[64], conf[64];
	struct cli_peer peer;
	const char *answer;
	char request[256];
	int leave_fd;			/* closed once it has answered */
};
/* Setup and teardown: a folder, and a configuration in it. */
int	cli_server_open(void **state);
int	cli_server_close(void **state);
void	cli_server_start(struct cli_server *s);
/* `belay verb -c CONF`; answer NULL: nobody listens. */
struct cli_result cli_server_call(struct cli_server *s, const char *verb,
	    const char *answer);

#endif
