/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state - the server's state machine: states x events, one table.
 *
 * Pure: state_next() looks a cell up and decides nothing else.  Who calls it
 * carries the action out and enters the next state through the one setter,
 * which logs.  Events may come in any state and any number of times.
 */
#ifndef MASTER_STATE_H
#define MASTER_STATE_H

enum mstate {				/* names as in INTERFACE section 5 */
	MS_STARTING,			/* until every slot was READY once */
	MS_RUNNING,
	MS_RELOADING,			/* a transition: fresh slots start */
	MS_DRAINING,			/* graceful stop, from drain_delay on */
	MS_STOPPING,			/* stop now: connections are cut */
	MS_NSTATES
};

enum mevent {
	ME_READY,			/* every slot wanted is READY */
	ME_RELOAD,			/* HUP, verb */
	ME_RELOAD_DONE,
	ME_RELOAD_FAILED,
	ME_UPGRADE,			/* USR2, verb */
	ME_SCALE,			/* TTIN, TTOU, verb: to book.scale_to */
	ME_REOPEN,			/* USR1, verb */
	ME_STOP,			/* TERM, QUIT, verb */
	ME_STOP_NOW,			/* INT, verb */
	ME_DELAY_OVER,			/* drain_delay; at once if it is 0 */
	ME_DRAINED,			/* no worker is left */
	ME_TIMEOUT,			/* the state's deadline */
	ME_NEVENTS
};

enum maction {
	MA_IGNORE,			/* the empty cell: logged at debug */
	MA_REFUSE,			/* with verdict.why to whoever asked */
	MA_SERVE,			/* announce READY */
	MA_ANSWER,			/* a transition ended: tell who waits */
	MA_UPGRADE,			/* begin, as a reload */
	MA_RELOAD,			/* begin; its verdict is an event */
	MA_SCALE,			/* to the number asked for */
	MA_REOPEN,			/* log files */
	MA_DRAIN,			/* readiness goes; drain_delay runs */
	MA_LEAVE,			/* close listeners, drain the workers */
	MA_CUT,				/* the same, but end connections now */
	MA_KILL,			/* SIGKILL to the workers left */
	MA_EXIT,
	MA_NACTIONS
};

struct verdict {
	enum maction action;
	enum mstate next;		/* the same state, if nothing changes */
	const char *why;		/* MA_REFUSE: for people; else NULL */
};

extern const char *const mstate_name[MS_NSTATES];
extern const char *const mevent_name[ME_NEVENTS];
extern const char *const maction_name[MA_NACTIONS];

/* Values outside of the enums are ignored, in the state given. */
struct verdict
	state_next(enum mstate state, enum mevent event);

#endif
