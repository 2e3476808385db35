/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send_input - what `send` sends: a text, a file, random data, or a stream as
 * it comes.
 *
 * All but the stream are read by position, so any number of connections send
 * the same input at their own pace and nothing is held twice.
 */
#ifndef MASTER_CLI_SEND_INPUT_H
#define MASTER_CLI_SEND_INPUT_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum send_kind { SEND_TEXT, SEND_FILE, SEND_RANDOM, SEND_STREAM };
enum { SEND_CHUNK = 65536, SEND_RANDOM_BITS = 22 };	/* up to 4 MiB */

struct send_input {
	enum send_kind kind;
	const char *text;		/* TEXT */
	char *owned;			/* TEXT that was read from a stream */
	uint64_t size;			/* TEXT, FILE */
	int fd;				/* FILE, STREAM: borrowed if it is 0 */
	uint64_t base;			/* STREAM: position of buf[0]; FILE:
					 * where it begins for us */
	size_t len;			/* STREAM: bytes in buf */
	bool is_over;			/* STREAM: its end was read */
	char buf[SEND_CHUNK];
};

/* Borrows text. */
void	send_input_text(struct send_input *in, const char *text);
void	send_input_random(struct send_input *in);
/*
 * path "-" is stdin.  A regular file is read by position; anything else is a
 * stream, or read to its end now when many are to send it.  0, or -1 with
 * errno.
 */
int	send_input_file(struct send_input *in, const char *path, bool many);
void	send_input_close(struct send_input *in);

/* The length of a round, and the seed of its random data; UINT64_MAX while the
 * stream is not over. */
uint64_t send_input_begin(const struct send_input *in, uint64_t *seed);

/*
 * The bytes at pos of a round that began with seed and len.  Returns how many
 * *p points to (valid until the next call), 0 at the end, -1 with errno:
 * EAGAIN (the stream has none yet: poll its fd, send_input_read()), EIO (the
 * file became shorter), read(2).
 */
ssize_t	send_input_peek(struct send_input *in, uint64_t seed, uint64_t pos,
	    uint64_t len, const char **p);
/* Reads the stream once, when all that came before is sent.  0, or -1. */
int	send_input_read(struct send_input *in, uint64_t sent);

/* n random bytes from position pos on: the same for the same seed. */
void	send_random_fill(char *buf, size_t n, uint64_t seed, uint64_t pos);

#endif
