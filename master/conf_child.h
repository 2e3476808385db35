/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_child - a child of the master reads the configuration, so that what
 * a file does to a parser is a message, never the end of the master.
 */
#ifndef MASTER_CONF_CHILD_H
#define MASTER_CONF_CHILD_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/conf.h"

struct conf_result {
	bool ok;
	bool drop;			/* become uid and gid in slots */
	uid_t uid;
	gid_t gid;
	/* malloc'd: the normalised text, or what is wrong, in lines */
	char *text;
	size_t len;
};

/*
 * Reads path (NULL: the built-in default) in a child with 2 s of CPU and 10 s
 * at most, resolves user and group, makes the folders of pid file and socket.
 * Fills *r; the caller frees r->text.  0, or -1 with errno when there could be
 * no child.
 */
int	conf_child_read(const char *path, const struct conf_section *sections,
	    struct conf_result *r);

#endif
