/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_quarantine - which clients are refused for crashing workers (DESIGN
 * section 3).
 *
 * Pure: over the crashes that it was told of.  The state lies in the book, so a
 * new master goes on with it.  A worker's life ends once, so each crash is
 * another life, and one that is told again is known by its life.
 */
#ifndef MASTER_POLICY_QUARANTINE_H
#define MASTER_POLICY_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum {
	QUARANTINE_CLIENTS = 64,	/* refused at once */
	QUARANTINE_CRASHES = 128,	/* remembered */
	QUARANTINE_LIVES = 2,		/* at least: one crash is an accident */
	/* who holds more than a few, and more than a tenth of all, is not */
	QUARANTINE_FEW = 2, QUARANTINE_SHARE = 10
};

struct quarantine_conf {
	uint64_t crashes;		/* 0: never */
	int64_t window_ms, time_ms;
};

struct quarantine_crash {
	uint64_t life;			/* of the worker; 0: free */
	int64_t at_ms;
	struct cidr client;
};

struct quarantine_client {
	int64_t since_ms, until_ms;	/* CLOCK_MONOTONIC */
	uint32_t crashes;
	struct cidr client;
};

struct quarantine_state {		/* all bytes zero: nobody */
	uint32_t n;			/* of clients */
	uint32_t next;			/* crash to be overwritten */
	struct quarantine_client clients[QUARANTINE_CLIENTS];
	struct quarantine_crash crashes[QUARANTINE_CRASHES];
};

struct quarantine_event {		/* a worker has crashed */
	struct cidr client;		/* whose connection it had in hand */
	uint64_t life;			/* of that worker, never 0 */
	int64_t now_ms;
	uint64_t held, open;		/* other connections: its own, all */
	bool exempt;
};

enum quarantine_what {
	QUARANTINE_NOT_YET,
	QUARANTINE_KNOWN,		/* was told of this crash before */
	QUARANTINE_OFF,
	QUARANTINE_EXEMPT,
	QUARANTINE_TOO_MANY,		/* it holds too much to be refused */
	QUARANTINE_BEGIN,
	QUARANTINE_LONGER		/* it is refused, from now on again */
};

enum quarantine_what
	quarantine_crashed(struct quarantine_state *st,
	    const struct quarantine_conf *conf,
	    const struct quarantine_event *ev);

/* The first client whose time is over, removed into *gone; false: none. */
bool	quarantine_expire(struct quarantine_state *st, int64_t now_ms,
	    struct quarantine_client *gone);
/* The first one that overlaps the prefix, likewise; crashes are forgotten. */
bool	quarantine_forgive(struct quarantine_state *st, const struct cidr *c,
	    struct quarantine_client *gone);
/* When the first one's time is over; INT64_MAX: nobody is refused. */
int64_t	quarantine_next_ms(const struct quarantine_state *st);

#endif
