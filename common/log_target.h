/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_target - opens what log { target } names: stderr, syslog, or a path.
 */
#ifndef COMMON_LOG_TARGET_H
#define COMMON_LOG_TARGET_H

#include "common/log.h"

/*
 * Returns a descriptor for log_open() and sets *kind.  For "stderr" it is
 * STDERR_FILENO itself, which nobody should close; else the caller owns it.
 * A file is made with mode 0640 if it is not there.  Never blocks: a FIFO
 * needs a reader.  syslog_path: the daemon's socket, NULL for /dev/log.
 * -1 with errno on failure, *why set to a static text for people: what is
 * wrong and what would be right.
 */
int	 log_target_open(const char *target, const char *syslog_path,
	    enum log_kind *kind, const char **why);

#endif
