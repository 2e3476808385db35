/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * srv_log - the server's log, followed with inotify and kept as records.
 *
 * Every line is checked against INTERFACE section 6 when it is read, whatever
 * the test is about.  A log that was moved aside is read to its end, then the
 * new one.
 */
#include <sys/inotify.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/belay.h"

enum { RECORD_MAX = 4096 };

void
srv_log_open(struct srv *srv)
{
	srv->log_fd = -1;
	srv->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	assert_int_not_equal(srv->inotify_fd, -1);
	assert_int_not_equal(inotify_add_watch(srv->inotify_fd, srv->dir,
	    IN_CREATE | IN_MODIFY | IN_MOVED_TO), -1);
}

static void
check_record(const json_t *rec, const char *line)
{
	static const char *const strings[] = {
		"ts", "level", "event", "msg", "role"
	};
	size_t i;

	for (i = 0; i < nitems(strings); i++)
		if (!json_is_string(json_object_get(rec, strings[i])))
			fail_msg("a record without %s: %s", strings[i], line);
	if (!json_is_integer(json_object_get(rec, "pid")))
		fail_msg("a record without pid: %s", line);
}

static void
add_line(struct srv *srv, const char *line, size_t len)
{
	json_error_t error;
	json_t *rec = json_loadb(line, len, JSON_REJECT_DUPLICATES |
	    JSON_ALLOW_NUL, &error);
	json_t **more;

	if (rec == NULL)
		fail_msg("a line of the log is no JSON: %s: %.*s", error.text,
		    (int)len, line);
	if (len + 1 > RECORD_MAX)
		fail_msg("a record of %zu bytes: %.200s", len + 1, line);
	check_record(rec, line);
	if (srv->nrecs % 1024 == 0) {
		more = realloc(srv->recs, (srv->nrecs + 1024) * sizeof *more);
		assert_non_null(more);
		srv->recs = more;
	}
	srv->recs[srv->nrecs++] = rec;
}

static void
add_bytes(struct srv *srv, const char *buf, size_t n)
{
	char *more = realloc(srv->part, srv->part_len + n + 1), *end;
	size_t done = 0;

	assert_non_null(more);
	srv->part = more;
	memcpy(srv->part + srv->part_len, buf, n);
	srv->part_len += n;
	srv->part[srv->part_len] = '\0';
	while ((end = memchr(srv->part + done, '\n',
	    srv->part_len - done)) != NULL) {
		*end = '\0';
		add_line(srv, srv->part + done,
		    (size_t)(end - srv->part) - done);
		done = (size_t)(end - srv->part) + 1;
	}
	srv->part_len -= done;
	memmove(srv->part, srv->part + done, srv->part_len + 1);
}

static void
read_to_end(struct srv *srv)
{
	char buf[65536];
	ssize_t n;

	while (srv->log_fd != -1 &&
	    (n = read(srv->log_fd, buf, sizeof buf)) > 0)
		add_bytes(srv, buf, (size_t)n);
}

/* Looks for the next file only after the last one was read: none is lost, as
 * long as one look lies between two moves. */
void
srv_log_read(struct srv *srv)
{
	const char *path = srv_path(srv, "log.json");
	struct stat st;

	read_to_end(srv);
	if (stat(path, &st) == -1 ||
	    (srv->log_fd != -1 && st.st_ino == srv->log_inode))
		return;
	read_to_end(srv);
	fd_close(&srv->log_fd);
	srv->log_fd = open(path, O_RDONLY | O_CLOEXEC);
	srv->log_inode = st.st_ino;
	read_to_end(srv);
}

bool
srv_log_wait(struct srv *srv, int64_t deadline_ms)
{
	struct pollfd fds[] = {
		{ .fd = srv->inotify_fd, .events = POLLIN },
		{ .fd = srv->pid_fd, .events = POLLIN },
	};
	char buf[4096];

	if (poll(fds, nitems(fds), test_left_ms(deadline_ms)) <= 0)
		return false;
	while (read(srv->inotify_fd, buf, sizeof buf) > 0)
		;
	return true;
}

void
srv_log_free(struct srv *srv)
{
	size_t i;

	for (i = 0; i < srv->nrecs; i++)
		json_decref(srv->recs[i]);
	free(srv->recs);
	free(srv->part);
	fd_close(&srv->log_fd);
	fd_close(&srv->inotify_fd);
}

/* ------------------------------------------------------- questions ---- */

bool
srv_is_event(const json_t *rec, const char *event)
{
	return strcmp(json_string_value(json_object_get(rec, "event")),
	    event) == 0;
}

static bool
matches(const json_t *rec, const char *event, json_t *want)
{
	const char *key;
	json_t *value;

	if (!srv_is_event(rec, event))
		return false;
	json_object_foreach(want, key, value)
		if (!json_equal(json_object_get(rec, key), value))
			return false;
	return true;
}

static json_t *
pack(const char *fmt, va_list ap)
{
	json_error_t error;
	json_t *want;

	if (fmt == NULL)
		return NULL;
	want = json_vpack_ex(&error, 0, fmt, ap);
	if (want == NULL)
		fail_msg("fields %s: %s", fmt, error.text);
	return want;
}

/* The n-th match, or with n 0 the last; *count says how many there are. */
static json_t *
find(struct srv *srv, size_t from, size_t n, const char *event, json_t *want,
    size_t *count)
{
	json_t *found = NULL;
	size_t i;

	*count = 0;
	for (i = from; i < srv->nrecs; i++) {
		if (!matches(srv->recs[i], event, want))
			continue;
		if (++*count == n || n == 0)
			found = srv->recs[i];
	}
	return found;
}

static json_t *
wait_for(struct srv *srv, size_t n, const char *event, json_t *want)
{
	int64_t deadline = test_deadline_ms();
	bool ended, in_time = true;
	json_t *rec;
	size_t count;

	for (;;) {
		ended = srv_reaped(srv);
		srv_log_read(srv);
		rec = find(srv, srv->mark, n, event, want, &count);
		if (rec != NULL)
			break;
		if (ended || !in_time)
			fail_msg("%s %s: came %zu of %zu times; the server "
			    "%s %d", event,
			    want == NULL ? "" : json_dumps(want, 0), count, n,
			    ended ? "ended with" : "runs, pid",
			    ended ? srv->status : (int)srv->pid);
		in_time = srv_log_wait(srv, deadline);
	}
	json_decref(want);
	return rec;
}

void
srv_mark(struct srv *srv)
{
	srv_log_read(srv);
	srv->mark = srv->nrecs;
}

json_t *
srv_wait_nth(struct srv *srv, size_t n, const char *event, const char *fmt, ...)
{
	json_t *want;
	va_list ap;

	va_start(ap, fmt);
	want = pack(fmt, ap);
	va_end(ap);
	return wait_for(srv, n, event, want);
}

json_t *
srv_wait_event(struct srv *srv, const char *event, const char *fmt, ...)
{
	json_t *want;
	va_list ap;

	va_start(ap, fmt);
	want = pack(fmt, ap);
	va_end(ap);
	return wait_for(srv, 1, event, want);
}

size_t
srv_count_events(struct srv *srv, const char *event, const char *fmt, ...)
{
	json_t *want;
	size_t count;
	va_list ap;

	va_start(ap, fmt);
	want = pack(fmt, ap);
	va_end(ap);
	srv_log_read(srv);
	find(srv, srv->mark, 0, event, want, &count);
	json_decref(want);
	return count;
}

json_t *
srv_last_event(struct srv *srv, const char *event, const char *fmt, ...)
{
	json_t *want, *rec;
	size_t count;
	va_list ap;

	va_start(ap, fmt);
	want = pack(fmt, ap);
	va_end(ap);
	srv_log_read(srv);
	rec = find(srv, 0, 0, event, want, &count);
	json_decref(want);
	return rec;
}
