/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faulty - an echo that acts on words in what it is sent.
 *
 * Each word is one thing that must cost no other connection anything: a fault
 * signal, no progress, an end unasked, an attack on what it shares with others.
 * A word takes effect each time it is seen, so a successor that calls the
 * service again with the same bytes suffers the same.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/msg.h"
#include "tests/system/faulty/faulty.h"
#include "worker/state.h"

enum {
	FDS = 1024,			/* looked at by TRUNCATE */
	FLOOD_TRIES = 200000
};

/* Not through NULL: a sanitizer would see that before the processor does. */
static void
do_crash(struct conn *c)
{
	volatile char *page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);

	(void)c;
	*page = 1;
}

static void
signal_self(int signo)
{
	syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), signo);
}

static void
do_abort(struct conn *c)
{
	(void)c;
	signal_self(SIGABRT);
}

/* By the signal: a division by zero is undefined, and no fault everywhere. */
static void
do_fpe(struct conn *c)
{
	(void)c;
	signal_self(SIGFPE);
}

static void
do_die(struct conn *c)
{
	(void)c;
	signal_self(SIGKILL);
}

static void
do_exit(struct conn *c)
{
	(void)c;
	_exit(3);
}

static void
do_hang(struct conn *c)
{
	volatile bool forever = true;

	(void)c;
	while (forever)
		;
}

/* As HANG, but without using the processor, and deaf to SIGABRT. */
static void
do_block(struct conn *c)
{
	sigset_t all;
	int p[2];
	char byte;

	(void)c;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (pipe(p) == 0)
		(void)!read(p[0], &byte, 1);
}

static void
do_closeall(struct conn *c)
{
	(void)c;
	syscall(SYS_close_range, 3, ~0U, 0);
}

static void
do_closechannel(struct conn *c)
{
	close(c->w->args->channel_fd);
}

static void
do_flood(struct conn *c)
{
	struct msg m = { .version = MSG_VERSION, .type = MSG_BALANCE };

	for (int i = 0; i < FLOOD_TRIES; i++) {
		m.type = (uint16_t)i;
		(void)!send(c->w->args->channel_fd, &m, sizeof m, MSG_NOSIGNAL);
	}
}

/* A file without a name is memory that somebody else may have mapped. */
static void
truncate_memory(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0)
		(void)!ftruncate(fd, 0);
}

/* Its own descriptors, and those of the anchor as far as it may open them. */
static void
do_truncate(struct conn *c)
{
	char path[64];
	int fd;

	(void)c;
	for (int i = 0; i < FDS; i++) {
		truncate_memory(i);
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getppid(),
		    i);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd != -1)
			truncate_memory(fd);
		fd_close(&fd);
	}
}

static void
do_scribble(struct conn *c)
{
	memset(c->row->svc, 0xa5, sizeof c->row->svc);
	c->row->rx ^= UINT64_C(0x5a5a5a5a5a5a5a5a);
	c->row->in_buf = c->row->out_head = UINT32_MAX;
	c->row->listener = c->row->service = UINT16_MAX;
}

static const struct {
	const char *word;
	void (*act)(struct conn *c);
} words[] = {
	{ "CRASH",		do_crash },
	{ "ABORT",		do_abort },
	{ "FPE",		do_fpe },
	{ "DIE",		do_die },
	{ "EXIT",		do_exit },
	{ "HANG",		do_hang },
	{ "BLOCK",		do_block },
	{ "CLOSEALL",		do_closeall },
	{ "CLOSECHANNEL",	do_closechannel },
	{ "FLOOD",		do_flood },
	{ "TRUNCATE",		do_truncate },
	{ "SCRIBBLE",		do_scribble },
};

static void
faulty_input(struct conn *c)
{
	const char *p;
	size_t n = conn_input(c, &p);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (memmem(p, n, words[i].word, strlen(words[i].word)) != NULL)
			words[i].act(c);
	if (n > 0 && conn_room(c) && conn_write(c, p, n) == 0) {
		conn_eat(c, n);
		conn_request(c);
	}
	if (conn_ended(c) && conn_input(c, &p) == 0)
		conn_finish(c, REASON_CLIENT);
}

static const struct conf_option faulty_options[] = {
	{ .key = NULL }
};

const struct service service_faulty = {
	.section = { .handler = "faulty", .options = faulty_options },
	.configure = service_no_configure,
	.open = service_nothing,
	.input = faulty_input,
	.timer = service_nothing,
	.at_rest = service_always_at_rest,
};
