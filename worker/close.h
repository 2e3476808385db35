/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close - how a connection ends: the only close there is.
 *
 * Output flushed, our side shut down, input read and dropped for a while, then
 * close(2): else input that was never read turns our last bytes into a reset
 * (RFC 1122 section 4.2.2.13).
 */
#ifndef WORKER_CLOSE_H
#define WORKER_CLOSE_H

#include "worker/conn.h"

enum { LINGER_BYTES = 65536 };		/* of input dropped at the end */

/* Goes as far towards the end as it can now.  False: it is closed, and its
 * descriptor may be another's already. */
bool	close_advance(struct conn *c);
/* Closes at once, whatever the state. */
void	close_now(struct conn *c);
/* The socket failed: there is nothing left to say. */
void	close_broken(struct conn *c, int errnum);
int	close_socket_error(int fd);	/* SO_ERROR, for close_broken() */

/* When to look again: the nearest of its time limits, 0: there is none. */
int64_t	close_deadline(const struct conn *c);
/* Ends it if a limit has passed; true if so. */
bool	close_overdue(struct conn *c);

bool	close_is_at_rest(const struct conn *c);

#endif
