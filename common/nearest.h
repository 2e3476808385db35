/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nearest - which known word did they mean?
 *
 * Offer every known word to nearest_try(), then read .best: NULL when none is
 * near enough to be worth a guess.
 */
#ifndef COMMON_NEAREST_H
#define COMMON_NEAREST_H

struct nearest {
	const char *word;		/* set by the caller, the rest 0 */
	const char *best;		/* borrowed from nearest_try() */
	unsigned distance;		/* of best */
};

/*
 * Edits: insert, delete, replace, swap two neighbours (optimal string
 * alignment).  A word longer than 63 bytes is near to nothing.
 */
unsigned nearest_distance(const char *a, const char *b);
void	 nearest_try(struct nearest *n, const char *known);

#endif
