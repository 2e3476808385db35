/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - lets workers live, and exchanges the log's descriptor for them.
 *
 * Its descriptor table is the worker's: what a dead worker had open is still
 * open, and its successor finds it under the same numbers.  A worker is the
 * anchor's child, not ours, so that one process reaps.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "common/fd.h"
#include "common/fd_sweep.h"
#include "common/msg.h"
#include "master/keeper.h"
#include "master/listeners.h"
#include "worker/worker.h"

enum { KEEP_MAX = BOOK_LISTENERS + 8 };

struct keeper {
	struct book_page *page;
	struct worker_args worker;
	struct worker_listener listeners[BOOK_LISTENERS];
	int keep[KEEP_MAX];
	int channel_fd;
	int64_t drain_timeout_ms;
};

static _Noreturn void
keeper_fail(const char *what)
{
	struct log_rec r;

	log_begin(&r, LOG_L_ERROR, LOG_WORKER_EXIT, "keeper: %s", what);
	log_errno(&r, errno);
	log_end(&r);
	_exit(WORKER_EXIT_START);
}

static void
keep_fd(struct keeper *k, int fd)
{
	if (fd != -1)
		k->keep[k->worker.nkeep++] = fd;
}

/* In the background nothing of the caller's terminal or pipe stays open. */
static void
keeper_detach(const struct book *b)
{
	int fd;

	if (b->start.foreground || log_fd() == STDERR_FILENO)
		return;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd == -1 || dup2(fd, STDERR_FILENO) == -1)
		keeper_fail("cannot let go of stderr");
	fd_close(&fd);
}

/* Everything that is needed of the book, before it is unmapped. */
static void
keeper_open(struct keeper *k, const struct keeper_args *a)
{
	struct listener_use use[BOOK_LISTENERS];
	const struct book *b = a->book;
	int format = b->start.log_format;

	log_open(log_fd(), (enum log_kind)b->log_kind, (enum log_format)
	    (format >= 0 ? format : a->conf->log.format),
	    (enum log_level)a->conf->log.level);
	k->channel_fd = a->keeper_fd;
	k->drain_timeout_ms = a->conf->drain_timeout_ms;
	k->worker = (struct worker_args){ .conf = a->conf, .slot = a->slot,
	    .commons = a->commons, .number = a->number,
	    .channel_fd = a->worker_fd, .listeners = k->listeners,
	    .keep_fds = k->keep };
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		keep_fd(k, fd);
	keep_fd(k, log_fd());
	keep_fd(k, a->keeper_fd);
	keep_fd(k, a->worker_fd);
	k->worker.nlisteners = listeners_of(b, a->conf, use);
	for (unsigned i = 0; i < k->worker.nlisteners; i++) {
		k->listeners[i] = (struct worker_listener){ .fd = use[i].fd,
		    .service = use[i].service };
		keep_fd(k, use[i].fd);
	}
	k->page = mmap(NULL, BOOK_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    b->fd[FD_PAGES], (off_t)(a->number - 1) * BOOK_PAGE);
	if (k->page == MAP_FAILED)
		keeper_fail("cannot map its page");
	keeper_detach(b);
	munmap((void *)(uintptr_t)b, sizeof *b);
}

static void
drop_privileges(const struct keeper_args *a)
{
	const struct rlimit core = { a->conf->core_dumps ? RLIM_INFINITY : 0,
	    a->conf->core_dumps ? RLIM_INFINITY : 0 };

	setrlimit(RLIMIT_CORE, &core);
	if (a->conf->nice != 0 &&
	    setpriority(PRIO_PROCESS, 0, (int)a->conf->nice) == -1)
		keeper_fail("cannot set nice");
	if (a->drop && (setgroups(1, &a->gid) == -1 ||
	    setresgid(a->gid, a->gid, a->gid) == -1 ||
	    setresuid(a->uid, a->uid, a->uid) == -1))
		keeper_fail("cannot become user and group of the config");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		keeper_fail("cannot set no_new_privs");
	if (a->conf->core_dumps)	/* changing uids has cleared it */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/*
 * Lets birth `number` be: asked twice, it happens once, and never beside a
 * living worker.
 */
static void
let_live(struct keeper *k, uint64_t number)
{
	struct proc *p = &k->page->worker;
	pid_t pid;

	if (proc_alive(p) || (uint64_t)p->births + 1 != number)
		return;
	k->worker.birth = (uint32_t)number;
	pid = proc_clone(p, CLONE_FILES | CLONE_PARENT);
	if (pid == 0) {
		munmap(k->page, BOOK_PAGE);
		log_role(LOG_R_WORKER, (int)k->worker.number);
		setproctitle("-belay: worker %u", k->worker.number);
		worker_main(&k->worker);
	}
	if (pid == -1) {
		atomic_store(&k->page->failed_errno, errno);
		atomic_store(&k->page->failed, (uint32_t)number);
	}
}

/*
 * The worker's recovery closes descriptors that nobody owns, and one just
 * received is such: it waits until no worker is recovering.
 */
static void
exchange_log(struct keeper *k)
{
	struct msg m;
	size_t nfds;
	int fd = -1;

	while (proc_alive(&k->page->worker) &&
	    atomic_load(&k->worker.slot.head->state) == SLOT_STARTING)
		poll(NULL, 0, 1);
	if (fd_recv(k->channel_fd, &m, sizeof m, &fd, 1, &nfds) == -1 ||
	    nfds != 1)
		return;
	/* Same number: worker and keeper write to the new file from now on. */
	dup3(fd, log_fd(), O_CLOEXEC);
	fd_close(&fd);
}

/* Master and anchor are gone: the worker drains by itself, but not for ever. */
static _Noreturn void
keeper_orphaned(struct keeper *k)
{
	struct proc *p = &k->page->worker;
	struct pollfd end = { .events = POLLIN };
	int64_t limit = k->drain_timeout_ms;

	/* Nobody reaps it into our page any more: its pidfd tells. */
	end.fd = proc_alive(p) ? (int)syscall(SYS_pidfd_open, p->pid, 0) : -1;
	if (limit <= 0 || limit > INT_MAX)
		limit = -1;
	if (end.fd != -1 && poll(&end, 1, (int)limit) == 0)
		syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0);
	_exit(0);
}

static void
keeper_turn(struct keeper *k)
{
	struct msg m;
	ssize_t n = recv(k->channel_fd, &m, sizeof m, MSG_PEEK);

	if (n == 0 || (n == -1 && errno != EINTR))
		keeper_orphaned(k);
	if (n == sizeof m && m.version == MSG_VERSION && m.type == MSG_LOG_FD) {
		exchange_log(k);
		return;
	}
	if (recv(k->channel_fd, &m, sizeof m, MSG_DONTWAIT) == sizeof m &&
	    m.version == MSG_VERSION && m.type == MSG_LIVE)
		let_live(k, m.number);
}

_Noreturn void
keeper_main(const struct keeper_args *args)
{
	static struct keeper k;

	log_role(LOG_R_KEEPER, (int)args->number);
	setproctitle("-belay: keeper %u", args->number);
	keeper_open(&k, args);
	/* The master's table was copied: only what the slot needs stays. */
	if (fd_sweep(k.keep, k.worker.nkeep) == -1)
		keeper_fail("cannot close the master's descriptors");
	drop_privileges(args);
	for (;;)
		keeper_turn(&k);
}
