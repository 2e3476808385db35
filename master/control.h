/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control - the control socket: JSON lines both ways, SO_PEERCRED.
 */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <poll.h>

#include "master/master.h"

/* 0, or -1 with a text for people in why. */
int	control_open(struct master *m, char *why, size_t whylen);
void	control_close(struct master *m);
/* A new master after an upgrade: who asked for it waits still. */
void	control_adopt(struct master *m);

/* Its part of the poll set: fills at most CONTROL_CLIENTS + 1, returns how
 * many; the same array comes back with revents. */
size_t	control_poll(struct master *m, struct pollfd *p);
void	control_serve(struct master *m, const struct pollfd *p, size_t n);
/* Answers what has become known; drops who is silent too long.  When to look
 * again, INT64_MAX: no need. */
int64_t	control_review(struct master *m);

/* Queues one reply line, taking text (malloc'd, ends with a newline); done:
 * it is the last. */
void	control_reply(struct control_client *c, char *text, bool done);

/* The stop is over: whoever asked for it learns how it went. */
void	control_answer_stop(struct master *m);
/* The same of a reload: ok, or why not. */
void	control_answer_reload(struct master *m, bool ok, const char *text);
void	control_counts(const struct master *m, uint64_t *finished,
	    uint64_t *cut);

#endif
