/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd - clients of many manners at once, every byte checked.
 *
 * Each guest lives in rounds: it sends, reads its answer to the last byte,
 * rests, and does so again, on the same connection or on the next one.  A guest
 * that is refused, reset, ended early or left without an answer is lost, one
 * with a byte that does not fit is wrong; the first few are printed.
 */
#ifndef TESTS_SYSTEM_LIB_CROWD_H
#define TESTS_SYSTEM_LIB_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crowd_manner {
	const char *name, *service;
	size_t n;			/* guests of this manner */
	const char *ask, *answer;	/* NULL: a pattern, which comes back */
	size_t len_max;			/* of the pattern */
	size_t read_max;		/* a slow reader's piece, 0: all */
	unsigned pause_ms;		/* between rounds, at most */
	bool tight;			/* the smallest window */
	bool fin;			/* our FIN follows the last byte */
	bool leaves;			/* each round has its connection */
};

struct crowd;
struct crowd_sum {
	size_t guests, rounds, lost, wrong;
	uint64_t bytes;
};

struct crowd *crowd_open(uint64_t seed);
/* Lets them in; manner and addr are borrowed. */
void	 crowd_add(struct crowd *c, const struct crowd_manner *manner,
	    const char *addr);
/* Readable when crowd_step() has something to do; besides, call it every few
 * milliseconds. */
int	 crowd_fd(const struct crowd *c);
void	 crowd_step(struct crowd *c);
struct crowd_sum crowd_sum(const struct crowd *c);
/* Everybody ends the round it is in, idle ones have a last one; frees. */
struct crowd_sum crowd_finish(struct crowd **c);

#endif
