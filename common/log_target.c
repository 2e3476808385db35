/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_target - see the header.  O_NONBLOCK stays set on what is no regular
 * file, so that a reader who does not read can never stop the service.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/log_target.h"

static const struct why_row {
	int errnum;
	const char *why;
} path_whys[] = {
	{ EISDIR, "it is a directory: name a file in it" },
	{ ENXIO, "nobody reads this FIFO, or it is a socket or a device that "
	    "is not there: start its reader first, or name a file" },
	{ ENOENT, "its directory does not exist: create it first" },
	{ ENOTDIR, "a part of the path is a file, not a directory" },
	{ EACCES, "no permission to write it: give the file or its directory "
	    "to the user who starts belay" },
	{ EPERM, "the file refuses to be appended to: see lsattr(1)" },
	{ EROFS, "it lies on a read-only file system: name another place" },
	{ ENOSPC, "the file system is full" },
	{ ELOOP, "too many symbolic links" },
	{ ENAMETOOLONG, "the path is too long" },
	{ EMFILE, "no descriptors are left: raise the limit of open files" },
	{ ENOTSUP, "the target journal is not supported: use stderr, which "
	    "systemd sends there" },
	{ EINVAL, "a target is stderr, syslog, or a path that begins with / "
	    "or ./" },
}, syslog_whys[] = {
	{ ENOENT, "no syslog daemon: its socket does not exist" },
	{ ECONNREFUSED, "no syslog daemon: nobody listens on its socket" },
	{ EACCES, "no permission to use the syslog daemon's socket" },
	{ EPROTOTYPE, "the syslog socket is no datagram socket" },
	{ ENAMETOOLONG, "the path of the syslog socket is too long" },
};

static const char *
why_find(const struct why_row *rows, size_t n, int errnum)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].errnum == errnum)
			return rows[i].why;
	return "it cannot be opened";
}

static int
syslog_open(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd, saved;

	if (n >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, n);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
path_open(const char *path)
{
	if (strcmp(path, "journal") == 0) {
		errno = ENOTSUP;
		return -1;
	}
	if (strchr(path, '/') == NULL) {	/* a misspelt word */
		errno = EINVAL;
		return -1;
	}
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0640);
}

int
log_target_open(const char *target, const char *syslog_path,
    enum log_kind *kind, const char **why)
{
	int fd;

	*kind = LOG_K_FD;
	*why = NULL;
	if (strcmp(target, "stderr") == 0)
		return STDERR_FILENO;
	if (strcmp(target, "syslog") == 0) {
		*kind = LOG_K_SYSLOG;
		fd = syslog_open(syslog_path == NULL ? "/dev/log" :
		    syslog_path);
		if (fd == -1)
			*why = why_find(syslog_whys, sizeof(syslog_whys) /
			    sizeof(syslog_whys[0]), errno);
		return fd;
	}
	fd = path_open(target);
	if (fd == -1)
		*why = why_find(path_whys, sizeof(path_whys) /
		    sizeof(path_whys[0]), errno);
	return fd;
}
