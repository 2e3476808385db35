/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_life - a connection as the worker sees it: from accept to close.
 *
 * Each function is one whole turn of one connection: it takes the row in hand,
 * does all that can be done now, and leaves the engine and the timers set.
 */
#ifndef WORKER_CONN_LIFE_H
#define WORKER_CONN_LIFE_H

#include <sys/socket.h>
#include <stdint.h>

#include "worker/state.h"

/* A fresh descriptor, below nrows: publishes its row and tries it at once. */
void	conn_begin(struct worker *w, int fd, unsigned listener,
	    const struct sockaddr *sa, socklen_t len);
/* The engine reports events; stale generations are skipped. */
void	conn_event(struct worker *w, int fd, uint32_t gen, uint32_t events);
/* Goes on with what the row says: after recovery, or when buffers are back. */
void	conn_resume(struct worker *w, int fd);
/* A timer entry came due. */
void	conn_expire(struct worker *w, int fd);
/* Leaving: ends it if it is at rest. */
void	conn_drain(struct worker *w, int fd);
/* Ends it now: never a reset over unsent bytes, but they are not waited for. */
void	conn_cut(struct worker *w, int fd, enum reason why);
/* Recovery: goes on with one that was found whole; ends one that was not, by a
 * reset if so asked.  Neither needs, nor touches, the hand that was found. */
void	conn_adopt(struct worker *w, int fd);
void	conn_abandon(struct worker *w, int fd, enum reason why, bool reset);
/* Refuses a fresh descriptor: booked as accepted and rejected. */
void	conn_reject(struct worker *w, int fd, unsigned listener,
	    const struct sockaddr *sa, socklen_t len, enum reason why);
/* Those put off to the next turn: they had more to do, or the pool was low. */
void	conn_resume_later(struct worker *w);
bool	conn_any_later(const struct worker *w);

#endif
