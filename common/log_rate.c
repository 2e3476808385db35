/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_rate - lets one of many equal warnings through per period, and counts
 * the rest.  Pure but for the caller's struct, which one thread uses.
 */
#include "common/log.h"

bool
log_rate_ok(struct log_rate *rate, int64_t now_ms, int64_t every_ms,
    uint64_t *suppressed)
{
	*suppressed = 0;
	if (now_ms < rate->next_ms) {
		rate->held++;
		return false;
	}
	*suppressed = rate->held;
	rate->held = 0;
	rate->next_ms = now_ms + every_ms;
	return true;
}
