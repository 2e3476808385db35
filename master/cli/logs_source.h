/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_source - whole lines of one file that may still grow.
 */
#ifndef MASTER_CLI_LOGS_SOURCE_H
#define MASTER_CLI_LOGS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum { LOGS_LINE_MAX = 65536 };	/* a longer line comes in several pieces */

struct logs_source {
	int fd;
	int watch;			/* of the follower; -1: none */
	size_t len;			/* of the line that has no end yet */
	char buf[LOGS_LINE_MAX];
};

/* One line, without its newline. */
typedef void logs_line_fn(void *arg, const char *line, size_t n);
typedef bool logs_want_fn(void *arg, const char *line, size_t n);

/* "-": stdin.  NULL with errno; directories are refused (EISDIR). */
struct logs_source *logs_source_open(const char *path);
void	 logs_source_close(struct logs_source **s);

/* Hands every whole line that is there to fn.  0, or -1 with errno. */
int	 logs_source_drain(struct logs_source *s, logs_line_fn *fn, void *arg);
/* Hands out the rest, a line without newline; nothing will follow. */
void	 logs_source_finish(struct logs_source *s, logs_line_fn *fn, void *arg);

/* Moves to where the last n lines that want accepts begin.  0, or -1 with
 * errno: ESPIPE for what is no file. */
int	 logs_source_last(struct logs_source *s, unsigned long n,
	    logs_want_fn *want, void *arg);

/* True if the file became shorter than what was read: begins again. */
bool	 logs_source_rewound(struct logs_source *s);

#endif
