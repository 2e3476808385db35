/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen_unix - gives a unix socket its name in the file system.
 */
#ifndef MASTER_LISTEN_UNIX_H
#define MASTER_LISTEN_UNIX_H

#include <stddef.h>

#include "common/addr.h"

/*
 * Binds fd, makes it listen, and puts it under a's path with its mode and
 * owner; refuses to replace a live owner's socket (EADDRINUSE) or what is not
 * a socket (ENOTSOCK).  Borrows fd.  0, or -1 with errno and why; then the path
 * is as it was.
 */
int	listen_unix_bind(int fd, const struct addr *a, int backlog, char *why,
	    size_t whylen);

#endif
