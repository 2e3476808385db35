/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listeners - all listeners of a config: bound once, before the slots that
 * accept on them, and shared with the config before where both name them.
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "master/master.h"

/* A listener of a config: descriptor and index of its service. */
struct listener_use {
	int fd;
	unsigned service;
};

/* Opens those of conf that the book does not name yet.  0, or -1 with a text
 * for people in why; what was opened then stays for listeners_keep_only(). */
int	listeners_open(struct master *m, const struct conf *conf, char *why,
	    size_t whylen);
/* Those of conf, in its order; returns how many, at most BOOK_LISTENERS. */
unsigned listeners_of(const struct book *b, const struct conf *conf,
	    struct listener_use use[BOOK_LISTENERS]);

/* To newcomers: all, or those that conf does not name.  Unix names go, TCP
 * listeners drop fresh SYNs; what is queued stays, for the workers, and slots
 * that retire are told to take it. */
void	listeners_shut(struct master *m);
void	listeners_retire(struct master *m, const struct conf *conf);
/* Closes all, or those that conf does not name; the queues are empty by now. */
void	listeners_close(struct master *m);
void	listeners_keep_only(struct master *m, const struct conf *conf);

#endif
