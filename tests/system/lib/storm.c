/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storm - serving clients while something is waited for.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"
#include "tests/system/lib/storm.h"

enum { SERVE_MS = 2 };

uint64_t
storm_below(struct storm *st, uint64_t n)
{
	return test_random(&st->random) % n;
}

/* Serves the clients until fd can be read, or until then. */
bool
storm_serve(struct storm *st, int fd, int64_t until_ms)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = streams_fd(st->streams), .events = POLLIN },
		{ .fd = churn_fd(st->churn), .events = POLLIN },
		{ .fd = crowd_fd(st->crowd), .events = POLLIN },
	};

	for (;;) {
		assert_int_not_equal(poll(fds, nitems(fds), SERVE_MS), -1);
		if (fds[1].revents != 0)
			streams_step(st->streams, 0);
		if (fds[2].revents != 0)
			churn_step(st->churn, 0);
		crowd_step(st->crowd);
		if (fds[0].revents != 0)
			return true;
		if (clock_mono_ms() >= until_ms)
			return false;
	}
}

void
storm_serve_for(struct storm *st, int64_t ms)
{
	storm_serve(st, -1, clock_mono_ms() + ms);
}

int
storm_verb(struct storm *st, struct proc *p, const char *name,
    const char *arg)
{
	srv_verb_start(st->srv, p, name, arg, NULL);
	if (!storm_serve(st, p->pid_fd, clock_mono_ms() + 6 * LIMIT_MS))
		fail_msg("the verb %s does not end", name);
	return proc_wait(p);
}

/* A verb that changes something; another change, or the end of the master that
 * was asked, may have been in its way. */
void
storm_change(struct storm *st, const char *name, const char *arg, int rc)
{
	static const char *const fair[] = {
		"another", "ended meanwhile", "socket ended",
		"crashed or did not start", "not running"
	};
	bool is_fair = false;
	struct proc p;
	size_t i;

	if (storm_verb(st, &p, name, arg) == rc) {
		proc_end(&p);
		return;
	}
	for (i = 0; i < nitems(fair); i++)
		is_fair |= strstr(p.err, fair[i]) != NULL;
	print_message("%s: %d: %s%s", name, p.status, p.out, p.err);
	if (!is_fair)
		fail_msg("%s says %d: %s%s", name, p.status, p.out, p.err);
	st->refused++;
	proc_end(&p);
}

/* Whom we have killed may seem to live for a while. */
static bool
is_killed(const struct storm *st, const json_t *pid)
{
	size_t i;

	for (i = 0; i < nitems(st->killed); i++)
		if (st->killed[i] != 0 &&
		    st->killed[i] == (pid_t)json_integer_value(pid))
			return true;
	return false;
}

static bool
is_settled(const struct storm *st, const json_t *status)
{
	json_t *w;
	size_t i;

	if (strcmp(json_string_value(json_object_get(status, "state")),
	    "running") != 0)
		return false;
	json_array_foreach(json_object_get(status, "workers"), i, w)
		if (strcmp(json_string_value(json_object_get(w, "state")),
		    "ready") != 0 ||
		    is_killed(st, json_object_get(w, "pid")) ||
		    is_killed(st, json_object_get(w, "keeper_pid")))
			return false;
	return i > 0;
}

void
storm_settle(struct storm *st)
{
	int64_t until = clock_mono_ms() + 3 * LIMIT_MS;
	bool settled = false;
	json_t *status;
	struct proc p;

	while (!settled) {
		if (storm_verb(st, &p, "status", "--json") == 0) {
			status = json_loads(p.out, 0, NULL);
			assert_non_null(status);
			settled = is_settled(st, status);
			json_decref(status);
		}
		if (!settled && clock_mono_ms() > until)
			fail_msg("no rest comes: %s%s", p.out, p.err);
		proc_end(&p);
	}
}

void
storm_kill(struct storm *st, const char *title)
{
	pid_t pid = srv_process(st->srv, title);

	if (pid != 0 && srv_kill(st->srv, title))
		st->killed[st->nkilled++ % nitems(st->killed)] = pid;
}

/* Another name for the log: a test removes its own, as a rotation does. */
void
storm_keep_log(struct storm *st)
{
	const char *dir = getenv("STORM_LOG");
	char path[512];

	if (dir == NULL)
		return;
	snprintf(path, sizeof path, "%s/log.%zu", dir, st->logs++);
	unlink(path);
	if (link(srv_path(st->srv, "log.json"), path) == -1)
		fail_msg("%s: %s", path, strerror(errno));
}

/* A process of that kind, any; "" when there is none at this moment. */
const char *
storm_pick(struct storm *st, const char *kind)
{
	static char titles[LOOK_PIDS_MAX][32];
	pid_t pids[LOOK_PIDS_MAX];
	char path[64], want[16];
	size_t i, found = 0, n = look_pids(st->srv, pids);
	char *title;

	snprintf(want, sizeof want, "belay: %s ", kind);
	for (i = 1; i < n; i++) {
		snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pids[i]);
		title = look_file(path, NULL);
		if (title != NULL && strncmp(title, want, strlen(want)) == 0)
			snprintf(titles[found++], sizeof titles[0], "%s",
			    title + strlen("belay: "));
		free(title);
	}
	return found == 0 ? "" : titles[storm_below(st, found)];
}


unsigned long
storm_number(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text == NULL ? otherwise : strtoul(text, NULL, 0);
}

void
storm_check(struct storm *st)
{
	struct streams_sum s = streams_sum(st->streams);
	struct crowd_sum c = crowd_sum(st->crowd);

	if (s.lost + s.wrong + c.lost + c.wrong > 0)
		fail_msg("lost: %zu streams, %zu guests; wrong: %zu, %zu",
		    s.lost, c.lost, s.wrong, c.wrong);
	if (srv_reaped(st->srv))
		fail_msg("the server ended with %d", st->srv->status);
}
