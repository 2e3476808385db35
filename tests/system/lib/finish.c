/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finish - how tests begin and end: the checks of DESIGN section 8, and the
 * cleaning up after a test that failed.
 *
 * The test program is the subreaper of all it starts, so a process that a
 * server left behind becomes its child and is found.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/system/lib/belay.h"

/* The servers of the running test; nothing else outlives a test here. */
static struct srv *servers;

int
test_begin(void **state)
{
	struct rlimit rl;

	(void)state;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1 ||
	    getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return -1;
	rl.rlim_cur = rl.rlim_max;
	signal(SIGPIPE, SIG_IGN);
	return setrlimit(RLIMIT_NOFILE, &rl);
}

void
srv_register(struct srv *srv)
{
	srv->next = servers;
	servers = srv;
}

static void
srv_free(struct srv *srv)
{
	struct srv **at;

	for (at = &servers; *at != srv; at = &(*at)->next)
		;
	*at = srv->next;
	srv_log_free(srv);
	fd_close(&srv->said_fd);
	fd_close(&srv->pid_fd);
	free(srv);
}

/* Calls each for every name in the directory but the dots; the sum of it. */
static int
each_name(struct srv *srv, const char *path,
    int (*each)(struct srv *, const char *dir, const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int sum = 0;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			sum += each(srv, path, d->d_name);
	if (dir != NULL)
		closedir(dir);
	return sum;
}

static int
remove_name(struct srv *srv, const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (unlink(path) == -1 && errno == EISDIR) {
		each_name(srv, path, remove_name);
		rmdir(path);
	}
	return 0;
}

static void
remove_all(struct srv *srv)
{
	each_name(srv, srv->dir, remove_name);
	rmdir(srv->dir);
}

static void
show(const char *what, const char *path)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	print_error("--- %s\n", what);
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		print_error("%s", line);
	if (f != NULL)
		fclose(f);
}

static void
show_said(struct srv *srv)
{
	char path[64];

	lseek(srv->said_fd, 0, SEEK_SET);
	snprintf(path, sizeof path, "/proc/self/fd/%d", srv->said_fd);
	show("what the server said", path);
}

static void
each_child(void (*each)(pid_t pid))
{
	char path[64], text[4096];
	char *at, *next;
	ssize_t n;
	long pid;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%d/children",
	    (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? 0 : read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	fd_close(&fd);
	for (at = text; (pid = strtol(at, &next, 10)) > 0; at = next)
		each((pid_t)pid);
}

static void
kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
}

static void
show_child(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	show("left behind", path);
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	show("as", path);
	print_error("\n");
}

/* All children, and theirs as they become ours. */
static void
kill_children(void)
{
	do
		each_child(kill_child);
	while (waitpid(-1, NULL, 0) != -1);
}

int
test_end(void **state)
{
	bool left = servers != NULL;
	struct srv *srv;

	(void)state;
	if (left)
		print_error("the test did not finish its server\n");
	kill_children();
	while ((srv = servers) != NULL) {
		srv->pid = 0;
		show_said(srv);
		show("log", srv_path(srv, "log.json"));
		remove_all(srv);
		srv_free(srv);
	}
	return left ? -1 : 0;
}

/* ------------------------------------------------- what must be true ---- */

void
srv_expect_error(struct srv *srv, const char *event)
{
	assert_in_range(srv->nexpected, 0, SRV_EXPECT_MAX - 1);
	srv->expected[srv->nexpected++] = event;
}

static void
check_log(struct srv *srv)
{
	bool met[SRV_EXPECT_MAX] = { false }, known;
	size_t i, k;
	json_t *level;

	srv_log_read(srv);
	if (srv->part_len > 0)
		fail_msg("the log ends with a part of a record: %s", srv->part);
	for (i = 0; i < srv->nrecs; i++) {
		level = json_object_get(srv->recs[i], "level");
		if (strcmp(json_string_value(level), "error") != 0)
			continue;
		known = false;
		for (k = 0; k < srv->nexpected; k++)
			if (srv_is_event(srv->recs[i], srv->expected[k]))
				known = met[k] = true;
		if (!known)
			fail_msg("an error in the log: %s",
			    json_dumps(srv->recs[i], JSON_SORT_KEYS));
	}
	for (k = 0; k < srv->nexpected; k++)
		if (!met[k])
			fail_msg("no error %s in the log", srv->expected[k]);
}

static int
stray_file(struct srv *srv, const char *dir, const char *name)
{
	size_t i;

	(void)dir;
	if (strcmp(name, "belay.conf") == 0 || strcmp(name, "log.json") == 0)
		return 0;
	for (i = 0; i < srv->nfiles; i++)
		if (strcmp(name, srv->files[i]) == 0)
			return 0;
	print_error("left behind: %s\n", name);
	return 1;
}

static int
report(struct srv *srv, const char *dir, const char *name)
{
	char path[512];

	(void)srv;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	show("sanitizer", path);
	return 1;
}

static void
check_processes(void)
{
	siginfo_t si = { .si_pid = 0 };

	if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1 &&
	    errno == ECHILD)
		return;
	each_child(show_child);
	fail_msg("processes are left behind");
}

static void
check_said(struct srv *srv)
{
	if (lseek(srv->said_fd, 0, SEEK_END) > 0) {
		show_said(srv);
		fail_msg("the server wrote past its log");
	}
}

static void
check_audit(struct srv *srv)
{
	struct proc p;

	if (srv_verb(srv, &p, "audit", NULL) != 0)
		fail_msg("the audit says %d: %s%s", p.status, p.out, p.err);
	proc_end(&p);
}

void
srv_finish(struct srv **srvp)
{
	struct srv *srv = *srvp;
	const char *reports = getenv("BELAY_REPORTS");

	if (!srv_reaped(srv)) {
		check_audit(srv);
		srv_stop(srv);
	}
	if (srv->status != 0)
		fail_msg("the server's exit status is %d", srv->status);
	check_processes();
	check_log(srv);
	check_said(srv);
	if (reports != NULL && each_name(srv, reports, report) > 0)
		fail_msg("a sanitizer found something");
	if (each_name(srv, srv->dir, stray_file) > 0)
		fail_msg("files are left behind");
	remove_all(srv);
	srv_free(srv);
	*srvp = NULL;
}
