/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handover - one environment variable, and descriptors that survive exec.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/anchor.h"
#include "master/conf_keep.h"
#include "master/handover.h"
#include "master/keeper.h"
#include "master/master.h"

#define VARIABLE "BELAY_HANDOVER"

static const char answer[] = "belay takes part\n";

struct part {				/* what the variable says */
	char role;			/* A anchor, K keeper, R rehearsal */
	unsigned version;
	size_t size;
	int book_fd;
	unsigned slot;
	int keeper_end, worker_end;
};

static void
part_set(char role, const struct book *b, unsigned slot, int keeper_end,
    int worker_end)
{
	char text[128];

	snprintf(text, sizeof text, "%c %u %zu %d %u %d %d", role,
	    (unsigned)BOOK_VERSION, sizeof *b, b->fd[FD_BOOK], slot,
	    keeper_end, worker_end);
	setenv(VARIABLE, text, 1);
}

static void
survive(int fd)
{
	if (fd != -1)
		fcntl(fd, F_SETFD, 0);
}

static void
survive_all(const struct book *b)
{
	for (int i = 0; i < FD_NAMED; i++)
		survive(b->fd[i]);
	for (uint32_t i = 0; i < b->nlisteners; i++)
		survive(b->listeners[i].fd);
}

static void
run(const char *binary)
{
	char name[] = "belay";
	char *argv[] = { name, NULL };

	execv(binary, argv);
}

_Noreturn void
handover_exec_keeper(const struct book *b, unsigned i, int keeper_end,
    int worker_end, const char *binary)
{
	part_set('K', b, i, keeper_end, worker_end);
	survive_all(b);
	survive(b->slots[i].mem_fd);
	survive(keeper_end);
	survive(worker_end);
	run(binary);
	_exit(127);
}

static void
survive_slots(const struct book *b)
{
	survive_all(b);
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (b->slots[i].role == SLOT_UNUSED)
			continue;
		survive(b->slots[i].mem_fd);
		survive(b->slots[i].keeper_fd);
		survive(b->slots[i].worker_fd);
	}
}

void
handover_exec_anchor(struct book *b)
{
	part_set('A', b, 0, -1, -1);
	survive_slots(b);
	run(b->reload.binary);
	unsetenv(VARIABLE);
}

void
handover_exec_back(struct book *b)
{
	char name[] = "belay";
	char *argv[] = { name, NULL };

	part_set('A', b, 0, -1, -1);
	survive_slots(b);
	fexecve(b->fd[FD_EXE], argv, environ);
	unsetenv(VARIABLE);
}

int
handover_rehearse(const struct book *b, const char *binary, pid_t *pid)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		return -1;
	*pid = fork();
	if (*pid == 0) {
		if (dup2(p[1], STDOUT_FILENO) == -1)
			_exit(127);
		part_set('R', b, 0, -1, -1);
		survive(b->fd[FD_BOOK]);
		survive(b->fd[FD_CONF]);
		run(binary);
		_exit(127);
	}
	fd_close(&p[1]);
	if (*pid == -1)
		fd_close(&p[0]);
	return p[0];
}

bool
handover_is_answer(const char *text, size_t len)
{
	return len == sizeof answer - 1 && memcmp(text, answer, len) == 0;
}

static bool
part_parse(const char *text, struct part *p)
{
	return sscanf(text, "%c %u %zu %d %u %d %d", &p->role, &p->version,
	    &p->size, &p->book_fd, &p->slot, &p->keeper_end,
	    &p->worker_end) == 7;
}

/* NULL: not a book that this executable understands. */
static struct book *
book_map(const struct part *p, int prot)
{
	struct book *b;

	if (p->version != BOOK_VERSION || p->size != sizeof *b)
		return NULL;
	b = mmap(NULL, sizeof *b, prot, MAP_SHARED, p->book_fd, 0);
	if (b == MAP_FAILED)
		return NULL;
	return b->magic == BOOK_MAGIC && b->version == BOOK_VERSION ? b : NULL;
}

static int
rehearse(const struct part *p)
{
	struct conf_errors e = { .text = NULL };
	struct book *b = book_map(p, PROT_READ);

	if (b == NULL || conf_kept(b->fd[FD_CONF], master_sections(), &e) ==
	    NULL)
		return 1;
	return write(STDOUT_FILENO, answer, sizeof answer - 1) ==
	    sizeof answer - 1 ? 0 : 1;
}

static int
be_keeper(const struct part *p)
{
	struct book *b = book_map(p, PROT_READ);
	struct conf_errors e = { .text = NULL };
	static struct keeper_args a;
	struct book_slot *bs;

	if (b == NULL || p->slot >= BOOK_SLOTS)
		return 1;
	bs = &b->slots[p->slot];
	log_open(b->fd[FD_LOG], (enum log_kind)b->log_kind, LOG_F_JSON,
	    LOG_L_INFO);
	a = (struct keeper_args){ .book = b, .number = p->slot + 1,
	    .keeper_fd = p->keeper_end, .worker_fd = p->worker_end,
	    .uid = b->uid, .gid = b->gid, .drop = b->drop };
	a.conf = conf_kept(b->fd[bs->generation == b->generation ? FD_CONF :
	    FD_CONF_NEW], master_sections(), &e);
	a.commons = mmap(NULL, sizeof *a.commons, PROT_READ | PROT_WRITE,
	    MAP_SHARED, b->fd[FD_COMMONS], 0);
	if (a.conf == NULL || a.commons == MAP_FAILED ||
	    slot_map(&a.slot, bs->mem_fd, bs->nservices, bs->nrows) == -1)
		return 1;
	keeper_main(&a);
}

static int
be_anchor(const struct part *p)
{
	struct book *b = book_map(p, PROT_READ | PROT_WRITE);

	if (b == NULL)
		return 1;		/* the rehearsal said otherwise */
	log_open(b->fd[FD_LOG], (enum log_kind)b->log_kind, LOG_F_JSON,
	    LOG_L_INFO);
	log_role(LOG_R_ANCHOR, -1);
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	return anchor_run(b, master_main);
}

bool
handover_take_part(int *code)
{
	const char *text = getenv(VARIABLE);
	struct part p;

	if (text == NULL)
		return false;
	*code = 1;
	if (part_parse(text, &p)) {
		unsetenv(VARIABLE);
		if (p.role == 'A')
			*code = be_anchor(&p);
		else if (p.role == 'K')
			*code = be_keeper(&p);
		else
			*code = rehearse(&p);
	}
	return true;
}
