/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target - where a tool connects to or listens: HOST:PORT, [V6]:PORT or
 * unix:/path, resolved.  Unlike a server's configuration the tools ask the
 * resolver.
 */
#ifndef MASTER_CLI_TARGET_H
#define MASTER_CLI_TARGET_H

#include <stddef.h>

#include "common/addr.h"

struct target {
	struct addr *v;			/* in the order to try */
	size_t n;
};

enum target_for {
	TARGET_CONNECT,			/* no host: this machine */
	TARGET_LISTEN			/* no host, a port alone: 127.0.0.1;
					 * * is every v4 address; port 0 is
					 * allowed */
};

/*
 * 0, and t is the caller's until target_free().  -1 with *why set, to be used
 * before the next call, and errno: EINVAL (not written like an address: *why
 * says what would be right), EHOSTUNREACH (what the resolver said,
 * getaddrinfo(3)), ENOMEM.
 */
int	target_resolve(const char *text, enum target_for use,
	    struct target *t, const char **why);
void	target_free(struct target *t);

#endif
