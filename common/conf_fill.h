/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_fill - from the parsed tree to a struct conf, and where each came from.
 */
#ifndef COMMON_CONF_FILL_H
#define COMMON_CONF_FILL_H

#include "common/conf_cfg.h"

/* Where the value of a field was given, for the rules that join two fields. */
struct conf_origin {
	const void *field;
	struct conf_pos pos;
};

struct conf_origins {
	struct conf_origin *v;
	size_t n;
	struct conf_pos whole;		/* the first file */
};

/*
 * Fills conf from the rows: what the file gives, else the default.  Errors go
 * to *e; conf can be freed and printed afterwards, errors or not.
 */
void	 conf_fill(struct conf *conf, const struct conf_cfg *cfg,
	    const struct conf_section *sections, const struct conf_toks *t,
	    struct conf_origins *origins, struct conf_errors *e);

/* Of field, if the file gives it, else of other (NULL: the whole file). */
struct conf_pos conf_origins_at(const struct conf_origins *o,
	    const void *field, const void *other);
bool	 conf_origins_has(const struct conf_origins *o, const void *field);
void	 conf_origins_free(struct conf_origins *o);

#endif
