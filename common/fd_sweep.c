/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd_sweep - the gaps between sorted descriptors, each by one close_range(2).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd_sweep.h"

static int
compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int
fd_sweep(const int *keep, size_t n)
{
	int sorted[FD_SWEEP_MAX];
	unsigned from = 0;

	if (n > FD_SWEEP_MAX) {
		errno = EINVAL;
		return -1;
	}
	memcpy(sorted, keep, n * sizeof sorted[0]);
	qsort(sorted, n, sizeof sorted[0], compare);
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] < 0 || (unsigned)sorted[i] < from)
			continue;
		if ((unsigned)sorted[i] > from && close_range(from,
		    (unsigned)sorted[i] - 1, 0) == -1)
			return -1;
		from = (unsigned)sorted[i] + 1;
	}
	return close_range(from, ~0u, 0);
}
