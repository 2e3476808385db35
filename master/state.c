/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state - the table, and the names of its rows and columns.
 *
 * A stop works from every state and is never taken back: draining leads to
 * stopping only, stopping to the exit.  A slot that fails to start keeps the
 * state `starting` while its siblings serve, so a stop drains there too.
 */
#include <assert.h>
#include <stddef.h>

#include "master/state.h"

struct cell {
	enum maction action;
	enum mstate next;
	const char *why;
};

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

const char *const mstate_name[MS_NSTATES] = {
	[MS_STARTING] = "starting",
	[MS_RUNNING] = "running",
	[MS_RELOADING] = "reloading",
	[MS_DRAINING] = "draining",
	[MS_STOPPING] = "stopping",
};

const char *const mevent_name[ME_NEVENTS] = {
	[ME_READY] = "ready",
	[ME_RELOAD] = "reload",
	[ME_RELOAD_DONE] = "reload_done",
	[ME_RELOAD_FAILED] = "reload_failed",
	[ME_UPGRADE] = "upgrade",
	[ME_SCALE] = "scale",
	[ME_REOPEN] = "reopen",
	[ME_STOP] = "stop",
	[ME_STOP_NOW] = "stop_now",
	[ME_DELAY_OVER] = "delay_over",
	[ME_DRAINED] = "drained",
	[ME_TIMEOUT] = "timeout",
};

const char *const maction_name[MA_NACTIONS] = {
	[MA_IGNORE] = "ignore",
	[MA_REFUSE] = "refuse",
	[MA_SERVE] = "serve",
	[MA_ANSWER] = "answer",
	[MA_UPGRADE] = "upgrade",
	[MA_RELOAD] = "reload",
	[MA_SCALE] = "scale",
	[MA_REOPEN] = "reopen",
	[MA_DRAIN] = "drain",
	[MA_LEAVE] = "leave",
	[MA_CUT] = "cut",
	[MA_KILL] = "kill",
	[MA_EXIT] = "exit",
};

static const char why_busy[] = "another transition is running";
static const char why_starting[] = "the server is still starting";
static const char why_stop[] = "the server is stopping";

static const struct cell cells[MS_NSTATES][ME_NEVENTS] = {
	[MS_STARTING] = {
		[ME_READY] = { MA_SERVE, MS_RUNNING, NULL },
		[ME_RELOAD] = { MA_REFUSE, MS_STARTING, why_starting },
		[ME_UPGRADE] = { MA_REFUSE, MS_STARTING, why_starting },
		[ME_SCALE] = { MA_REFUSE, MS_STARTING, why_starting },
		[ME_REOPEN] = { MA_REOPEN, MS_STARTING, NULL },
		[ME_STOP] = { MA_DRAIN, MS_DRAINING, NULL },
		[ME_STOP_NOW] = { MA_CUT, MS_STOPPING, NULL },
	},
	[MS_RUNNING] = {
		[ME_RELOAD] = { MA_RELOAD, MS_RELOADING, NULL },
		[ME_UPGRADE] = { MA_UPGRADE, MS_RELOADING, NULL },
		[ME_SCALE] = { MA_SCALE, MS_RUNNING, NULL },
		[ME_REOPEN] = { MA_REOPEN, MS_RUNNING, NULL },
		[ME_STOP] = { MA_DRAIN, MS_DRAINING, NULL },
		[ME_STOP_NOW] = { MA_CUT, MS_STOPPING, NULL },
	},
	[MS_RELOADING] = {
		[ME_RELOAD] = { MA_REFUSE, MS_RELOADING, why_busy },
		[ME_RELOAD_DONE] = { MA_ANSWER, MS_RUNNING, NULL },
		[ME_RELOAD_FAILED] = { MA_ANSWER, MS_RUNNING, NULL },
		[ME_UPGRADE] = { MA_REFUSE, MS_RELOADING, why_busy },
		[ME_SCALE] = { MA_REFUSE, MS_RELOADING, why_busy },
		[ME_REOPEN] = { MA_REOPEN, MS_RELOADING, NULL },
		[ME_STOP] = { MA_DRAIN, MS_DRAINING, NULL },
		[ME_STOP_NOW] = { MA_CUT, MS_STOPPING, NULL },
	},
	[MS_DRAINING] = {
		[ME_RELOAD] = { MA_REFUSE, MS_DRAINING, why_stop },
		[ME_UPGRADE] = { MA_REFUSE, MS_DRAINING, why_stop },
		[ME_SCALE] = { MA_REFUSE, MS_DRAINING, why_stop },
		[ME_REOPEN] = { MA_REOPEN, MS_DRAINING, NULL },
		[ME_STOP] = { MA_CUT, MS_STOPPING, NULL },
		[ME_STOP_NOW] = { MA_CUT, MS_STOPPING, NULL },
		[ME_DELAY_OVER] = { MA_LEAVE, MS_DRAINING, NULL },
		[ME_DRAINED] = { MA_EXIT, MS_STOPPING, NULL },
		[ME_TIMEOUT] = { MA_CUT, MS_STOPPING, NULL },
	},
	[MS_STOPPING] = {
		[ME_RELOAD] = { MA_REFUSE, MS_STOPPING, why_stop },
		[ME_UPGRADE] = { MA_REFUSE, MS_STOPPING, why_stop },
		[ME_SCALE] = { MA_REFUSE, MS_STOPPING, why_stop },
		[ME_REOPEN] = { MA_REOPEN, MS_STOPPING, NULL },
		[ME_STOP_NOW] = { MA_KILL, MS_STOPPING, NULL },
		[ME_DRAINED] = { MA_EXIT, MS_STOPPING, NULL },
		[ME_TIMEOUT] = { MA_KILL, MS_STOPPING, NULL },
	},
};

static_assert(nitems(cells) == MS_NSTATES, "a row for every state");
static_assert(nitems(mstate_name) == MS_NSTATES, "name every state");
static_assert(nitems(mevent_name) == ME_NEVENTS, "name every event");
static_assert(nitems(maction_name) == MA_NACTIONS, "name every action");

struct verdict
state_next(enum mstate state, enum mevent event)
{
	struct verdict v = { MA_IGNORE, state, NULL };
	const struct cell *c;

	if ((unsigned)state >= MS_NSTATES || (unsigned)event >= ME_NEVENTS)
		return v;
	c = &cells[state][event];
	if (c->action == MA_IGNORE)
		return v;
	v.action = c->action;
	v.next = c->next;
	v.why = c->why;
	return v;
}
