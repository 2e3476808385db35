/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look - /proc, files and the verb status, read for assertions.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/look.h"

enum { FULL_MS = 100 };			/* no room for so long: full */

void
look_take_over(struct srv *srv)
{
	char *text = look_file(srv_path(srv, "belay.pid"), NULL);

	assert_non_null(text);
	srv->pid = (pid_t)strtol(text, NULL, 10);
	free(text);
	fd_close(&srv->pid_fd);
	srv->pid_fd = (int)syscall(SYS_pidfd_open, srv->pid, 0);
	assert_int_not_equal(srv->pid_fd, -1);
}

/* Who started it has ended, so it is our child: we are a subreaper. */
int
look_start(struct srv *srv, struct proc *p, const char *verb)
{
	int rc = srv_verb(srv, p, verb, NULL);

	if (rc == 0)
		look_take_over(srv);
	return rc;
}

json_t *
look_status(struct srv *srv)
{
	json_error_t error;
	struct proc p;
	json_t *status;

	if (srv_verb(srv, &p, "status", "--json", NULL) != 0)
		fail_msg("status says %d: %s%s", p.status, p.out, p.err);
	status = json_loads(p.out, JSON_REJECT_DUPLICATES, &error);
	if (status == NULL)
		fail_msg("status is no JSON: %s: %s", error.text, p.out);
	proc_end(&p);
	return status;
}

int64_t
look_number(const json_t *object, const char *path)
{
	char copy[128], *rest = copy, *part;
	const json_t *at = object;

	snprintf(copy, sizeof copy, "%s", path);
	while ((part = strsep(&rest, ".")) != NULL)
		at = json_is_array(at) ? json_array_get(at,
		    strtoul(part, NULL, 10)) : json_object_get(at, part);
	if (!json_is_integer(at))
		fail_msg("no number %s in %s", path, json_dumps(object, 0));
	return json_integer_value(at);
}

/* A status takes the server and us a while: that is pause enough. */
void
look_wait_number(struct srv *srv, const char *path, int64_t n)
{
	int64_t deadline = test_deadline_ms(), have;
	json_t *status;

	for (;;) {
		status = look_status(srv);
		have = look_number(status, path);
		if (have >= n)
			break;
		if (test_left_ms(deadline) == 0)
			fail_msg("%s stays %lld: %s", path, (long long)have,
			    json_dumps(status, 0));
		json_decref(status);
	}
	json_decref(status);
}

size_t
look_pids(struct srv *srv, pid_t pids[LOOK_PIDS_MAX])
{
	char path[64], *text, *at, *next;
	size_t n = 0;
	long pid;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children",
	    (int)srv->pid, (int)srv->pid);
	text = look_file(path, NULL);
	assert_non_null(text);
	pids[n++] = srv->pid;
	for (at = text; (pid = strtol(at, &next, 10)) > 0; at = next) {
		assert_true(n < LOOK_PIDS_MAX);
		pids[n++] = (pid_t)pid;
	}
	free(text);
	return n;
}

bool
look_has_open(pid_t pid, const char *file)
{
	char path[64], link[512];
	struct dirent *d;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return false;
	while (!found && (d = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), d->d_name, link, sizeof link - 1);
		link[n > 0 ? n : 0] = '\0';
		found = strcmp(link, file) == 0;
	}
	closedir(dir);
	return found;
}

static char
process_state(pid_t pid)
{
	char path[64], *text, *end, state;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	text = look_file(path, NULL);
	assert_non_null(text);
	end = strrchr(text, ')');
	assert_non_null(end);
	state = end[2];
	free(text);
	return state;
}

void
look_wait_stopped(pid_t pid)
{
	int64_t deadline = test_deadline_ms();

	while (process_state(pid) != 'T')
		if (test_left_ms(deadline) == 0)
			fail_msg("process %d does not stop", (int)pid);
}

size_t
look_fill(int fd, uint64_t seed)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	char buf[16384];
	size_t sent = 0;
	ssize_t n;

	while (poll(&p, 1, FULL_MS) == 1 &&
	    !(p.revents & (POLLERR | POLLHUP))) {
		pattern_fill(seed, sent, buf, sizeof buf);
		n = send(fd, buf, sizeof buf, MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
	}
	return sent;
}

char *
look_file(const char *path, size_t *len)
{
	size_t have = 0, size = 65536;
	char *text = malloc(size + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	assert_non_null(text);
	while (fd != -1 && (n = read(fd, text + have, size - have)) > 0) {
		have += (size_t)n;
		if (have == size) {
			size *= 2;
			text = realloc(text, size + 1);
			assert_non_null(text);
		}
	}
	if (fd == -1 || n == -1) {
		free(text);
		text = NULL;
	} else
		text[have] = '\0';
	fd_close(&fd);
	if (len != NULL)
		*len = have;
	return text;
}

bool
look_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void
look_holds(const char *text, const char *word)
{
	if (strstr(text, word) == NULL)
		fail_msg("`%s' is not in: %s", word, text);
}

size_t
look_count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

void
look_skip(const char *why)
{
	print_message("skip: %s\n", why);
	skip();
}

int
look_compare_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}
