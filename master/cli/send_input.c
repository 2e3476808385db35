/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send_input - what `send` sends.
 *
 * Random data is a function of seed and position, so that what comes back is
 * checked without keeping what was sent.
 */
#include <sys/stat.h>
#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/cli/send_input.h"

void
send_input_text(struct send_input *in, const char *text)
{
	in->kind = SEND_TEXT;
	in->fd = -1;
	in->text = text;
	in->size = strlen(text);
}

void
send_input_random(struct send_input *in)
{
	in->kind = SEND_RANDOM;
	in->fd = -1;
}

/* Reads the stream to its end. */
static int
slurp(struct send_input *in)
{
	size_t cap = 0;
	char *more;
	ssize_t n = 1;

	in->kind = SEND_TEXT;
	in->size = 0;
	while (n != 0) {
		if (in->size == cap) {
			cap = cap == 0 ? SEND_CHUNK : cap * 2;
			more = realloc(in->owned, cap);
			if (more == NULL)
				return -1;
			in->owned = more;
		}
		n = read(in->fd, in->owned + in->size, cap - in->size);
		if (n == -1 && errno != EINTR)
			return -1;
		in->size += n > 0 ? (uint64_t)n : 0;
	}
	in->text = in->owned;
	return 0;
}

int
send_input_file(struct send_input *in, const char *path, bool many)
{
	struct stat st;
	off_t at;

	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO :
	    open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd == -1 || fstat(in->fd, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	in->kind = SEND_STREAM;
	at = S_ISREG(st.st_mode) ? lseek(in->fd, 0, SEEK_CUR) : -1;
	if (at != -1) {
		in->kind = SEND_FILE;
		in->base = (uint64_t)at;
		in->size = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
		return 0;
	}
	return many ? slurp(in) : 0;
}

void
send_input_close(struct send_input *in)
{
	if (in->fd != STDIN_FILENO)
		fd_close(&in->fd);
	free(in->owned);
	in->owned = NULL;
}

uint64_t
send_input_begin(const struct send_input *in, uint64_t *seed)
{
	uint32_t bits;

	switch (in->kind) {
	case SEND_RANDOM:
		/* Small and large sizes alike, so that edges are met. */
		bits = arc4random_uniform(SEND_RANDOM_BITS + 1);
		arc4random_buf(seed, sizeof(*seed));
		return 1 + arc4random_uniform(1U << bits);
	case SEND_STREAM:
		return UINT64_MAX;
	default:
		return in->size;
	}
}

static ssize_t
peek_file(struct send_input *in, uint64_t pos, uint64_t len, const char **p)
{
	size_t want = len - pos < SEND_CHUNK ? (size_t)(len - pos) : SEND_CHUNK;
	ssize_t n;

	do {
		n = pread(in->fd, in->buf, want, (off_t)(in->base + pos));
	} while (n == -1 && errno == EINTR);
	if (n == 0) {
		errno = EIO;
		return -1;
	}
	*p = in->buf;
	return n;
}

static ssize_t
peek_stream(struct send_input *in, uint64_t pos, const char **p)
{
	uint64_t end = in->base + in->len;

	*p = in->buf + (pos - in->base);
	if (pos < end)
		return (ssize_t)(end - pos);
	if (in->is_over)
		return 0;
	errno = EAGAIN;
	return -1;
}

ssize_t
send_input_peek(struct send_input *in, uint64_t seed, uint64_t pos,
    uint64_t len, const char **p)
{
	uint64_t left = len - pos;

	if (in->kind == SEND_STREAM)
		return peek_stream(in, pos, p);
	if (left == 0)
		return 0;
	if (in->kind == SEND_FILE)
		return peek_file(in, pos, len, p);
	if (left > SEND_CHUNK)
		left = SEND_CHUNK;
	if (in->kind == SEND_RANDOM) {
		send_random_fill(in->buf, (size_t)left, seed, pos);
		*p = in->buf;
	} else {
		*p = in->text + pos;
	}
	return (ssize_t)left;
}

int
send_input_read(struct send_input *in, uint64_t sent)
{
	ssize_t n = read(in->fd, in->buf, sizeof(in->buf));

	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	in->base = sent;
	in->len = (size_t)n;
	in->is_over = n == 0;
	return 0;
}

/* splitmix64: one step of a counter, well mixed. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

void
send_random_fill(char *buf, size_t n, uint64_t seed, uint64_t pos)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < n; i++, pos++) {
		if (i == 0 || pos % 8 == 0)
			word = mix(seed ^ mix(pos / 8));
		buf[i] = (char)(word >> pos % 8 * 8);
	}
}
