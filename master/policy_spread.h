/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_spread - which slot gives how many connections to which.
 *
 * Pure: over what the slots hold.  A slot that retires gives all; one far above
 * the mean of those that serve gives its surplus to the lowest one.  Far is
 * more than what keeps a worker out of the accept set (worker/balance.h):
 * where newcomers can level things, nothing is moved.
 */
#ifndef MASTER_POLICY_SPREAD_H
#define MASTER_POLICY_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPREAD_PART = 4, SPREAD_SLACK = 16 };

struct spread_slot {
	bool used, ready, retiring;
	bool gives;			/* by an order already */
	uint64_t connections;		/* with those on their way to it */
	uint64_t capacity;
};

struct spread_move { unsigned from, to; uint32_t count; };

/* The next order to give; false: all is well, or nobody can take.  Borrows s;
 * ask again with the order booked until it says false. */
bool	policy_spread(const struct spread_slot *s, size_t n,
	    struct spread_move *move);

#endif
