/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify - tells the service manager, if there is one: sd_notify(3)'s protocol
 * without its library.
 */
#ifndef MASTER_NOTIFY_H
#define MASTER_NOTIFY_H

#include "master/master.h"

/* The server has entered this state (READY, RELOADING, STOPPING), or serves
 * again after a transition. */
void	notify_state(const struct master *m, enum mstate state);
/* Keeps the manager's watchdog quiet; each turn.  When to come again,
 * INT64_MAX: it has none. */
int64_t	notify_watchdog(struct master *m);
/* One datagram to $NOTIFY_SOCKET.  0, also when there is none, or -1 with
 * errno. */
int	notify_send(const char *text);

#endif
