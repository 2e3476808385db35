/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_keep - the normalised text in sealed memory: what a later master reads.
 */
#ifndef MASTER_CONF_KEEP_H
#define MASTER_CONF_KEEP_H

#include <stddef.h>

#include "common/conf.h"

/* Returns a memfd that the caller owns, or -1 with errno. */
int	conf_keep(const char *text, size_t len);
/* Parses what was kept.  Returns a conf the caller owns, or NULL with errors
 * or errno. */
struct conf *conf_kept(int fd, const struct conf_section *sections,
	    struct conf_errors *e);

#endif
