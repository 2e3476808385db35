/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slot - the memory of one slot: what a worker knows of its connections, laid
 * out so that any successor can go on from it (DESIGN section 2).
 *
 * One memfd, sealed against shrinking and growing, position-independent: all
 * references are indices.  Rows are indexed by descriptor number.  A row is
 * always consistent, but for the one in hand: recovery distrusts that one
 * alone.  Streams are told by positions, never by lengths, so that every step
 * of the byte path is one store:
 *
 *	input:  eaten <= rx	bytes [eaten, rx) wait in buffer in_buf
 *	output: tx <= wx	bytes [tx, wx) wait in the chain out_head..
 *
 * A buffer knows the position of its first byte (base); a chain is full up to
 * its last, so where a byte lies follows from the position alone, and a stale
 * `next` or byte behind wx means nothing.  What a socket gave or took beyond
 * rx and tx, the kernel can tell (tcp positions, recover.c).
 *
 * Writers: the worker; the master writes `wanted`, `watched`, `death`,
 * `give_life`, `give_over` and `barred` only.
 * The master trusts nothing it reads here.
 */
#ifndef COMMON_SLOT_H
#define COMMON_SLOT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/addr.h"
#include "common/log.h"
#include "common/reason.h"

enum {
	SLOT_MAGIC = 0x736c6f74,	/* "slot" */
	SLOT_VERSION = 1,
	SLOT_BUF_SIZE = 16384,		/* bytes of one buffer */
	SLOT_STATE_MAX = 56,		/* a service's state in a row */
	SLOT_GONE = 16,			/* words of 64 descriptors */
	/* orders that a slot takes by at once */
	SLOT_TAKES = 8,
	SLOT_RESERVE = 64		/* rows stop this far below the limit */
};

enum row_state {
	ROW_FREE,
	ROW_OPEN,			/* the service talks */
	/* it has said its last: output leaves */
	ROW_FLUSH,
	ROW_LINGER,			/* our side is shut: input is dropped */
	ROW_CLOSING,			/* to be closed, nothing to wait for */
	ROW_NSTATES
};

enum row_flag {
	ROW_F_EOF	= 1 << 0,	/* the client's FIN was read */
	ROW_F_SHUT	= 1 << 1,	/* our FIN is sent */
	ROW_F_HOLD	= 1 << 2,	/* the service wants no input for now */
	/* a stream without kernel positions (unix) */
	ROW_F_STREAM	= 1 << 3,
	/* close with RST: nothing more is wanted */
	ROW_F_RESET	= 1 << 4,
	ROW_F_LOGGED	= 1 << 5,	/* its conn.close is written */
	ROW_F_FRESH	= 1 << 6,	/* the service's open() is still owed */
	/* on its way to another slot: not touched */
	ROW_F_GIVEN	= 1 << 7
};

enum { ROW_WATCHED = 0x100 };

struct row {
	_Atomic uint8_t state;		/* enum row_state */
	uint8_t flags;			/* enum row_flag */
	uint8_t reason;			/* enum reason, once it is known */
	/* of the client: AF_INET AF_INET6 AF_UNIX */
	uint8_t family;
	uint32_t gen;			/* counts the uses of this row */
	uint16_t service;		/* index in the slot's config */
	uint16_t listener;		/* index among the slot's listeners */
	uint32_t requests;
	uint64_t id;			/* unique in this server's life */
	uint64_t rx, eaten, wx, tx;	/* stream positions, see above */
	uint32_t in_buf;		/* buffers: 0 is none */
	uint32_t out_head, out_tail;
	uint16_t port;			/* of the client, host order */
	uint16_t watch;			/* ROW_WATCHED and what the engine waits
					   for; stored behind the engine */
	int64_t opened_ms;		/* CLOCK_MONOTONIC */
	int64_t active_ms;		/* last byte either way */
	int64_t timer_ms;		/* the service's timer, 0: none */
	int64_t since_ms;		/* linger began, and at which rx */
	uint64_t linger_rx;
	/* ROW_F_GIVEN: its number in the order */
	uint64_t given_seq;
	uint8_t ip[16];			/* of the client */
	uint8_t svc[SLOT_STATE_MAX];	/* the service's own */
};
static_assert(sizeof(struct row) <= 192, "an idle connection costs one row");

struct slot_buf {
	uint64_t base;			/* stream position of its first byte */
	uint32_t next;			/* in an output chain */
	uint32_t pad;
};

/* What the worker does with the row in hand: how recovery reads it. */
enum hand_phase {
	HAND_NONE,
	HAND_IO,			/* the row is true but for rx and tx */
	/* a service runs: `image` is the truth */
	HAND_CALL,
	HAND_TAKE			/* a connection is being taken over */
};

enum hand_call {			/* for people: worker.crash names it */
	HAND_C_NONE, HAND_C_OPEN, HAND_C_INPUT, HAND_C_TIMER, HAND_C_ROOM,
	HAND_C_CLOSE, HAND_NCALLS
};
extern const char *const hand_call_name[HAND_NCALLS];

struct hand {
	_Atomic uint32_t phase;		/* enum hand_phase, stored last */
	int32_t fd;
	uint32_t call;			/* enum hand_call */
	uint32_t in_buf;		/* the worker's receive buffer */
	uint32_t log_len;		/* batch length before the call */
	uint32_t calls;			/* begun so far: tells them apart */
	struct row image;		/* the row before the call */
};

/*
 * Redo: a change of a row's state and one counter, which only together are
 * right.  Holds the values after, so applying it twice is harmless.
 */
struct redo {
	_Atomic uint32_t armed;
	int32_t fd;
	uint32_t state;			/* enum row_state after */
	uint32_t service;
	uint32_t counter;		/* 0: accepted, else enum reason */
	/* COUNTER_MOVED_IN: index of the order */
	uint32_t take;
	uint64_t value;
	uint64_t requests, bytes_in, bytes_out;	/* the service's, after */
	uint64_t take_seq;		/* the order's, after */
};

/* In redo.counter, behind the reasons. */
enum { COUNTER_MOVED_IN = REASON_COUNT };

struct slot_counts {			/* per service */
	uint64_t accepted, moved_in;
	uint64_t ended[REASON_COUNT];
	uint64_t requests, bytes_in, bytes_out;
};

/* stored by the worker's crash handler */
struct slot_crash {
	_Atomic uint32_t signo;		/* 0: none */
	int32_t code;
	uint64_t addr;
};

/* Per slot: accepted + moved_in = closed + rejected + handed + open + lost +
 * moved_out; over all slots the moved ones cancel out. */
struct slot_again {			/* deaths in a row in the same call */
	uint64_t id, rx;		/* of its row */
	uint32_t calls;			/* hand.calls, when last counted */
	uint32_t deaths;
};

struct ledger {
	uint64_t accepted, closed, rejected, handed, open, lost;
	uint64_t moved_in, moved_out;
};

struct slot_give {			/* the order it gives by, or gave */
	_Atomic uint64_t order;			/* 0: none yet */
	_Atomic uint64_t done;		/* the order that is over, by itself */
	_Atomic uint64_t barred;	/* as of slot_take */
};

struct slot_take {			/* an order it takes by, or took */
	_Atomic uint64_t order;
	uint64_t seq;			/* published up to here */
	_Atomic uint64_t done;		/* the order that takes no more */
	_Atomic uint64_t barred;	/* master: this one and all before may
					   not begin any more */
};

/* a worker's answer, and to which question */
struct slot_audit {
	_Atomic uint64_t asked;		/* by the master */
	_Atomic uint64_t answered;	/* by the worker, last */
	struct ledger ledger;		/* between two turns: exact */
	uint64_t rows_without_fd, fds_without_row;
};

enum slot_wanted {
	SLOT_SERVE,
	/* accept no more, give what is asked for */
	SLOT_RETIRE,
	/* the server stops: take the queue, drain */
	SLOT_LEAVE,
	SLOT_LEAVE_NOW
};
enum slot_state { SLOT_STARTING, SLOT_READY, SLOT_LEAVING, SLOT_NSTATES };

struct slot_head {
	uint32_t magic, version, row_size, nrows, nbufs, nservices;

	_Atomic uint32_t wanted;	/* master: enum slot_wanted */
	/* master: wait status of the last worker */
	_Atomic int32_t death;
	_Atomic uint32_t watched;	/* liveness, see worker.c */
	/* master: listeners, by descriptor, that go with this slot: whoever is
	 * queued there is this slot's to take */
	_Atomic uint64_t gone[SLOT_GONE];

	_Atomic uint32_t state;		/* enum slot_state */
	_Atomic uint32_t deaf;		/* listeners are closed in this table */
	_Atomic uint32_t busy;
	_Atomic uint64_t turns;

	uint32_t high;			/* rows at and above were never used */
	uint32_t next_gen;
	uint64_t next_id;
	int32_t engine_fd;		/* the engine's descriptor + 1, 0: none
					   that a successor may go on with */
	uint64_t cut;			/* ended by drain_timeout or stop now */
	/* what the last recovery found and took */
	uint64_t adopted, adopt_us;
	uint64_t newcomers;

	struct slot_crash crash;
	struct slot_again again;
	struct redo redo;
	struct slot_audit audit;
	struct slot_give give;
	struct slot_take takes[SLOT_TAKES];
	struct hand hand;

	/* master: the birth that only gives connections away, and the one of
	 * those that shall end; 0: none */
	_Atomic uint32_t give_life, give_over;
};

/* A mapping of a slot; plain pointers into one region. */
struct slot {
	struct slot_head *head;
	struct slot_counts *counts;	/* [nservices] */
	struct log_batch *log;
	struct row *rows;		/* [nrows] */
	struct slot_buf *bufs;		/* [nbufs], index 0 is unused */
	char *data;			/* [nbufs][SLOT_BUF_SIZE] */
	size_t size;
	uint32_t nrows, nbufs, nservices;
};

/*
 * Makes and maps a slot for descriptors below nrows.  Returns the memfd, which
 * the caller owns, or -1 with errno of memfd_create(2), ftruncate(2), mmap(2).
 * s is valid on success.
 */
int	slot_create(struct slot *s, uint32_t nservices, uint32_t nrows);
/* Maps an existing one; the sizes are what its maker remembers, not what the
 * memory says.  0, or -1 with errno (EPROTO: not a slot of this version). */
int	slot_map(struct slot *s, int fd, uint32_t nservices, uint32_t nrows);
void	slot_unmap(struct slot *s);

/* Ledger of one slot, from counters and rows as they are: exact when the
 * worker rests, a snapshot else.  `open` is counted from the rows. */
void	slot_ledger(const struct slot *s, struct ledger *l);
void	counts_add(struct slot_counts *sum, const struct slot_counts *c);
/* Adds one service's counters, but for open. */
void	ledger_count(struct ledger *l, const struct slot_counts *c);
void	ledger_add(struct ledger *sum, const struct ledger *l);
bool	ledger_balances(const struct ledger *l);

/* The client's address of a row; as text: */
void	row_addr(const struct row *r, struct addr *a);
/* buf as for addr_print(). */
const char *row_client(const struct row *r, char *buf);

static inline char *
slot_data(const struct slot *s, uint32_t buf)
{
	return s->data + (size_t)buf * SLOT_BUF_SIZE;
}

#endif
