/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accept - taking connections from the shared listeners, and when not to.
 */
#ifndef WORKER_ACCEPT_H
#define WORKER_ACCEPT_H

#include <sys/socket.h>

#include "worker/state.h"

/* Registers the listeners for the first time.  0, or -1 with errno. */
int	accept_open(struct worker *w);
/* A listener is readable: takes some, each served at once. */
void	accept_some(struct worker *w, int listener_fd);
/* Takes all that wait on every listener, while there is room. */
void	accept_queue(struct worker *w);
/* A fresh descriptor, below nrows: served, or refused: by its
 * service's acl, or for the workers it has crashed. */
void	accept_take(struct worker *w, int fd, unsigned listener,
	    const struct sockaddr *sa, socklen_t len);
/* The same on those that the master says go with this slot (slot_head.gone).
 * False: there are none. */
bool	accept_gone(struct worker *w);
/* Told to look: whoever was woken for a newcomer may have died of it. */
void	accept_look(struct worker *w);
/* Joins or leaves the accept set as pause, room and balance say; each turn. */
void	accept_review(struct worker *w);
/* Leaves for good: out of the engine, listeners closed in this table. */
void	accept_close(struct worker *w);
/* When to review again although nothing happens; INT64_MAX: no need. */
int64_t	accept_next(const struct worker *w);

#endif
