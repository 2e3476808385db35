/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * balance - the rule of the accept set, in integers: own against the mean is
 * own * ready against the sum.
 *
 * Leaving and returning are apart by the slack: else a worker at the border
 * would join and leave with every connection.
 */
#include "worker/balance.h"

bool
balance_accept(uint32_t own, bool accepting,
    const struct balance_sibling *siblings, size_t n)
{
	uint64_t sum = 0, ready = 0, others = 0, mine;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!siblings[i].ready)
			continue;
		ready++;
		sum += siblings[i].connections;
		others += siblings[i].accepting;
	}
	if (others == 0)
		return true;
	mine = own * ready;
	if (!accepting)
		return mine <= sum;
	return mine <= sum + sum / BALANCE_PART ||
	    mine <= sum + BALANCE_SLACK * ready;
}
