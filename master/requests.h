/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * requests - what clients of the control socket may ask for: a row a verb.
 */
#ifndef MASTER_REQUESTS_H
#define MASTER_REQUESTS_H

#include "master/master.h"

/* Answers one line (NUL-terminated), whatever it holds. */
void	requests_handle(struct master *m, struct control_client *c,
	    const char *line);
/* The last line a client gets: no, and why not. */
void	requests_refuse(struct control_client *c, const char *why);
/* The audit's answers are in, or late: tells who waits. */
void	requests_audited(struct master *m);
/* The number of workers is what the client asked for. */
void	requests_scaled(struct master *m, struct control_client *c);
/* The verdict on a reload or upgrade: error NULL if it was done; text for
 * people, NULL if there is nothing to add. */
void	requests_reloaded(struct control_client *c, const char *error,
	    const char *text);
bool	requests_audit_complete(struct master *m);

#endif
