/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acl - longest match over two short lists, read in order.
 */
#include "worker/acl.h"

/* Bits of the longest prefix that matches, -1: none does. */
static int
longest_match(const struct conf_cidrs *list, const struct sockaddr *sa)
{
	int best = -1;

	for (size_t i = 0; i < list->n; i++) {
		int bits = list->v[i].bits;

		/* A v4 prefix is 96 bits longer as a prefix of v6. */
		if (list->v[i].family == AF_INET)
			bits += 96;
		if (bits > best && cidr_match(&list->v[i], sa))
			best = bits;
	}
	return best;
}

bool
acl_admits(const struct conf_service *conf, const struct sockaddr *sa)
{
	int allow, deny;

	if (conf->allow.n + conf->deny.n == 0 || sa->sa_family == AF_UNIX)
		return true;
	allow = longest_match(&conf->allow, sa);
	deny = longest_match(&conf->deny, sa);
	if (allow == -1 && deny == -1)
		return conf->allow.n == 0;
	return allow > deny;
}
