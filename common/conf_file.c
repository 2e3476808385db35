/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_file - reads one configuration file.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf_file.h"

static const char *
file_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

/* Reads to the end, which may lie behind st_size: files grow, /proc has 0. */
static int
file_slurp(int fd, struct conf_file *f)
{
	size_t cap = CONF_FILE_MAX + 1;
	ssize_t n;

	if ((f->text = malloc(cap)) == NULL)
		return -1;
	while (f->len < cap) {
		n = read(fd, f->text + f->len, cap - f->len);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			f->len += (size_t)n;
	}
	errno = EFBIG;
	return -1;
}

int
conf_file_read(const char *path, struct conf_file *f,
    char why[static CONF_WHY_MAX])
{
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	*f = (struct conf_file){ 0 };
	if (fd == -1 || fstat(fd, &st) == -1) {
		(void)snprintf(why, CONF_WHY_MAX, "cannot be opened: %s",
		    strerror(errno));
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)snprintf(why, CONF_WHY_MAX,
		    "is %s; a configuration is a regular file",
		    file_kind(st.st_mode));
		goto fail;
	}
	if (file_slurp(fd, f) == 0) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
		(void)close(fd);
		return 0;
	}
	if (errno == EFBIG)
		(void)snprintf(why, CONF_WHY_MAX,
		    "is longer than 1 MiB; a configuration is shorter");
	else
		(void)snprintf(why, CONF_WHY_MAX, "cannot be read: %s",
		    strerror(errno));
fail:
	free(f->text);
	f->text = NULL;
	if (fd != -1)
		(void)close(fd);
	return -1;
}
