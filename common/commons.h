/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commons - the region that all workers share: each slot's load line.
 *
 * Hints only: a worker that scribbles here can spoil the balance of the
 * siblings and nothing else.
 */
#ifndef COMMON_COMMONS_H
#define COMMON_COMMONS_H

#include <stdatomic.h>
#include <stdint.h>

enum { COMMONS_SLOTS = 1024 };

/* a cache line a slot: no false sharing */
struct load_line {
	_Atomic uint32_t connections;
	_Atomic uint32_t ready;		/* a worker lives and serves */
	_Atomic uint32_t accepting;	/* it is in the accept set */
	char pad[64 - 3 * sizeof(uint32_t)];
};

struct commons {
	_Atomic uint32_t nslots;
	char pad[64 - sizeof(uint32_t)];
	struct load_line load[COMMONS_SLOTS];
};

#endif
