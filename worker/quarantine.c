/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quarantine - reading a list that another process may write meanwhile: what
 * was read holds if seq was even and did not change.
 */
#include "worker/quarantine.h"

enum { TRIES = 4 };			/* written seldom, and in no time */

static bool
is_listed(const struct quarantine_list *list, uint32_t n,
    const struct sockaddr *sa)
{
	for (uint32_t i = 0; i < n && i < COMMONS_QUARANTINE; i++)
		if (cidr_match(&list->client[i], sa))
			return true;
	return false;
}

bool
quarantine_holds(const struct quarantine_list *list, const struct sockaddr *sa)
{
	uint32_t n = atomic_load_explicit(&list->n, memory_order_relaxed), seq;
	bool listed;

	for (int i = 0; n != 0 && i < TRIES; i++) {
		seq = atomic_load_explicit(&list->seq, memory_order_acquire);
		n = atomic_load_explicit(&list->n, memory_order_relaxed);
		listed = is_listed(list, n, sa);
		atomic_thread_fence(memory_order_acquire);
		if (seq % 2 == 0 && seq == atomic_load_explicit(&list->seq,
		    memory_order_relaxed))
			return listed;
	}
	return false;
}
