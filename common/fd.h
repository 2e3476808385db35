/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd - closing descriptors, and passing them between processes.
 *
 * Messages travel over SOCK_SEQPACKET: one send is one receive, whole or not
 * at all.  Received descriptors are close-on-exec from the start.
 */
#ifndef COMMON_FD_H
#define COMMON_FD_H

#include <sys/types.h>
#include <stddef.h>

enum { FD_PASS_MAX = 253 };	/* SCM_MAX_FD: the kernel's limit per message */

/* Closes *fd unless it is -1 and sets it to -1.  Keeps errno. */
void	fd_close(int *fd);

/*
 * Sends len > 0 bytes and nfds descriptors as one message.  Borrows all.  0, or
 * -1 with errno: EINVAL (len is 0, nfds > FD_PASS_MAX), EMSGSIZE, EAGAIN (not
 * sent at all), EPIPE (never a signal), ETOOMANYREFS (too many descriptors in
 * flight, RLIMIT_NOFILE of them); unix(7), sendmsg(2).  Goes on after EINTR.
 */
int	fd_send(int sock, const void *buf, size_t len, const int *fds,
	    size_t nfds);

/*
 * Receives one message.  Returns its length, 0 at the end, -1 with errno.  The
 * caller owns the *nfds <= max descriptors in fds.  EMSGSIZE: the bytes or the
 * descriptors did not all fit (too many, or this process's table is full); then
 * the message is gone and all that came with it is closed.  On anything but
 * success *nfds is 0.  Goes on after EINTR.
 */
ssize_t	fd_recv(int sock, void *buf, size_t len, int *fds, size_t max,
	    size_t *nfds);

#endif
