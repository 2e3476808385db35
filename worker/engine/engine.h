/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine - how a worker waits.  One const struct, one file, one row in the
 * table; nothing else in a worker blocks.
 */
#ifndef WORKER_ENGINE_ENGINE_H
#define WORKER_ENGINE_ENGINE_H

#include <stdint.h>

struct worker;

enum engine_event {
	ENGINE_IN	= 1 << 0,
	ENGINE_OUT	= 1 << 1,
	ENGINE_ERR	= 1 << 2,	/* reported, never asked for */
	/* asked for: wake one sharer, not all */
	ENGINE_SHARED	= 1 << 3
};

struct engine_ready {
	int fd;
	/* as it was set: stale ones are skipped */
	uint32_t gen;
	uint32_t events;
};

enum { ENGINE_BATCH = 256 };

struct engine {
	const char *name;
	/*
	 * Makes w->engine_state.  0, or -1 with errno; 1: it is a dead
	 * predecessor's (slot_head.engine_fd), which waits for what the rows
	 * say (row.watch).
	 */
	int	(*open)(struct worker *w);
	/*
	 * Wants these events of fd from now on; 0 takes it out but for errors.
	 * fresh: it is new here; whatever a predecessor had set is void.
	 * 0, or -1 with errno (EBADF: no such descriptor).
	 */
	int	(*set)(struct worker *w, int fd, uint32_t gen, uint32_t events,
		    int fresh);
	/* fd leaves; called before it is closed. */
	void	(*forget)(struct worker *w, int fd);
	/* Waits up to timeout_ms (-1: for ever) and fills ready[ENGINE_BATCH].
	 * Returns how many, 0 on time-out or EINTR, -1 with errno. */
	int	(*wait)(struct worker *w, struct engine_ready *ready,
		    int timeout_ms);
};

/* The table ends with NULL; the first is what "auto" means. */
extern const struct engine *const engines[];
const struct engine *engine_find(const char *name);	/* NULL: none */

extern const struct engine engine_epoll;

#endif
