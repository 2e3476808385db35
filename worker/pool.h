/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - which of the slot's buffers are free.
 *
 * Private memory only: a buffer is in use when a row names it, so the
 * successor of a dead worker finds the free ones by one scan.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include <stdbool.h>
#include <stdint.h>

/* what one call of a service may need */
enum { POOL_RESERVE = 16 };

struct pool {
	uint32_t *stack;		/* freed ones; the hottest on top */
	uint32_t nstack;
	uint32_t fresh;			/* from here on none was ever used */
	uint32_t nbufs;
	uint8_t *used;			/* while it is rebuilt: [nbufs] */
};

/* 0, or -1 with errno of mmap(2). */
int	pool_open(struct pool *p, uint32_t nbufs);
/* Rebuilding: marks every buffer in use, then makes the rest free.  False: the
 * number is none or was marked before (a row that lies). */
bool	pool_mark(struct pool *p, uint32_t buf);
void	pool_rebuilt(struct pool *p);

uint32_t pool_take(struct pool *p);	/* 0: none is left */
void	pool_give(struct pool *p, uint32_t buf);	/* 0 is harmless */
uint32_t pool_left(const struct pool *p);

#endif
