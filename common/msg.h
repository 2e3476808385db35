/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * msg - what master and slots say to each other, over seqpacket sockets.
 *
 * Messages only say "look again"; the truth lies in the book and in the slot.
 * So a lost or doubled message does no harm.  Two sockets a slot: the keeper's
 * (it lets workers live, exchanges descriptors) and the worker's (which waits
 * on it; what was sent to a dead worker is read by its successor).
 */
#ifndef COMMON_MSG_H
#define COMMON_MSG_H

#include <stdint.h>

enum { MSG_VERSION = 1 };

enum msg_type {
	/* to keeper: let a worker live; number */
	MSG_LIVE,
	/* to keeper: descriptor of the log, kind */
	MSG_LOG_FD,
	MSG_LOOK,			/* to worker: orders have changed */
	/* to worker: take by order number, kind: which slot_take; its end of
	 * the channel comes with it */
	MSG_TAKE,
	/* to worker: give by order number; its end of the channel, and a struct
	 * move_order follows */
	MSG_GIVE,
	/* to worker: order number is over, what is beyond seq is yours still */
	MSG_SETTLE,
	MSG_MOVED,			/* to master: an order is over, look */
	/* to master: siblings, look at your load */
	MSG_BALANCE,
	MSG_READY,			/* to master: the worker serves */
	MSG_WATCH,			/* to master: busy again, watch me */
	MSG_AUDITED,			/* to master: the audit is answered */
	MSG_NTYPES
};

struct msg {
	uint16_t version;		/* MSG_VERSION of the sender */
	uint16_t type;			/* enum msg_type */
	uint32_t kind;			/* MSG_LOG_FD: enum log_kind */
	uint64_t number;
	uint64_t seq;			/* MSG_SETTLE */
};

#endif
