/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_file - reads one configuration file, and only that: a regular file of
 * at most 1 MiB.  Never blocks on a FIFO, never rewinds a tape.
 */
#ifndef COMMON_CONF_FILE_H
#define COMMON_CONF_FILE_H

#include <sys/types.h>

#include "common/conf_error.h"

enum { CONF_FILE_MAX = 1 << 20 };

struct conf_file {
	char *text;			/* malloc'd; no NUL behind it */
	size_t len;
	dev_t dev;			/* what it is, whatever it is called */
	ino_t ino;
};

/* 0 and a file whose text the caller frees, or -1 and the reason in why. */
int	 conf_file_read(const char *path, struct conf_file *f,
	    char why[static CONF_WHY_MAX]);

#endif
