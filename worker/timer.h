/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer - when to look at which descriptor next.
 *
 * A heap of (time, descriptor), at most one entry each.  Entries are lazy: a
 * deadline that moves into the future leaves its entry alone, and when that
 * comes due the real deadline is asked (a request costs no heap operation).
 */
#ifndef WORKER_TIMER_H
#define WORKER_TIMER_H

#include <stdint.h>

struct timers {
	uint32_t *heap;			/* descriptors, the earliest first */
	/* [nrows] place in the heap + 1, 0: none */
	uint32_t *place;
	int64_t *when;			/* [nrows] ms, CLOCK_MONOTONIC */
	uint32_t n;
};

/* 0, or -1 with errno of mmap(2). */
int	timers_open(struct timers *t, uint32_t nrows);
/* Looks at fd at when_ms or earlier; 0: no deadline, the entry goes. */
void	timers_set(struct timers *t, int fd, int64_t when_ms);
void	timers_clear(struct timers *t, int fd);
/* Takes one that is due off the heap; -1: none is. */
int	timers_pop(struct timers *t, int64_t now_ms);
/* The earliest entry's time; INT64_MAX: there is none. */
int64_t	timers_next(const struct timers *t);

#endif
