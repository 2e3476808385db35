/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidfile - the lock is the truth, the number in the file is for people.
 *
 * libbsd's pidfile_open() writes the caller's pid, which would be the
 * disposable master's, so this one is our own.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/pidfile.h"

static pid_t
read_pid(int fd)
{
	char buf[32];
	ssize_t n = pread(fd, buf, sizeof buf - 1, 0);

	if (n <= 0)
		return 0;
	buf[n] = '\0';
	return (pid_t)strtol(buf, NULL, 10);
}

static int
is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int
pidfile_open(const char *path, pid_t *other)
{
	int fd;

	*other = 0;
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0644);
		if (fd == -1)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
			*other = read_pid(fd);
			fd_close(&fd);
			return -1;
		}
		/* Its last owner may have removed it before we had the lock. */
		if (is_same_file(fd, path))
			return fd;
		fd_close(&fd);
	}
}

int
pidfile_write(int fd, pid_t pid)
{
	char buf[32];
	int n = snprintf(buf, sizeof buf, "%d\n", (int)pid);

	if (ftruncate(fd, 0) == -1)
		return -1;
	return pwrite(fd, buf, (size_t)n, 0) == n ? 0 : -1;
}

void
pidfile_remove(int fd, const char *path)
{
	if (is_same_file(fd, path))
		unlink(path);
}
