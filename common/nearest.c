/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nearest - which known word did they mean?
 *
 * Bounded work whatever comes in: long words are refused before the table.
 */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "common/nearest.h"

enum { WORD_MAX = 63 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
nearest_distance(const char *a, const char *b)
{
	unsigned row[3][WORD_MAX + 1];	/* two back, one back, this one */
	size_t na = strnlen(a, WORD_MAX + 1), nb = strnlen(b, WORD_MAX + 1);

	if (na > WORD_MAX || nb > WORD_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = row[i % 3], *one = row[(i + 2) % 3];
		unsigned *two = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = one[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(one[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], two[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

void
nearest_try(struct nearest *n, const char *known)
{
	unsigned d = nearest_distance(n->word, known);
	size_t len = strlen(n->word);

	/* One slip in three letters is a slip; more is another word. */
	if (d == UINT_MAX || d > (len + 2) / 3)
		return;
	if (n->best == NULL || d < n->distance) {
		n->best = known;
		n->distance = d;
	}
}
