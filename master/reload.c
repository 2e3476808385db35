/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - the steps, each of which can be looked at again at any time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "master/conf_child.h"
#include "master/conf_keep.h"
#include "master/control.h"
#include "master/generations.h"
#include "master/listeners.h"
#include "master/reload.h"
#include "master/reload_commit.h"
#include "master/reload_keys.h"
#include "master/slots.h"
#include "master/transition.h"
#include "master/upgrade.h"

enum {
	CANARY_MS = 100,		/* of turns without a crash */
	MOVING_MS = 5000,		/* then the verdict does not wait on */
	LOOK_MS = 20
};

/* The verdict goes to the log and to who asked; state and step end. */
static void
verdict(struct master *m, bool ok, const char *text)
{
	static const enum log_event events[2][2] = {
		{ LOG_RELOAD_FAILED, LOG_RELOAD_DONE },
		{ LOG_UPGRADE_FAILED, LOG_UPGRADE_DONE },
	};
	bool upgrade = m->book->reload.upgrade;
	struct log_rec r;

	log_begin(&r, ok ? LOG_L_INFO : LOG_L_WARN, events[upgrade][ok],
	    "the %s %s serves%s", ok ? "new" : "old", upgrade ? "binary" :
	    "configuration", ok ? "" : " on");
	log_uint(&r, "generation", m->book->generation);
	log_str(&r, ok ? "result" : "reason", text);
	log_end(&r);
	m->book->reload.step = RELOAD_NONE;
	transition(m, ok ? ME_RELOAD_DONE : ME_RELOAD_FAILED);
	control_answer_reload(m, ok, text);
}

/* Fresh slots give back what they have accepted, then leave. */
static void
take_back(struct master *m)
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role != SLOT_FRESH)
			continue;
		m->book->slots[i].role = SLOT_RETIRING;
		slots_leave(m, i, SLOT_RETIRE);
	}
	if (m->conf != NULL)
		listeners_keep_only(m, m->conf);
	fd_close(&m->book->fd[FD_CONF_NEW]);
	conf_free(&m->conf_new);
}

static void
reload_fail(struct master *m, const char *why)
{
	upgrade_end_rehearsal(m);
	take_back(m);
	verdict(m, false, why);
}

void
reload_give_up(struct master *m, const char *why)
{
	if (m->book->reload.step == RELOAD_NONE)
		return;
	upgrade_end_rehearsal(m);
	if (m->book->reload.step < RELOAD_MOVING)
		take_back(m);
	m->book->reload.step = RELOAD_NONE;
	control_answer_reload(m, false, why);
}

/* What later masters read of it, restart-only keys as they were. */
static bool
keep_new(struct master *m)
{
	struct book_reload *b = &m->book->reload;
	char *text;
	size_t len;

	if (reload_keys_keep(m->conf, m->conf_new, b->restart_keys,
	    sizeof b->restart_keys) == -1)
		return false;
	text = conf_print(m->conf_new, false, &len);
	if (text != NULL)
		m->book->fd[FD_CONF_NEW] = conf_keep(text, len);
	free(text);
	return m->book->fd[FD_CONF_NEW] != -1;
}

/* Reads the file into conf_new; false: refused, with the reason given. */
static bool
read_new(struct master *m)
{
	const char *path = m->book->start.conf_path;
	struct conf_errors e = { .text = NULL };
	struct conf_result r;
	bool ok = false;

	if (conf_child_read(path[0] != '\0' ? path : NULL, m->sections,
	    &r) == -1) {
		reload_fail(m, "no process to read the configuration with");
		return false;
	}
	if (!r.ok) {
		reload_fail(m, r.text != NULL ? r.text : "out of memory");
		goto out;
	}
	m->conf_new = conf_parse("configuration", r.text, r.len, m->sections,
	    &e);
	ok = m->conf_new != NULL && m->conf_new->nservices <= BOOK_SERVICES &&
	    conf_workers(m->conf_new) <= BOOK_SLOTS / 2 && keep_new(m);
	if (!ok)
		reload_fail(m, e.text != NULL ? e.text :
		    "more than 128 services or workers, or out of memory");
	conf_errors_free(&e);
out:
	free(r.text);
	return ok;
}

void
reload_begin(struct master *m)
{
	char why[512];

	m->book->reload = (struct book_reload){ .step = RELOAD_CANARY,
	    .generation = m->book->generation + 1, .began_ms = m->now_ms };
	log_line(LOG_L_INFO, LOG_RELOAD_BEGIN, "generation %u is tried",
	    m->book->reload.generation);
	if (!read_new(m))
		return;
	if (listeners_open(m, m->conf_new, why, sizeof why) == -1) {
		reload_fail(m, why);
		return;
	}
	generations_note(m, m->book->reload.generation, m->conf_new);
}

/* Fresh slots that are READY; *dead: one has died, or never came up. */
static unsigned
count_fresh(const struct master *m, unsigned *all, bool *dead)
{
	unsigned ready = 0;

	*all = 0;
	*dead = false;
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct book_slot *bs = &m->book->slots[i];

		if (bs->role != SLOT_FRESH)
			continue;
		(*all)++;
		ready += bs->born != bs->born0 && bs->ready == bs->born;
		*dead |= bs->dead != bs->born0 || !proc_alive(&bs->keeper);
	}
	return ready;
}

/* As many fresh slots as the step wants; false: one cannot be made. */
static bool
make_fresh(struct master *m, unsigned want)
{
	unsigned all;
	bool dead;

	for (count_fresh(m, &all, &dead); all < want; all++)
		if (slots_make(m, m->conf_new, m->book->reload.generation,
		    SLOT_FRESH) == -1)
			return false;
	return true;
}

static int64_t
step_fresh(struct master *m)
{
	struct book_reload *r = &m->book->reload;
	unsigned want = r->step == RELOAD_CANARY ? 1 :
	    conf_workers(m->conf_new);
	unsigned ready, all;
	bool dead;

	if (!make_fresh(m, want)) {
		reload_fail(m, "no memory or descriptors for a fresh slot");
		return m->now_ms;
	}
	ready = count_fresh(m, &all, &dead);
	if (dead) {
		reload_fail(m, "a worker of the new configuration crashed or "
		    "did not start; the log says why");
		return m->now_ms;
	}
	if (ready < want)
		return m->now_ms + LOOK_MS;
	if (r->step == RELOAD_REST) {
		reload_commit(m);
		return m->now_ms;
	}
	if (r->canary_ms == 0)
		r->canary_ms = m->now_ms + CANARY_MS;
	if (r->canary_ms > m->now_ms)
		return r->canary_ms;
	r->step = RELOAD_REST;
	return m->now_ms;
}

/* The verdict waits until what can move has moved. */
static int64_t
step_moving(struct master *m)
{
	struct book_reload *r = &m->book->reload;
	unsigned left = slots_count(m, SLOT_RETIRING);
	char text[512];
	uint64_t kept = 0;

	if (left > 0 && m->now_ms - r->commit_ms < MOVING_MS)
		return r->commit_ms + MOVING_MS;
	for (unsigned i = 0; i < BOOK_SLOTS; i++)
		if (m->book->slots[i].role != SLOT_UNUSED)
			kept += slots_open(m, i);
	if (r->upgrade && r->step == RELOAD_MOVING)
		upgrade_leave_to_anchor(m);
	snprintf(text, sizeof text, "%s: generation %u, %u workers, "
	    "%llu connections kept%s%s", r->upgrade ? "upgraded" :
	    "reloaded", m->book->generation,
	    m->book->workers, (unsigned long long)kept,
	    r->restart_keys[0] != '\0' ? "; for these a restart is needed: " :
	    "", r->restart_keys);
	listeners_keep_only(m, m->conf);
	if (r->upgrade && m->book->exec_errno != 0) {
		snprintf(text, sizeof text, "the workers run the new binary, "
		    "but the main process could not: %s",
		    strerror(m->book->exec_errno));
		verdict(m, false, text);
		return m->now_ms;
	}
	if (r->upgrade)
		upgrade_done(m);
	verdict(m, true, text);
	return m->now_ms;
}

/* The new binary can go on from here: its slots get the running config. */
static int64_t
step_rehearsal(struct master *m)
{
	struct conf_errors e = { .text = NULL };
	const char *why;

	switch (upgrade_rehearsed(m, &why)) {
	case UPGRADE_WAIT:
		return m->now_ms + LOOK_MS;
	case UPGRADE_NO:
		reload_fail(m, why);
		return m->now_ms;
	case UPGRADE_GO:
		break;
	}
	upgrade_end_rehearsal(m);
	m->book->fd[FD_CONF_NEW] = fcntl(m->book->fd[FD_CONF],
	    F_DUPFD_CLOEXEC, 0);
	m->conf_new = conf_kept(m->book->fd[FD_CONF_NEW], m->sections, &e);
	conf_errors_free(&e);
	if (m->conf_new == NULL) {
		reload_fail(m, "no memory or descriptors");
		return m->now_ms;
	}
	generations_note(m, m->book->reload.generation, m->conf_new);
	m->book->reload.step = RELOAD_CANARY;
	return m->now_ms;
}

int64_t
reload_review(struct master *m)
{
	switch (m->book->reload.step) {
	case RELOAD_REHEARSAL:
		return step_rehearsal(m);
	case RELOAD_CANARY: case RELOAD_REST:
		return step_fresh(m);
	case RELOAD_MOVING: case RELOAD_ANCHOR:
		return step_moving(m);
	default:
		return INT64_MAX;
	}
}

void
reload_again(struct master *m)
{
	/* It died between the state and the first step, or behind the last. */
	if (m->book->reload.step == RELOAD_NONE &&
	    m->book->state == MS_RELOADING)
		verdict(m, false, "the master ended meanwhile");
	if (m->book->reload.step == RELOAD_NONE)
		return;
	if (m->book->reload.step == RELOAD_ANCHOR)
		return;			/* reload_review() gives the verdict */
	if (m->book->reload.committed)
		reload_commit(m);
	else
		reload_fail(m, "the master ended meanwhile");
}
