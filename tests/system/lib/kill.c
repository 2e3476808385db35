/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kill - finding a server's processes by title, ending them, and its ledger.
 *
 * All of them are children of the anchor.  Who was found is killed by a pidfd
 * that was opened while it still had its title, so never somebody else.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"

enum { SLOTS_MAX = 16 };

/* There only where the sanitizer is. */
extern void __asan_init(void) __attribute__((weak));

bool
test_sanitized(void)
{
	return __asan_init != NULL;
}

size_t
test_scale(size_t n, size_t divisor)
{
	return test_sanitized() ? n / divisor : n;
}

size_t
test_fit_files(size_t n, size_t spare)
{
	struct rlimit rl;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	if (rl.rlim_cur >= n + spare)
		return n;
	assert_true(rl.rlim_cur > spare);
	print_message("RLIMIT_NOFILE is %llu: %llu connections, not %zu\n",
	    (unsigned long long)rl.rlim_cur,
	    (unsigned long long)(rl.rlim_cur - spare), n);
	return rl.rlim_cur - spare;
}

uint64_t
test_seed(void)
{
	const char *given = getenv("BELAY_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 0) :
	    (uint64_t)clock_real_us();

	print_message("BELAY_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

uint64_t
test_random(uint64_t *seed)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15U;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

/* A small file of /proc; returns its length, 0 if it is not there. */
static size_t
read_proc(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? 0 : read(fd, buf, size - 1);
	fd_close(&fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static bool
has_title(pid_t pid, const char *title)
{
	char text[256];

	return read_proc(pid, "cmdline", text, sizeof text) > 7 &&
	    strncmp(text, "belay: ", 7) == 0 && strcmp(text + 7, title) == 0;
}

/* The number at *at, which it moves behind it; 0: there is no other. */
static pid_t
next_child(char **at)
{
	char *next;
	long pid = strtol(*at, &next, 10);

	*at = next;
	return pid > 0 ? (pid_t)pid : 0;
}

static char *
read_children(struct srv *srv, char *text, size_t size)
{
	char name[64];

	snprintf(name, sizeof name, "task/%d/children", (int)srv->pid);
	read_proc(srv->pid, name, text, size);
	return text;
}

pid_t
srv_process(struct srv *srv, const char *title)
{
	char text[4096], *at = read_children(srv, text, sizeof text);
	pid_t pid;

	while ((pid = next_child(&at)) != 0 && !has_title(pid, title))
		;
	return pid;
}

pid_t
srv_must_find(struct srv *srv, const char *title)
{
	pid_t pid = srv_process(srv, title);

	if (pid == 0)
		fail_msg("no process is called %s", title);
	return pid;
}

size_t
srv_count_processes(struct srv *srv)
{
	char text[4096], *at = read_children(srv, text, sizeof text);
	size_t n = 0;

	while (next_child(&at) != 0)
		n++;
	return n;
}

const char *
srv_title_beside(struct srv *srv, const char *role, int slot)
{
	static char title[32];
	int i;

	for (i = 1; i <= SLOTS_MAX; i++) {
		snprintf(title, sizeof title, "%s %d", role, i);
		if (i != slot && srv_process(srv, title) != 0)
			return title;
	}
	fail_msg("no other %s", role);
	return NULL;
}

int
srv_slot_of(struct srv *srv, int fd)
{
	json_t *rec = srv_wait_event(srv, "conn.open", "{s:s}", "client",
	    client_local(fd));

	return (int)json_integer_value(json_object_get(rec, "slot"));
}

bool
srv_kill(struct srv *srv, const char *title)
{
	pid_t pid = srv_process(srv, title);
	int fd = pid == 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	bool done = fd != -1 && srv_process(srv, title) == pid &&
	    syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;

	fd_close(&fd);
	return done;
}

uint64_t
srv_cpu_ns(pid_t pid)
{
	char text[128];

	if (read_proc(pid, "schedstat", text, sizeof text) == 0)
		fail_msg("process %d is not there", (int)pid);
	return strtoull(text, NULL, 10);
}

json_t *
srv_audit(struct srv *srv)
{
	json_error_t error;
	json_t *audit;
	struct proc p;

	if (srv_verb(srv, &p, "audit", "--json", NULL) != 0)
		fail_msg("the audit says %d: %s%s", p.status, p.out, p.err);
	audit = json_loads(p.out, 0, &error);
	if (audit == NULL)
		fail_msg("the audit is no JSON: %s", p.out);
	proc_end(&p);
	return audit;
}

uint64_t
srv_audit_count(struct srv *srv, const char *what)
{
	json_t *audit = srv_audit(srv);
	uint64_t n = (uint64_t)json_integer_value(json_object_get(audit, what));

	json_decref(audit);
	return n;
}

size_t
srv_ready_workers(struct srv *srv)
{
	json_t *status, *worker;
	size_t i, n = 0;
	struct proc p;

	if (srv_verb(srv, &p, "status", "--json", NULL) != 0)
		fail_msg("status says %d: %s%s", p.status, p.out, p.err);
	status = json_loads(p.out, 0, NULL);
	assert_non_null(status);
	json_array_foreach(json_object_get(status, "workers"), i, worker)
		n += strcmp(json_string_value(json_object_get(worker,
		    "state")), "ready") == 0;
	json_decref(status);
	proc_end(&p);
	return n;
}
