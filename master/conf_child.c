/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_child - fork, parse, answer over a pipe: a fixed head, then text.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/conf_error.h"
#include "common/conf_paths.h"
#include "common/fd.h"
#include "master/conf_child.h"

enum {
	CPU_SECONDS = 2, WAIT_MS = 10000,
	ANSWER_MAX = 8 << 20
};

struct answer {				/* what the child writes first */
	bool ok, drop;
	uid_t uid;
	gid_t gid;
};

/* The ids of the config's user; false with an error. */
static bool
resolve_user(const char *path, const struct conf *c, struct answer *a,
    struct conf_errors *e)
{
	const struct conf_pos pos = { .file = path == NULL ?
	    "built-in default" : path };
	struct passwd *pw;
	struct group *gr;

	a->drop = geteuid() == 0 && strcmp(c->user, "root") != 0;
	if (!a->drop)
		return true;
	pw = getpwnam(c->user);
	if (pw == NULL && !c->user_set)
		pw = getpwnam("nobody");	/* our default, not installed */
	if (pw == NULL) {
		conf_errors_add(e, pos, "user \"%s\" does not exist; "
		    "create it, or name another", c->user);
		return false;
	}
	gr = getgrnam(c->group);
	if (gr == NULL && c->user_set) {
		conf_errors_add(e, pos, "group \"%s\" does not exist; "
		    "create it, or name another", c->group);
		return false;
	}
	a->uid = pw->pw_uid;
	a->gid = gr != NULL && pw->pw_uid != 0 ? gr->gr_gid : pw->pw_gid;
	return true;
}

static bool
write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = write(fd, at, n);

		if (w == -1 && errno != EINTR)
			return false;
		at += w > 0 ? w : 0;
		n -= w > 0 ? (size_t)w : 0;
	}
	return true;
}

static _Noreturn void
child(const char *path, const struct conf_section *sections, int fd)
{
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS };
	struct conf_errors e = { .text = NULL };
	struct answer a = { .ok = false };
	struct conf *c;
	char *text = NULL;
	size_t len = 0;

	setrlimit(RLIMIT_CPU, &cpu);
	c = conf_load(path, sections, &e);
	if (c != NULL && resolve_user(path, c, &a, &e) &&
	    conf_paths_prepare(c, &e) == 0) {
		text = conf_print(c, false, &len);
		a.ok = text != NULL;
	}
	if (!a.ok) {
		text = e.text;
		len = e.len;
	}
	/* Who reads it learns from a short answer that it failed. */
	_exit(write_all(fd, &a, sizeof a) && write_all(fd, text, len) ? 0 : 1);
}

/* Reads until the end; false: too long, too late. */
static bool
read_answer(int fd, char **buf, size_t *len)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	size_t size = 0;
	ssize_t n;

	for (*len = 0, *buf = NULL; *len < ANSWER_MAX; *len += (size_t)n) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until - clock_mono_ms();

		if (*len + 4096 > size) {
			char *more = realloc(*buf, size = 2 * size + 8192);

			if (more == NULL)
				return false;
			*buf = more;
		}
		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return false;
		n = read(fd, *buf + *len, size - *len - 1);
		if (n == 0)
			return true;
		if (n == -1 && errno != EINTR)
			return false;
		n = n == -1 ? 0 : n;
	}
	return false;
}

static void
result_fail(struct conf_result *r, const char *what)
{
	free(r->text);
	r->ok = false;
	r->text = strdup(what);
	r->len = r->text != NULL ? strlen(what) : 0;
}

static void
result_set(struct conf_result *r, char *buf, size_t len, int status)
{
	struct answer a;
	char why[96];

	*r = (struct conf_result){ .text = buf };
	if (WIFSIGNALED(status)) {
		snprintf(why, sizeof why, "the reader of the configuration "
		    "died of signal %d\n", WTERMSIG(status));
		result_fail(r, why);
		return;
	}
	if (status != 0 || len < sizeof a) {
		result_fail(r, "the reader of the configuration did not "
		    "answer in time\n");
		return;
	}
	memcpy(&a, buf, sizeof a);
	r->len = len - sizeof a;
	memmove(buf, buf + sizeof a, r->len);
	buf[r->len] = '\0';
	r->ok = a.ok;
	r->drop = a.drop;
	r->uid = a.uid;
	r->gid = a.gid;
}

int
conf_child_read(const char *path, const struct conf_section *sections,
    struct conf_result *r)
{
	int p[2], status = -1;
	char *buf = NULL;
	size_t len = 0;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		child(path, sections, p[1]);
	fd_close(&p[1]);
	if (pid == -1) {
		fd_close(&p[0]);
		return -1;
	}
	if (!read_answer(p[0], &buf, &len))
		kill(pid, SIGKILL);
	fd_close(&p[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	result_set(r, buf, len, status);
	return 0;
}
