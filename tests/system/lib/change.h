/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change - planned changes of a server while byte-checked streams go on.
 */
#ifndef TESTS_SYSTEM_LIB_CHANGE_H
#define TESTS_SYSTEM_LIB_CHANGE_H

#include "tests/system/lib/belay.h"

/* `belay VERB [WORD]` (word may be NULL) while the streams flow (s may be
 * NULL); p as after proc_wait().  Its status. */
int	 change_verb(struct srv *srv, struct streams *s, struct proc *p,
	    const char *verb, const char *word);
/* The same, which must succeed and say these words. */
void	 change_must(struct srv *srv, struct streams *s, const char *verb,
	    const char *word, const char *says);
/* The same, which must fail and say these words. */
void	 change_must_not(struct srv *srv, struct streams *s, const char *verb,
	    const char *word, const char *says);
/* Waits for the event while the streams flow. */
json_t	*change_wait_event(struct srv *srv, struct streams *s,
	    const char *event);

/* What the status says of the slots. */
struct change_slots {
	size_t serving, others;		/* by role */
	int64_t open, most;		/* connections in all, in one */
};
struct change_slots change_slots(struct srv *srv);
/* Until there are so many of each. */
void	 change_wait_slots(struct srv *srv, size_t serving, size_t others);
/* Until so many serve, nobody else is there, and none has more than 1.3 times
 * the mean (from 30 up: a few connections are nobody's share). */
void	 change_wait_even(struct srv *srv, struct streams *s, size_t workers);

/* A port of 127.0.0.1 where nobody listens; to be used at once. */
int	 change_free_port(void);
/* The same, held by this process until the descriptor is closed. */
int	 change_taken_port(int *fd);

/* Ends the streams: none was lost, every byte was right. */
void	 change_none_lost(struct streams **s);

#endif
