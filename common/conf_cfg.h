/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_cfg - libconfuse, with its table made of our option rows.
 *
 * Every option is a text to libconfuse, kept with the line it stood on, so
 * that what is wrong with it can be said later and in our words.
 */
#ifndef COMMON_CONF_CFG_H
#define COMMON_CONF_CFG_H

#include <confuse.h>

#include "common/conf_lex.h"

struct conf_lines {			/* line n came from v[n - 1] */
	struct conf_pos *v;
	size_t n;
};

struct conf_raw {			/* one value, as libconfuse saw it */
	unsigned line;			/* of the text; see conf_lines */
	char text[];
};

struct conf_cfg {
	cfg_t *root;			/* its values are struct conf_raw */
	struct conf_lines lines;
	struct conf_errors *e;		/* while it parses */
};

/*
 * Parses the tokens (dropped ones excepted), which passed the name check.  c
 * must not move until conf_cfg_free().  0, or -1 with an error in *e.
 */
int	 conf_cfg_parse(struct conf_cfg *c, const struct conf_toks *t,
	    const struct conf_section *sections, struct conf_errors *e);
void	 conf_cfg_free(struct conf_cfg *c);

/* The position of a line of the parsed text. */
struct conf_pos conf_lines_at(const struct conf_lines *lines, unsigned line);
void	 conf_lines_free(struct conf_lines *lines);

/* The tokens as a text that libconfuse reads as we do. */
char	*conf_cfg_text(const struct conf_toks *t, struct conf_lines *lines);

#endif
