/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen - opens the listeners, once, before the first worker; and closes them
 * without losing whom they have queued.
 *
 * Every why is one line without the address: what is wrong, what would be
 * right.  Non-blocking and close-on-exec from the start.
 */
#ifndef MASTER_LISTEN_H
#define MASTER_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/conf.h"

/* Which file a unix listener is: what listen_unlink() may remove. */
struct listen_file {
	uint64_t dev, ino;
};

/*
 * Opens a listener on a with the options of s.  Returns 0 and a descriptor the
 * caller owns, or -1 with errno and why; then nothing is left behind.
 * EADDRINUSE: why names the holder's pid.  A unix socket appears under its name
 * only when it listens and has its mode and owner (no mode given: as the umask
 * says); a dead owner's is replaced.  The kernel keeps the name it was bound
 * to, a temporary one: getsockname(2) and ss(8) show that.
 */
int	listen_open(const struct addr *a, const struct conf_service *s, int *fd,
	    char *why, size_t whylen);

/* The same where other listeners of ours, with SO_REUSEPORT set for the moment,
 * may cover the address or be covered by it. */
int	listen_open_beside(const struct addr *a, const struct conf_service *s,
	    bool beside, int *fd, char *why, size_t whylen);

/*
 * Sets what accepted sockets inherit, on a TCP listener of any origin; for one
 * already open, which needs not be closed when its options change.
 */
int	listen_options(int fd, const struct conf_service *s, char *why,
	    size_t whylen);

/* The file of a unix listener just opened; 0, or -1 with errno. */
int	listen_file(const struct addr *a, struct listen_file *file);

/*
 * Removes a unix listener's file if it is still the one in *file; anything
 * else that stands there now is somebody else's.  True if it was removed.
 */
bool	listen_unlink(const struct addr *a, const struct listen_file *file);

/*
 * Closes a TCP listener to newcomers: their SYN is dropped, unanswered, while
 * who is queued, or in the middle of the handshake, is served.  For the last
 * moments only: a client tries again after 1 s, and is refused properly when
 * the listener has been closed by then.  Connections made after this inherit
 * the filter (it does nothing to them; detach it all the same).  -1 with EPERM
 * without CAP_NET_ADMIN.
 */
int	listen_filter_syn(int fd);
int	listen_filter_detach(int fd);

/* What a backlog is cut to (net.core.somaxconn), or -1 when not readable. */
int64_t	listen_somaxconn(void);

#endif
