/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state - struct worker: the private half of what a worker knows.
 *
 * Everything here dies with the worker and is rebuilt by its successor from
 * the slot (recover.c); what must not be lost lies in the slot, not here.
 */
#ifndef WORKER_STATE_H
#define WORKER_STATE_H

#include "common/move.h"
#include "worker/engine/engine.h"
#include "worker/pool.h"
#include "worker/timer.h"
#include "worker/worker.h"

enum { LATER_END = INT32_MAX };

struct service;

enum watch_what {
	WATCH_NONE, WATCH_LISTENER, WATCH_CHANNEL, WATCH_CONN, WATCH_GIVE,
	WATCH_TAKE
};

enum { GIVE_WINDOW = 64 };		/* connections on their way at once */

struct give {				/* the order this worker gives by */
	int fd;				/* -1: none */
	uint32_t left;			/* still to be given */
	uint32_t cursor;		/* next row to look at */
	uint64_t seq, acked;
	bool blocked;			/* the channel is full */
	int ring[GIVE_WINDOW];		/* descriptors by number */
	uint16_t map[MOVE_SERVICES];
};

/* per descriptor: what the engine knows */
struct watch {
	uint8_t what;			/* enum { LATER_END = INT32_MAX };

struct service;

enum watch_what */
	uint8_t events;			/* enum engine_event, registered */
};

struct worker {
	const struct worker_args *args;
	const struct conf *conf;
	/* a copy of the pointers: one hop less */
	struct slot slot;
	struct load_line *load;		/* ours, in the commons */
	const struct engine *engine;
	void *engine_state;
	const struct service **service;	/* [nservices] */
	const void **shared;		/* [nservices] of configure() */
	struct watch *watch;		/* [nrows] */
	struct timers timers;
	struct pool pool;
	int64_t now_ms;			/* read once a turn */
	int64_t log_since_ms;		/* a record waits in the batch since */
	int64_t accept_again_ms;	/* accept pauses until, 0: no pause */
	int64_t second_pass_ms;		/* leaving: look into the queue again */
	uint32_t open;			/* rows in use */
	uint32_t max_open;		/* and how many there may be */
	/* to be resumed next turn, LATER_END: none */
	uint32_t later_head;
	uint32_t *later_next;		/* [nrows], 0: not in the list */
	struct give give;
	int take_fd[SLOT_TAKES];	/* channels to take by, -1: none */
	/* given up to shed one client at EMFILE */
	int reserve_fd;
	unsigned nlisteners;		/* 0: they are closed */
	bool look;			/* told to look for newcomers */
	bool accepting;			/* listeners are in the engine */
	bool retired;			/* accepts no more */
	/* serves nobody: no service is called */
	bool only_gives;
	bool given_up;			/* nobody takes what it has */
	bool leaving;			/* and ends what is at rest */
	/* the master's end of the channel is gone */
	bool orphaned;
	bool balanced_out;		/* above the siblings' mean */
	/* the master was asked to wake siblings */
	int64_t told_balance_ms;
};

#endif
