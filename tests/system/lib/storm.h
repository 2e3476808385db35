/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storm - a server, clients of all kinds, and what is done to both meanwhile.
 */
#ifndef TESTS_SYSTEM_LIB_STORM_H
#define TESTS_SYSTEM_LIB_STORM_H

#include "tests/system/lib/belay.h"
#include "tests/system/lib/crowd.h"

struct storm {
	struct srv *srv;
	struct streams *streams;
	struct churn *churn;
	struct crowd *crowd;
	uint64_t random;
	unsigned workers, variant;	/* of the configuration */
	bool door;			/* a second address of "e" */
	size_t doors, crashes, refused, logs;
	pid_t killed[32];		/* the latest */
	size_t nkilled;
};

uint64_t storm_below(struct storm *st, uint64_t n);
/* Serves the clients until fd can be read; false: not until then. */
bool	 storm_serve(struct storm *st, int fd, int64_t until_ms);
void	 storm_serve_for(struct storm *st, int64_t ms);
/* As srv_verb(), with at most one argument. */
int	 storm_verb(struct storm *st, struct proc *p, const char *name,
	    const char *arg);
/* A verb that changes something, and the status it should end with; another
 * change, or the end of the master that was asked, may be in its way. */
void	 storm_change(struct storm *st, const char *name, const char *arg,
	    int rc);
/* Until nothing changes and every slot has its keeper and its worker, who are
 * not among the killed. */
void	 storm_settle(struct storm *st);
/* SIGKILL to who has this title, if anybody. */
void	 storm_kill(struct storm *st, const char *title);
/* The log in use stays, in the directory that STORM_LOG names, if any. */
void	 storm_keep_log(struct storm *st);
/* The title of any process of that kind, "worker 2"; "" when there is none at
 * this moment. */
const char *storm_pick(struct storm *st, const char *kind);
/* Of the environment, or otherwise. */
unsigned long storm_number(const char *variable, unsigned long otherwise);
/* Fails at the first loss, so that the log ends there. */
void	 storm_check(struct storm *st);

#endif
