/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * master - the loop: a pure function of book, config and clock, once a turn.
 *
 * Events record facts; then everything is reconciled.  The loop sleeps until
 * something happens or the nearest deadline, and never wakes up for nothing.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "master/control.h"
#include "master/keys.h"
#include "master/liveness.h"
#include "master/notify.h"
#include "master/moves.h"
#include "master/quarantine.h"
#include "master/reconcile.h"
#include "master/reload.h"
#include "master/slots.h"
#include "master/startup.h"
#include "master/transition.h"

enum { POLL_MAX = 3 + CONTROL_CLIENTS + 1 + BOOK_SLOTS };

struct pollset {
	struct pollfd p[POLL_MAX];
	unsigned slot_of[POLL_MAX];
	size_t n, control, ncontrol, slots;
};

/* Known once, before any master runs: which services and engines there are. */
static struct {
	const struct conf_section *sections;
	const char *(*engine_name)(const char *);
} services;

void
master_use_services(const struct conf_section *sections,
    const char *(*engine_name)(const char *))
{
	services.sections = sections;
	services.engine_name = engine_name;
}

const struct conf_section *
master_sections(void)
{
	return services.sections;
}

static const struct sigrow {
	int signo;
	enum mevent event;
	int workers;			/* ME_SCALE: more or fewer */
} sigrows[] = {
	{ SIGTERM,	ME_STOP,	0 },
	{ SIGQUIT,	ME_STOP,	0 },
	{ SIGINT,	ME_STOP_NOW,	0 },
	{ SIGHUP,	ME_RELOAD,	0 },
	{ SIGUSR1,	ME_REOPEN,	0 },
	{ SIGUSR2,	ME_UPGRADE,	0 },
	{ SIGTTIN,	ME_SCALE,	1 },
	{ SIGTTOU,	ME_SCALE,	-1 },
};

/* Each once: the ticket stands in the book together with what it led to. */
static void
take_signals(struct master *m)
{
	struct book *b = m->book;

	for (size_t i = 0; i < sizeof sigrows / sizeof sigrows[0]; i++) {
		const struct sigrow *s = &sigrows[i];

		while (b->signals_done[s->signo] !=
		    atomic_load(&b->signals[s->signo])) {
			uint32_t n = b->signals_done[s->signo] + 1;

			m->ticket = (uint64_t)n << 32 |
			    (uint64_t)s->signo << 8;
			m->scale_to = (int)b->workers + s->workers;
			transition(m, s->event);
			m->ticket = 0;
			b->signals_done[s->signo] = n;
		}
	}
}

/* What the last master had stored, but not yet ticked off. */
static void
take_turn(struct master *m)
{
	uint64_t turn = atomic_load(&m->book->turn);
	unsigned signo = turn >> 8 & 63;
	uint32_t n = (uint32_t)(turn >> 32);

	m->book->state = (uint32_t)(turn & 0xff);
	if (signo != 0 && (int32_t)(n - m->book->signals_done[signo]) > 0)
		m->book->signals_done[signo] = n;
}

static void
read_clock(struct master *m)
{
	struct timespec boot;
	int64_t asleep;

	m->now_ms = clock_mono_ms();
	clock_gettime(CLOCK_BOOTTIME, &boot);
	asleep = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000 -
	    m->now_ms;
	m->interrupted = asleep > m->suspended_ms + 100;
	m->suspended_ms = asleep;
}

static void
pollset_fill(struct master *m, struct pollset *s)
{
	s->n = 0;
	s->p[s->n++] = (struct pollfd){ .fd = m->book->fd[FD_WAKE],
	    .events = POLLIN };
	s->p[s->n++] = (struct pollfd){ .fd = m->anchor_fd, .events = POLLIN };
	s->p[s->n++] = (struct pollfd){ .fd = m->keys ? STDIN_FILENO : -1,
	    .events = POLLIN };
	s->control = s->n;
	s->ncontrol = control_poll(m, &s->p[s->n]);
	s->n += s->ncontrol;
	s->slots = s->n;
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role == SLOT_UNUSED ||
		    m->book->slots[i].worker_fd == -1)
			continue;
		s->slot_of[s->n] = i;
		s->p[s->n++] = (struct pollfd){ .events = POLLIN,
		    .fd = m->book->slots[i].worker_fd };
	}
}

/* The slot's ends of a channel are gone: closed by its own worker, or with
 * keeper and worker both. */
static void
slot_hung_up(struct master *m, unsigned i)
{
	if (proc_alive(&slots_page(m, i)->worker))
		log_line(LOG_L_WARN, LOG_WORKER_EXIT,
		    "slot %u has closed its channel: it is replaced", i + 1);
	proc_kill(&m->book->slots[i].keeper, SIGKILL,
	    getppid());
	proc_kill(&slots_page(m, i)->worker, SIGKILL,
	    getppid());
	slots_hang_up(m, i);
}

/* A worker that talks without end is out of its mind. */
static void
slot_talks(struct master *m, unsigned i)
{
	enum slots_said said = slots_read(m, i);

	if (said == SLOTS_END)
		slot_hung_up(m, i);
	if (said != SLOTS_TOO_MUCH)
		return;
	if (proc_alive(&slots_page(m, i)->worker)) {
		m->book->slots[i].blamed = slots_page(m, i)->worker.births;
		liveness_kill(m, i, "floods its channel to the master",
		    SIGKILL);
	}
	slots_drop_news(m, i);
}

static void
serve(struct master *m, struct pollset *s)
{
	eventfd_t n;

	if (s->p[0].revents)
		eventfd_read(m->book->fd[FD_WAKE], &n);
	if (s->p[1].revents) {
		/* The table goes with us: keepers and workers see the end. */
		log_line(LOG_L_ERROR, LOG_MASTER_STOP,
		    "the anchor is gone, everybody drains");
		_exit(1);
	}
	if (s->p[2].revents)
		keys_read(m);
	control_serve(m, &s->p[s->control], s->ncontrol);
	for (size_t i = s->slots; i < s->n; i++) {
		if (s->p[i].revents & POLLIN)
			slot_talks(m, s->slot_of[i]);
		else if (s->p[i].revents)
			slot_hung_up(m, s->slot_of[i]);
	}
}

static int64_t
earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
wait_for_news(struct master *m, struct pollset *s, int64_t next)
{
	int64_t wait = next == INT64_MAX ? -1 : next - m->now_ms;

	pollset_fill(m, s);
	if (wait > INT32_MAX)
		wait = INT32_MAX;
	if (next != INT64_MAX && wait < 0)
		wait = 0;
	if (poll(s->p, s->n, (int)wait) == -1 && errno != EINTR)
		log_line(LOG_L_ERROR, LOG_MASTER_STATE, "poll: %s",
		    strerror(errno));
}

static void
master_open(struct master *m, struct book *b)
{
	m->book = b;
	m->pages = book_map_pages(b);
	m->commons = mmap(NULL, sizeof *m->commons, PROT_READ | PROT_WRITE,
	    MAP_SHARED, b->fd[FD_COMMONS], 0);
	m->sections = services.sections;
	m->rehearsal_fd = -1;
	m->suspended_ms = INT64_MAX - 100;
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		m->clients[i].fd = -1;
	if (m->pages == NULL || m->commons == MAP_FAILED) {
		perror("belay: mmap");
		_exit(1);
	}
	m->anchor_fd = (int)syscall(SYS_pidfd_open, getppid(), 0);
	read_clock(m);
	if (b->generation == 0)
		startup_first(m);
	else {
		take_turn(m);
		startup_again(m);
	}
	m->engine_name = services.engine_name(m->conf->engine);
}

void
master_main(struct book *b)
{
	static struct master m;
	static struct pollset set;
	int64_t next;

	master_open(&m, b);
	for (;;) {
		read_clock(&m);
		take_signals(&m);
		next = reconcile(&m);
		next = earliest(next, reload_review(&m));
		next = earliest(next, moves_review(&m));
		next = earliest(next, quarantine_review(&m));
		next = earliest(next, transition_review(&m));
		next = earliest(next, control_review(&m));
		next = earliest(next, notify_watchdog(&m));
		wait_for_news(&m, &set, next);
		read_clock(&m);
		serve(&m, &set);
	}
}
