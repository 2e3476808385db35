/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listeners - all listeners of the config: bound once, before the first slot.
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "master/master.h"

/* Opens those that the book does not name yet.  0, or -1 with a text for
 * people in why. */
int	listeners_open(struct master *m, char *why, size_t whylen);
/* To newcomers: unix names go, TCP listeners drop fresh SYNs.  What is queued
 * stays, for the workers. */
void	listeners_shut(struct master *m);
/* Closes them; the queues are empty by now. */
void	listeners_close(struct master *m);

#endif
