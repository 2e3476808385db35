/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup - named phases, in order; exit codes of INTERFACE section 2.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/fd_sweep.h"
#include "master/conf_child.h"
#include "master/conf_keep.h"
#include "master/activation.h"
#include "master/generations.h"
#include "master/control.h"
#include "master/keys.h"
#include "master/listeners.h"
#include "master/notify.h"
#include "master/reload.h"
#include "master/retire.h"
#include "master/pidfile.h"
#include "master/reopen.h"
#include "master/slots.h"
#include "master/startup.h"

enum { EXIT_FAILED = 1, EXIT_OTHER_RUNS = 4 };

/* Tells `belay start`, if it waits, how it went. */
static void
tell_starter(struct master *m, unsigned char code)
{
	if (m->book->fd[FD_READY] == -1)
		return;
	(void)!write(m->book->fd[FD_READY], &code, 1);
	fd_close(&m->book->fd[FD_READY]);
}

static _Noreturn void
leave_with(struct master *m, int code)
{
	tell_starter(m, (unsigned char)code);
	_exit(code);
}

static void
conf_use(struct master *m)
{
	struct conf_errors e = { .text = NULL };

	m->conf = conf_kept(m->book->fd[FD_CONF], m->sections, &e);
	if (m->conf != NULL)
		return;
	fprintf(stderr, "belay: the normalised configuration does not parse: "
	    "%s", e.text != NULL ? e.text : "\n");
	leave_with(m, EXIT_FAILED);
}

static void
phase_conf(struct master *m)
{
	const char *path = m->book->start.conf_path;
	struct conf_result r;

	if (conf_child_read(path[0] != '\0' ? path : NULL, m->sections,
	    &r) == -1)
		startup_fail(m, strerror(errno));
	if (!r.ok) {
		fputs(r.text != NULL ? r.text : "out of memory\n", stderr);
		leave_with(m, EXIT_FAILED);
	}
	m->book->uid = r.uid;
	m->book->gid = r.gid;
	m->book->drop = r.drop;
	m->book->fd[FD_CONF] = conf_keep(r.text, r.len);
	if (m->book->fd[FD_CONF] == -1)
		startup_fail(m, strerror(errno));
	conf_use(m);
	free(r.text);
	if (m->conf->nservices > BOOK_SERVICES)
		startup_fail(m, "more than 128 services");
	if (conf_workers(m->conf) > BOOK_SLOTS / 2)
		startup_fail(m, "more than 128 workers");
}

static void
phase_pidfile(struct master *m)
{
	pid_t other;
	int fd = pidfile_open(m->conf->pid_file, &other);

	m->book->fd[FD_PID] = fd;
	if (fd != -1)
		return;
	if (errno != EWOULDBLOCK) {
		fprintf(stderr, "belay: pid file %s: %s\n", m->conf->pid_file,
		    strerror(errno));
		leave_with(m, EXIT_FAILED);
	}
	if (other > 0)
		fprintf(stderr, "belay: another one runs, pid %d (pid file "
		    "%s)\n", (int)other, m->conf->pid_file);
	else
		fprintf(stderr, "belay: another one is starting (pid file "
		    "%s)\n", m->conf->pid_file);
	leave_with(m, EXIT_OTHER_RUNS);
}

static void
phase_log(struct master *m)
{
	char text[512];
	const char *why;

	if (reopen_first(m, &why) == 0)
		return;
	snprintf(text, sizeof text, "log target %s: %s: %s",
	    m->conf->log.target, why, strerror(errno));
	startup_fail(m, text);
}

void
startup_first(struct master *m)
{
	char why[512];

	phase_conf(m);
	phase_pidfile(m);
	phase_log(m);
	if (listeners_open(m, m->conf, why, sizeof why) == -1 ||
	    control_open(m, why, sizeof why) == -1)
		startup_fail(m, why);
	activation_end(m);
	keys_open(m);
	m->book->generation = 1;
	m->book->workers = conf_workers(m->conf);
	generations_note(m, 1, m->conf);
	m->book->started_us = clock_real_us();
	if (slots_map(m) == -1)
		startup_fail(m, strerror(errno));
}

/* Whatever a dead master had open beyond what it wrote down. */
static void
sweep(const struct master *m)
{
	const struct book *b = m->book;
	int keep[FD_SWEEP_MAX] = { 0, 1, 2, m->anchor_fd };
	size_t n = 4;

	for (int i = 0; i < FD_NAMED; i++)
		keep[n++] = b->fd[i];
	for (uint32_t i = 0; i < b->nlisteners; i++)
		keep[n++] = b->listeners[i].fd;
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (b->slots[i].role == SLOT_UNUSED)
			continue;
		keep[n++] = b->slots[i].mem_fd;
		keep[n++] = b->slots[i].keeper_fd;
		keep[n++] = b->slots[i].worker_fd;
	}
	if (fd_sweep(keep, n) == -1)
		log_line(LOG_L_WARN, LOG_MASTER_RESTART,
		    "descriptors of the last master stay open: %s",
		    strerror(errno));
}

void
startup_again(struct master *m)
{
	struct conf_errors e = { .text = NULL };
	struct log_rec r;

	conf_use(m);
	if (m->book->fd[FD_CONF_NEW] != -1)
		m->conf_new = conf_kept(m->book->fd[FD_CONF_NEW], m->sections,
		    &e);
	conf_errors_free(&e);
	reopen_adopt(m);
	sweep(m);
	tell_starter(m, 0);		/* the last one may have died before */
	keys_open(m);
	log_begin(&r, LOG_L_WARN, LOG_MASTER_RESTART,
	    "the last master ended, nothing stopped");
	log_int(&r, "master_pid", getpid());
	log_int(&r, "status", m->book->master.status);
	log_uint(&r, "number", m->book->master.births);
	log_end(&r);
	if (slots_map(m) == -1) {
		log_line(LOG_L_ERROR, LOG_MASTER_RESTART,
		    "cannot map a slot: %s", strerror(errno));
		leave_with(m, EXIT_FAILED);
	}
	/* The last one may have died before it said so. */
	notify_state(m, (enum mstate)m->book->state);
	retire_again(m);
	reload_again(m);
	control_adopt(m);
	/* Who was told something may not have been woken for it. */
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			slots_wake(m, i);
}

/* In the background nothing of the caller's terminal or pipe stays open. */
static void
detach(struct master *m)
{
	int fd;

	if (m->book->start.foreground)
		return;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd != -1 && m->book->fd[FD_LOG] != STDERR_FILENO)
		dup2(fd, STDERR_FILENO);
	fd_close(&fd);
}

void
startup_announce(struct master *m)
{
	struct log_rec r;

	if (pidfile_write(m->book->fd[FD_PID], getppid()) == -1)
		log_line(LOG_L_WARN, LOG_CONFIG_WARNING, "pid file %s: %s",
		    m->conf->pid_file, strerror(errno));
	/* First: whoever reads "ready" may rely on it, also if we die now. */
	atomic_store(&m->book->ready, 1);
	log_begin(&r, LOG_L_INFO, LOG_MASTER_READY, "ready");
	log_int(&r, "anchor_pid", getppid());
	log_str(&r, "engine", m->engine_name);
	log_uint(&r, "workers", conf_workers(m->conf));
	log_int(&r, "duration_ms",
	    (clock_real_us() - m->book->started_us) / 1000);
	log_end(&r);
	detach(m);
	tell_starter(m, 0);
	keys_hint(m);
}

/* Takes back what startup_first() made, in reverse. */
static void
undo(struct master *m)
{
	keys_close(m);
	control_close(m);
	if (m->conf != NULL) {
		listeners_shut(m);
		listeners_close(m);
		if (m->book->fd[FD_PID] != -1)
			pidfile_remove(m->book->fd[FD_PID], m->conf->pid_file);
	}
}

_Noreturn void
startup_fail(struct master *m, const char *why)
{
	fprintf(stderr, "belay: %s\n", why);
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			proc_kill(&slots_page(m, i)->worker, SIGKILL,
	    getppid());
	undo(m);
	leave_with(m, EXIT_FAILED);
}

_Noreturn void
startup_undo(struct master *m)
{
	struct log_rec r;
	uint64_t finished, cut;

	control_counts(m, &finished, &cut);
	control_answer_stop(m);
	listeners_close(m);
	undo(m);
	log_begin(&r, LOG_L_INFO, LOG_MASTER_STOP, "stopped");
	log_uint(&r, "finished", finished);
	log_uint(&r, "cut", cut);
	log_end(&r);
	atomic_store(&m->book->exit_code, 0);
	atomic_store(&m->book->gone, 1);
	_exit(0);
}
