/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gone - waits for the end of the server's process, the one in its pid file.
 *
 * The server's last reply comes before its end; only after that are its ports
 * and its pid file free for another.
 */
#ifndef MASTER_CLI_GONE_H
#define MASTER_CLI_GONE_H

#include <stdint.h>

/*
 * To be called while the server runs.  Returns a pidfd that the caller closes,
 * -1 when there is none (no pid file, Linux before 5.3): see gone_wait().
 */
int	gone_watch(const char *pid_file);

/* Waits for its end until deadline_ms (monotonic; INT64_MAX: none).  0 when it
 * has ended, or pid_fd is -1; -1 when it still runs. */
int	gone_wait(int pid_fd, int64_t deadline_ms);

#endif
