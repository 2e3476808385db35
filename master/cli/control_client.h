/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_client - asks the running server over its control socket.
 *
 * JSON lines both ways over a unix stream socket: one request, then replies;
 * the last one has "done":true, "ok" and, on failure, "error".  Whatever the
 * other side does (nothing, garbage, half a line, too much), a call ends by
 * its deadline with a message.
 */
#ifndef MASTER_CLI_CONTROL_CLIENT_H
#define MASTER_CLI_CONTROL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

enum { CONTROL_LINE_MAX = 16 << 20 };	/* bytes of one reply line */

struct control_ask {
	const char *verb;		/* borrowed; for messages */
	const char *socket_path;	/* borrowed */
	json_t *request;		/* borrowed */
	int timeout_ms;			/* for all of it; -1: none */
	void (*line)(json_t *reply, void *arg);	/* borrows; NULL: not told */
	void *arg;
	const char *late;		/* said at the deadline; may be NULL */
	bool until_gone;		/* after an ok wait for the end of the
					 * connection too */
};

/*
 * Asks, and calls line() for every reply, the last one included.  Returns
 * CLI_DONE when that said ok, CLI_NOT_RUNNING when nobody listens at the
 * socket, else CLI_FAILED.  Prints why it failed on stderr, the server's own
 * "error" included.
 */
int	control_ask(const struct control_ask *ask);

/* The same in one call, with the request's "verb" for messages. */
int	control_request(const char *socket_path, json_t *req, int timeout_ms,
	    void (*line)(json_t *, void *), void *arg);

#endif
