/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_read - what stands before libconfuse: files, includes, balance.
 *
 * Gives the tokens of a file and of all it includes, in order, each with the
 * file and line that it came from.  Braces are balanced in every single file.
 */
#ifndef COMMON_CONF_READ_H
#define COMMON_CONF_READ_H

#include "common/conf_lex.h"

enum {
	CONF_INCLUDE_DEPTH = 16,	/* files in one chain, the first too */
	CONF_INCLUDE_FILES = 1000,	/* files in all */
	CONF_READ_MAX = 8 << 20,	/* bytes of all files */
	CONF_BRACE_DEPTH = 16
};

/*
 * Append to out and end it with CONF_T_END.  0, or -1 with errors in *e.
 * A text has no place that an include could be relative to: it is refused.
 */
int	 conf_read_file(const char *path, struct conf_toks *out,
	    struct conf_errors *e);
int	 conf_read_text(const char *name, const char *text, size_t len,
	    struct conf_toks *out, struct conf_errors *e);

#endif
