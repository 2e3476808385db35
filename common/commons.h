/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commons - the region that all workers share: each slot's load line, and the
 * clients that are refused for crashing workers.
 *
 * Hints only: a worker that scribbles here can spoil the balance of the
 * siblings, and whom they refuse until the master writes the list again, and
 * nothing else.
 */
#ifndef COMMON_COMMONS_H
#define COMMON_COMMONS_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/addr.h"

enum { COMMONS_SLOTS = 1024, COMMONS_QUARANTINE = 64 };

/* a cache line a slot: no false sharing */
struct load_line {
	_Atomic uint32_t connections;
	_Atomic uint32_t ready;		/* a worker lives and serves */
	_Atomic uint32_t accepting;	/* it is in the accept set */
	char pad[64 - 3 * sizeof(uint32_t)];
};

/* Only the master writes it; seq is odd meanwhile. */
struct quarantine_list {
	_Atomic uint32_t n;		/* 0: nobody is refused */
	_Atomic uint32_t seq;
	struct cidr client[COMMONS_QUARANTINE];
};

struct commons {
	_Atomic uint32_t nslots;
	char pad[64 - sizeof(uint32_t)];
	struct load_line load[COMMONS_SLOTS];
	struct quarantine_list quarantine;
};

#endif
