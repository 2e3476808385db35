/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidfile - one server per pid file, by a lock that outlives the master.
 */
#ifndef MASTER_PIDFILE_H
#define MASTER_PIDFILE_H

#include <sys/types.h>

/*
 * Opens and locks (flock(2)) without writing: the pid stands in it only once
 * the server serves.  Returns a descriptor the caller owns, or -1 with errno;
 * EWOULDBLOCK: another one runs, its pid in *other (0: not written yet).
 */
int	pidfile_open(const char *path, pid_t *other);
int	pidfile_write(int fd, pid_t pid);	/* 0, or -1 with errno */
/* Removes the file, if it is still the one that fd has open. */
void	pidfile_remove(int fd, const char *path);

#endif
