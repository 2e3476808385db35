/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_follow - see the header.  An event only says "look again": what is
 * compared is the file we have with the one that has the name.  The directory
 * is watched before the first look, so no change falls between.
 */
#include <sys/inotify.h>
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/logs_follow.h"

static int
watch_directory(struct logs_follow *f)
{
	char *dir;
	int wd;

	dir = f->name == f->path ? strdup("./") :
	    strndup(f->path, (size_t)(f->name - f->path));
	if (dir == NULL)
		return -1;
	wd = inotify_add_watch(f->in_fd, dir,
	    IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
	free(dir);
	return wd == -1 ? -1 : 0;
}

/* Watches the very file that is open, whatever its name is by now. */
static int
watch_file(struct logs_follow *f, struct logs_source *s)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	s->watch = inotify_add_watch(f->in_fd, path, IN_MODIFY);
	return s->watch == -1 ? -1 : 0;
}

int
logs_follow_open(struct logs_follow *f, const char *path,
    struct logs_source *src, int out_fd)
{
	const char *slash = strrchr(path, '/');

	f->path = path;
	f->name = slash == NULL ? path : slash + 1;
	f->out_fd = out_fd;
	f->now = src;
	f->before = NULL;
	f->in_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (f->in_fd != -1 && watch_directory(f) == 0 &&
	    (src == NULL || watch_file(f, src) == 0))
		return 0;
	logs_follow_close(f);
	return -1;
}

void
logs_follow_close(struct logs_follow *f)
{
	int saved = errno;

	logs_source_close(&f->before);
	logs_source_close(&f->now);
	if (f->in_fd != -1)
		close(f->in_fd);
	f->in_fd = -1;
	errno = saved;
}

static bool
same_file(const struct logs_source *s, const char *path)
{
	struct stat a, b;

	return fstat(s->fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Takes up the file that has the name now, if it is another one. */
static int
follow_name(struct logs_follow *f)
{
	struct logs_source *s;

	if (f->now != NULL && same_file(f->now, f->path))
		return 0;
	s = logs_source_open(f->path);
	if (s == NULL)		/* the new one is to come, or not yet ours */
		return errno == ENOENT || errno == EACCES ? 0 : -1;
	if (watch_file(f, s) == -1) {
		logs_source_close(&s);
		return -1;
	}
	if (f->before != NULL)
		inotify_rm_watch(f->in_fd, f->before->watch);
	logs_source_close(&f->before);
	f->before = f->now;
	f->now = s;
	return 0;
}

static int
drain_one(struct logs_source *s, logs_line_fn *fn, void *arg)
{
	if (s == NULL)
		return 0;
	(void)logs_source_rewound(s);
	return logs_source_drain(s, fn, arg);
}

int
logs_follow_drain(struct logs_follow *f, logs_line_fn *fn, void *arg)
{
	/* to its end, before it is given up for another */
	if (drain_one(f->before, fn, arg) == -1 ||
	    drain_one(f->now, fn, arg) == -1 || follow_name(f) == -1)
		return -1;
	return drain_one(f->now, fn, arg);
}

int
logs_follow_wait(struct logs_follow *f)
{
	char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	struct pollfd pfds[2] = {
		{ .fd = f->in_fd, .events = POLLIN },
		{ .fd = f->out_fd },
	};

	while (poll(pfds, 2, -1) == -1)
		if (errno != EINTR)
			return -1;
	if (pfds[1].revents & (POLLERR | POLLHUP)) {
		errno = EPIPE;
		return -1;
	}
	while (read(f->in_fd, events, sizeof(events)) > 0)
		;
	return 0;
}
