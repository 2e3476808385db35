/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_source - see the header.  The place in the file is the descriptor's.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "master/cli/logs_source.h"

/* Read backwards in steps of this: two records. */
enum { STEP = 2 * LOG_RECORD_MAX };

struct logs_source *
logs_source_open(const char *path)
{
	struct logs_source *s;
	struct stat st;
	int saved;

	s = malloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	s->len = 0;
	s->watch = -1;
	s->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd == -1)
		goto fail;
	if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		goto fail;
	}
	return s;
fail:
	saved = errno;
	logs_source_close(&s);
	errno = saved;
	return NULL;
}

void
logs_source_close(struct logs_source **s)
{
	if (*s == NULL)
		return;
	if ((*s)->fd != -1)
		close((*s)->fd);
	free(*s);
	*s = NULL;
}

/* Hands out the lines in buf and keeps what follows the last. */
static void
source_split(struct logs_source *s, logs_line_fn *fn, void *arg)
{
	const char *p = s->buf, *end = s->buf + s->len, *nl;

	while (p < end &&
	    (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		fn(arg, p, (size_t)(nl - p));
		p = nl + 1;
	}
	s->len = (size_t)(end - p);
	if (s->len == sizeof(s->buf)) {
		fn(arg, s->buf, s->len);
		s->len = 0;
	}
	memmove(s->buf, p, s->len);
}

int
logs_source_drain(struct logs_source *s, logs_line_fn *fn, void *arg)
{
	ssize_t k;

	for (;;) {
		k = read(s->fd, s->buf + s->len, sizeof(s->buf) - s->len);
		if (k == 0)
			return 0;
		if (k > 0) {
			s->len += (size_t)k;
			source_split(s, fn, arg);
		} else if (errno != EINTR)
			return -1;
	}
}

void
logs_source_finish(struct logs_source *s, logs_line_fn *fn, void *arg)
{
	if (s->len > 0)
		fn(arg, s->buf, s->len);
	s->len = 0;
}

static int
pread_all(int fd, char *buf, size_t n, off_t at)
{
	ssize_t k;
	size_t done;

	for (done = 0; done < n; done += (size_t)k) {
		k = pread(fd, buf + done, n - done, at + (off_t)done);
		if (k == -1 && errno == EINTR)
			k = 0;
		else if (k <= 0) {
			errno = k == 0 ? EIO : errno;
			return -1;
		}
	}
	return 0;
}

/*
 * Where the line begins that ends before end; -1 with errno.  Its first *len
 * bytes are left in buf: all of them, unless it is longer than any record.
 */
static off_t
line_start(int fd, off_t end, char buf[static STEP], size_t *len)
{
	const char *nl = NULL;
	off_t at = end;
	size_t n;

	*len = 0;
	while (at > 0 && nl == NULL) {
		n = at < STEP ? (size_t)at : STEP;
		if (pread_all(fd, buf, n, at - (off_t)n) == -1)
			return -1;
		nl = memrchr(buf, '\n', n);
		*len = nl == NULL ? n : (size_t)(buf + n - (nl + 1));
		at -= (off_t)*len;
	}
	if (nl != NULL)
		memmove(buf, nl + 1, *len);
	return at;
}

int
logs_source_last(struct logs_source *s, unsigned long n, logs_want_fn *want,
    void *arg)
{
	char line[STEP], last;
	off_t end, from;
	size_t len;

	end = lseek(s->fd, 0, SEEK_END);
	if (end == -1)
		return -1;
	from = end;
	while (n > 0 && end > 0) {
		/* end is behind a newline, or at an unfinished last line */
		if (pread_all(s->fd, &last, 1, end - 1) == -1)
			return -1;
		end = line_start(s->fd, end - (last == '\n'), line, &len);
		if (end == -1)
			return -1;
		if (!want(arg, line, len))
			continue;
		from = end;
		n--;
	}
	return lseek(s->fd, from, SEEK_SET) == -1 ? -1 : 0;
}

bool
logs_source_rewound(struct logs_source *s)
{
	struct stat st;
	off_t at;

	at = lseek(s->fd, 0, SEEK_CUR);
	if (at == -1 || fstat(s->fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size >= at)
		return false;
	s->len = 0;
	return lseek(s->fd, 0, SEEK_SET) == 0;
}
