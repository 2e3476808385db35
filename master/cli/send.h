/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send - the parts of the TCP client.
 *
 * A connection goes through rounds: it sends its input once and takes what
 * comes back.  A round goes on where the last one left the connection, and
 * connects anew where the peer has closed it.  It ends
 *
 *	with --half-close, or --wait in the last one: when the peer closes;
 *	with --random: when all has come back;
 *	else: after a reply and SEND_QUIET_MS of silence.
 */
#ifndef MASTER_CLI_SEND_H
#define MASTER_CLI_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "master/cli/send_input.h"
#include "master/cli/target.h"

enum {
	SEND_QUIET_MS = 500,
	SEND_TIMEOUT_MS = 5000,
	SEND_NOTE_MS = 250		/* bytes are told of this often */
};

enum send_state {
	SEND_IDLE,			/* until the next round is due */
	SEND_CONNECTING,
	SEND_TALKING,
	SEND_ENDED
};

enum send_way { SEND_OUT, SEND_IN, SEND_NWAYS };

struct send_note {			/* bytes not told of yet */
	uint64_t bytes;
	int64_t next_ms;
};

struct send_conn {
	unsigned number;
	enum send_state state;
	int fd;
	size_t addr;			/* of the target: being tried */
	uint64_t round;			/* rounds begun */
	uint64_t seed, len;		/* this round's data */
	uint64_t sent, got;		/* in this round */
	bool is_sent;			/* all of it, or no more can be */
	int errnum;			/* why no more can be */
	int64_t start_us;		/* of this connect */
	int64_t begun_ms;		/* this round */
	int64_t active_ms;		/* last byte either way */
	struct send_note notes[SEND_NWAYS];
};

struct send_run {
	/* What is wanted. */
	struct target target;
	struct send_input input;
	bool wait, half_close, quiet;
	uint64_t repeat;		/* rounds of each; UINT64_MAX: no end */
	uint64_t parallel;
	int64_t every_ms;
	int64_t timeout_ms;		/* as given, or SEND_TIMEOUT_MS */
	bool timeout_given;
	/* What happened. */
	int64_t now_ms;			/* once per turn */
	uint64_t rounds, failed;
	uint64_t bytes[SEND_NWAYS];
	bool is_broken;			/* the input or stdout is: all end */
	char back[SEND_CHUNK];		/* what came */
	char want[SEND_CHUNK];		/* what should have */
};

/* What to poll for; 0 when there is no descriptor. */
short	send_conn_events(struct send_run *r, const struct send_conn *c);
void	send_conn_event(struct send_run *r, struct send_conn *c,
	    short revents);
/* When send_conn_tick() is next needed; INT64_MAX: never. */
int64_t	send_conn_due_ms(struct send_run *r, const struct send_conn *c);
/* Begins rounds, ends them at their time. */
void	send_conn_tick(struct send_run *r, struct send_conn *c);
/* Whether it waits for more of the input stream. */
bool	send_conn_wants_input(struct send_run *r, const struct send_conn *c);

/* Runs all connections to their end.  0, or -1 with errno (memory). */
int	send_loop(struct send_run *r);

/* A step, on stderr unless quiet; a failure, always. */
void	send_say(const struct send_run *r, struct send_conn *c,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	send_say_failure(const struct send_run *r, struct send_conn *c,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Bytes went a way: told of now or a little later. */
void	send_note(const struct send_run *r, struct send_conn *c,
	    enum send_way way, uint64_t n);
/* When send_note_flush() is next needed. */
int64_t	send_note_due_ms(const struct send_conn *c);
void	send_note_flush(const struct send_run *r, struct send_conn *c);
void	send_say_totals(const struct send_run *r, int64_t took_ms);

#endif
