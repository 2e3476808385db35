/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_print - a line of the log for the user's eyes or for the next program.
 *
 * The log may hold anything: lines of other programs, of a torn disk, of an
 * attacker.  Nothing of it reaches a terminal unescaped.  Lines that are no
 * records are shown, marked with "? ", when everything is shown to people;
 * else they are left out; both ways they are counted.
 */
#ifndef MASTER_CLI_LOGS_PRINT_H
#define MASTER_CLI_LOGS_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "master/cli/logs_filter.h"

struct logs_out {
	FILE *file;
	bool raw;			/* --json: lines as they are */
	bool colour;
	struct logs_filter filter;
	int64_t day;			/* the local day of the last line */
	uint64_t strange;		/* lines that were no records */
};

/* Whether the line, n bytes without newline, would be printed. */
bool	 logs_wants(const struct logs_out *out, const char *line, size_t n);
/* Prints it if it is wanted; errors stay in out->file. */
void	 logs_print(struct logs_out *out, const char *line, size_t n);
/* Sets day to today, so that lines of today need no date. */
void	 logs_print_begin(struct logs_out *out);

#endif
