/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig - a worker in a test: a slot, listeners and clients in one process.
 *
 * The descriptors of the worker's table are those below RIG_ROWS; all that is
 * the test's lies above, where recovery does not look.  Time stands still but
 * for rig_pass(), so nothing depends on how long a test takes.
 */
#ifndef TESTS_UNIT_WORKER_RIG_H
#define TESTS_UNIT_WORKER_RIG_H

#include <sys/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "worker/conn_life.h"
#include "worker/recover.h"
#include "worker/state.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum {
	RIG_ROWS = 200,
	RIG_FEW = 32,			/* rows, where each costs time */
	RIG_HIGH = 256,
	RIG_SERVICES = 4
};

/* Listeners: three of the first service, a v4 one for each other service. */
enum rig_net { RIG_V4, RIG_V6, RIG_UNIX, RIG_MORE };

struct rig {
	struct conf *conf;
	struct commons *commons;
	struct worker_args args;
	struct worker_listener listeners[RIG_MORE + RIG_SERVICES];
	int keep[RIG_HIGH];
	int slot_fd, master_fd;		/* the master's end of the channel */
	int log_fd;
	int64_t now_ms;
	struct worker w;
	struct recovery rec;
	int fd;				/* for an op: the worker's descriptor */
	uint64_t sent;			/* by a client that counts */
	unsigned steps;			/* instructions of the last op */
};

/* Makes all but the worker; text is of services. */
void	 rig_open(struct rig *r, const char *text);
void	 rig_open_rows(struct rig *r, const char *text, uint32_t nrows);
void	 rig_close(struct rig *r);
/* A worker's birth, as worker_main() has it; fails the test if it fails. */
void	 rig_start(struct rig *r);
/* Death: what is private goes, slot and descriptors stay. */
void	 rig_die(struct rig *r);
/* Death by that signal, and the birth of its successor. */
void	 rig_succeed(struct rig *r, int signo);
/* Birth in two steps: private memory, and the taking over. */
void	 rig_worker_open(struct rig *r);
void	 rig_recover(struct rig *r);

/* One turn, or turns until nothing is left to do. */
int	 rig_turn(struct rig *r);
void	 rig_settle(struct rig *r);
void	 rig_pass(struct rig *r, int64_t ms);	/* and settles */

struct row *rig_row(struct rig *r, int fd);
struct conn rig_conn(struct rig *r, int fd);
int	 rig_next_fd(void);		/* the lowest that is free */
struct ledger rig_ledger(const struct rig *r);
uint64_t rig_ended(const struct rig *r, enum reason why);
/* Ledger, rows against descriptors, and every buffer in one place only. */
void	 rig_check(struct rig *r);
/* The slot's log so far, NUL-terminated; valid until the next call. */
const char *rig_log(struct rig *r);

/* A client, and the worker's descriptor of it once that has settled. */
int	 rig_connect(struct rig *r, enum rig_net net);
int	 rig_client(struct rig *r, enum rig_net net, int *fd);
/* Moves a descriptor to the test's part of the table. */
int	 rig_high(int fd);
void	 rig_send(struct rig *r, int client, const void *p, size_t n);
/* Receives exactly n bytes while the worker turns. */
void	 rig_recv(struct rig *r, int client, void *p, size_t n);
void	 rig_expect(struct rig *r, int client, const char *text);
/* The stream ends in order, with nothing before the end. */
void	 rig_expect_end(struct rig *r, int client);
void	 rig_expect_reset(struct rig *r, int client);
void	 rig_expect_nothing(struct rig *r, int client);
/* Bytes that tell their position in the stream. */
void	 rig_pattern(void *p, size_t n, uint64_t position);
void	 rig_recv_pattern(struct rig *r, int client, size_t n,
	    uint64_t position);

#endif
