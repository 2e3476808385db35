/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * book - making the regions, and children whose lives are written in them.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/commons.h"
#include "common/fd.h"
#include "master/book.h"
#include "master/procinfo.h"

/* A sealed memfd of that size, mapped; NULL with errno. */
static void *
region_create(const char *name, size_t size, int *fd)
{
	void *at = MAP_FAILED;

	*fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd != -1 && ftruncate(*fd, (off_t)size) != -1 &&
	    fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != -1)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd,
		    0);
	if (at != MAP_FAILED)
		return at;
	fd_close(fd);
	return NULL;
}

struct book *
book_create(void)
{
	int fd, pages, commons, wake;
	struct book *b = region_create("belay-book", sizeof *b, &fd);
	void *p = region_create("belay-pages", BOOK_SLOTS * BOOK_PAGE, &pages);
	void *c = region_create("belay-commons", sizeof(struct commons),
	    &commons);

	wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b == NULL || p == NULL || c == NULL || wake == -1)
		return NULL;
	munmap(p, BOOK_SLOTS * BOOK_PAGE);	/* each process maps its own */
	munmap(c, sizeof(struct commons));
	for (int i = 0; i < FD_NAMED; i++)
		b->fd[i] = -1;
	b->fd[FD_BOOK] = fd;
	b->fd[FD_PAGES] = pages;
	b->fd[FD_COMMONS] = commons;
	b->fd[FD_WAKE] = wake;
	for (int i = 0; i < BOOK_SLOTS; i++)
		b->slots[i].mem_fd = b->slots[i].keeper_fd =
		    b->slots[i].worker_fd = -1;
	b->version = BOOK_VERSION;
	b->magic = BOOK_MAGIC;
	return b;
}

struct book_page *
book_map_pages(const struct book *b)
{
	void *at = mmap(NULL, BOOK_SLOTS * BOOK_PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, b->fd[FD_PAGES], 0);

	return at == MAP_FAILED ? NULL : at;
}

bool
proc_alive(const struct proc *p)
{
	return p->pid > 0 && atomic_load(&p->births) !=
	    atomic_load(&p->deaths);
}

pid_t
proc_clone(struct proc *p, unsigned long flags)
{
	pid_t pid;
	int saved;

	p->pid = 0;
	p->born_ms = clock_mono_ms();
	atomic_fetch_add(&p->births, 1);
	/* With CLONE_PARENT the kernel takes the caller's own exit signal. */
	pid = (pid_t)syscall(SYS_clone, flags | CLONE_PARENT_SETTID |
	    (flags & CLONE_PARENT ? 0 : SIGCHLD), 0, &p->pid, 0, 0);
	if (pid == -1) {
		saved = errno;
		atomic_fetch_sub(&p->births, 1);
		errno = saved;
	}
	return pid;
}

int
proc_kill(const struct proc *p, int sig, pid_t parent)
{
	struct procinfo info;
	pid_t pid = p->pid;
	int fd = -1, rc = -1;

	if (proc_alive(p))
		fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd != -1 && procinfo_get(pid, &info) == 0 && info.ppid != parent) {
		fd_close(&fd);
		errno = EPERM;
	}
	/* The pidfd names whoever has the pid; if p still lives, that is p. */
	if (fd != -1 && proc_alive(p))
		rc = (int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
	fd_close(&fd);
	return rc;
}
