/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anchor - opens, parses, allocates nothing, so that it does not crash.
 *
 * Everything it learns goes into the book: a child's end, a signal's bit; then
 * it wakes the master, to whom that only says "look again".
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "master/anchor.h"
#include "master/handover.h"

enum {
	TOO_SHORT_MS = 20,		/* a master's life that was too short */
	ANCHOR_TRIES = 3,		/* of masters after an upgrade */
	PAUSE_MS = 50,			/* is followed by this pause */
	LAST_MS = 5000			/* for the last to go */
};

static struct book_page *
page_at(struct book_page *pages, int slot)
{
	return (struct book_page *)((char *)pages + (size_t)slot * BOOK_PAGE);
}

/* Notes what became of a child of ours; false: it is not this one. */
static bool
proc_changed(struct proc *p, pid_t pid, int status)
{
	if (p->pid != pid || !proc_alive(p))
		return false;
	if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
		atomic_fetch_add(&p->stops, 1);
		return true;
	}
	atomic_store(&p->status, status);
	atomic_store(&p->deaths, atomic_load(&p->births));
	return true;
}

/* Strangers (we are a subreaper, or PID 1) are reaped and forgotten. */
static void
reap(struct book *b, struct book_page *pages)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status,
	    WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (proc_changed(&b->master, pid, status))
			continue;
		for (int i = 0; i < BOOK_SLOTS; i++)
			if (proc_changed(&b->slots[i].keeper, pid, status) ||
			    proc_changed(&page_at(pages, i)->worker, pid,
			    status))
				break;
	}
}

/* Waits for a signal and notes it; a pause ends by itself. */
static void
wait_signal(struct book *b, const sigset_t *set, bool pause)
{
	const struct timespec limit = { .tv_nsec = PAUSE_MS * 1000000L };
	int sig = pause ? sigtimedwait(set, NULL, &limit) :
	    sigwaitinfo(set, NULL);

	if (sig > 0 && sig < 64 && sig != SIGCHLD)
		atomic_fetch_add(&b->signals[sig], 1);
}

static void
master_live(struct book *b, void (*master)(struct book *))
{
	if (proc_clone(&b->master, CLONE_FILES) == 0) {
		log_role(LOG_R_MASTER, -1);
		setproctitle("-belay: master");
		master(b);
	}
}

/* The exit code of a server whose master never got it to serve. */
static int
failed_code(const struct book *b)
{
	int status = b->master.status;

	return WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
	    WEXITSTATUS(status) : 1;
}

static bool
slots_live(const struct book *b, struct book_page *pages)
{
	for (int i = 0; i < BOOK_SLOTS; i++)
		if (proc_alive(&b->slots[i].keeper) ||
		    proc_alive(&page_at(pages, i)->worker))
			return true;
	return false;
}

/*
 * The end: who belongs to a slot goes before us, so that nothing is left when
 * we are gone.  Keepers have seen the end of their channels; after a start that
 * failed they, and workers, have not.
 */
static void
reap_last(struct book *b, struct book_page *pages, const sigset_t *set)
{
	int64_t until = clock_mono_ms() + LAST_MS;

	for (int i = 0; i < BOOK_SLOTS && !b->gone; i++) {
		proc_kill(&b->slots[i].keeper, SIGKILL, getpid());
		proc_kill(&page_at(pages, i)->worker, SIGKILL, getpid());
	}
	close_range(STDERR_FILENO + 1, ~0u, 0);
	/* Their pages are theirs to write: they are not waited for for ever. */
	while (slots_live(b, pages) && clock_mono_ms() < until) {
		wait_signal(b, set, true);
		reap(b, pages);
	}
}

int
anchor_run(struct book *b, void (*master)(struct book *))
{
	struct book_page *pages = book_map_pages(b);
	bool pause = false;
	int failed = 0;
	sigset_t all;

	if (pages == NULL)
		return 1;
	/* For this process alone: masters map them anew, slots never. */
	madvise(pages, BOOK_SLOTS * BOOK_PAGE, MADV_DONTFORK);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setproctitle("-belay: anchor");
	for (;;) {
		if (!proc_alive(&b->master) && !pause)
			master_live(b, master);
		/* No master and no child: nothing would wake us. */
		pause = pause || !proc_alive(&b->master);
		wait_signal(b, &all, pause);
		reap(b, pages);
		eventfd_write(b->fd[FD_WAKE], 1);
		pause = false;
		if (proc_alive(&b->master))
			continue;
		if (atomic_exchange(&b->reexec, 0)) {
			handover_exec_anchor(b);
			b->exec_errno = errno;		/* goes on as it is */
		}
		if (b->reload.step == RELOAD_ANCHOR &&
		    ++failed > ANCHOR_TRIES)
			handover_exec_back(b);
		if (b->gone || !b->ready) {
			reap_last(b, pages, &all);
			return b->gone ? (int)b->exit_code : failed_code(b);
		}
		pause = clock_mono_ms() - b->master.born_ms < TOO_SHORT_MS;
	}
}
