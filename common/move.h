/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * move - how a connection goes from one living worker to another's slot.
 *
 * The master opens a seqpacket pair for each order and sends an end to either
 * worker.  The giver numbers its connections 1, 2, ... and sends each with its
 * descriptor; the taker publishes its row together with that number (one redo
 * record) and acknowledges; the giver drops its copy.  Whoever dies in
 * between, the number in the taker's slot says who has which connection, once
 * the taker cannot take any more:
 *
 *	number <= slot_take.seq		the taker has it, the giver drops it
 *	number >  slot_take.seq		the giver has it still, and serves on
 */
#ifndef COMMON_MOVE_H
#define COMMON_MOVE_H

#include <stdint.h>

#include "common/slot.h"

enum {
	MOVE_VERSION = 1,
	MOVE_SERVICES = 128,
	MOVE_NOWHERE = 0xffff,		/* in map: this service does not move */
	MOVE_OUT_MAX = 12 * SLOT_BUF_SIZE
};

/* From the master to a giver, behind a struct msg; map: taker's service index
 * for each of the giver's. */
struct move_order {
	uint32_t count;			/* how many at most */
	uint32_t nservices;
	uint16_t map[MOVE_SERVICES];
};

/* One connection: this, in_len bytes of input, out_len bytes of output. */
struct move_conn {
	uint16_t version;		/* MOVE_VERSION */
	uint16_t row_size;
	uint32_t in_len, out_len;
	uint32_t pad;
	uint64_t order, seq;
	struct row row;			/* service is the taker's already */
};

/* The taker's answer: all up to seq are its own now. */
struct move_ack {
	uint64_t order, seq;
};

#endif
