/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * activation - sockets that the service manager opened for us: the protocol of
 * sd_listen_fds(3) without its library.
 *
 * An inherited socket is matched to a configured address by its own address,
 * or by the name it was given (LISTEN_FDNAMES, FileDescriptorName=), which is
 * a service's.  It stays the manager's: it is never closed to newcomers, whom
 * the next start serves, and its file is never removed.
 */
#ifndef MASTER_ACTIVATION_H
#define MASTER_ACTIVATION_H

#include "master/master.h"

/*
 * What LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say, if they mean this
 * process; they are unset in any case.  Call it before anything is opened.
 */
void	activation_note(struct book_start *start);

/*
 * An inherited listener for this address of a service that no listener uses
 * yet; its options are not set.  -1: there is none.  The book owns it once it
 * is one of its listeners.
 */
int	activation_find(const struct master *m, const struct conf_service *s,
	    const struct addr *a);

/* Says which were not asked for, and closes them. */
void	activation_end(struct master *m);

#endif
