/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * balance - whether a worker takes part in accepting (DESIGN section 3).
 *
 * Pure: over the load lines that siblings publish, which may be stale.  The
 * least loaded of a set never leaves it, and who finds nobody else accepting
 * returns, so a wrong view of the others is corrected by the next look.
 */
#ifndef WORKER_BALANCE_H
#define WORKER_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BALANCE_PART = 8, BALANCE_SLACK = 8 };

struct balance_sibling {
	uint32_t connections;
	bool ready;			/* the others do not count */
	bool accepting;
};

/*
 * True if a worker with so many own connections, which is accepting now or
 * not, should be.  It leaves when more than 1/8 and more than 8 above the mean
 * of its ready siblings, of which one accepts; it returns at or below it.  The
 * array, without oneself, is borrowed.
 */
bool	balance_accept(uint32_t own, bool accepting,
	    const struct balance_sibling *siblings, size_t n);

#endif
