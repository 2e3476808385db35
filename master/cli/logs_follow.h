/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_follow - a log file by its name: what is appended, and what comes after
 * it was renamed, made anew or truncated.  Sleeps in between; never polls.
 */
#ifndef MASTER_CLI_LOGS_FOLLOW_H
#define MASTER_CLI_LOGS_FOLLOW_H

#include "master/cli/logs_source.h"

struct logs_follow {
	const char *path;		/* borrowed */
	const char *name;		/* its last part */
	int in_fd;			/* inotify(7) */
	int out_fd;			/* when its reader goes we end */
	struct logs_source *now;	/* has the name; or NULL */
	struct logs_source *before;	/* had it: may still be written */
};

/* Begins to watch; takes src (NULL: there is no such file yet), also on
 * failure.  0, or -1 with errno. */
int	 logs_follow_open(struct logs_follow *f, const char *path,
	    struct logs_source *src, int out_fd);
void	 logs_follow_close(struct logs_follow *f);

/* Hands out all lines that are there now.  0, or -1 with errno. */
int	 logs_follow_drain(struct logs_follow *f, logs_line_fn *fn, void *arg);
/* Sleeps until something changed.  0, or -1 with errno: EPIPE if the reader of
 * out_fd has gone. */
int	 logs_follow_wait(struct logs_follow *f);

#endif
