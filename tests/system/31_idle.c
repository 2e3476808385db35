/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An idle server does nothing at all: no process of it makes a system call in
 * ten seconds, with connections open; and it needs next to no memory.
 */
#include <sys/stat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lib/look.h"

enum { IDLE_MS = 10000, SETTLE_MS = 2000, CLIENTS = 10, PRIVATE_KB = 2048,
	ARGS = 8 + 2 * LOOK_PIDS_MAX };

/* The shorter time lets all that is armed by the clients' bytes end soon. */
static const char conf[] =
    "workers = 2\n"
    "hang_timeout = 1s\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static size_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 ? 0 : (size_t)st.st_size;
}

/* Attaches to all of them; what they do goes to the file. */
static void
strace_start(struct proc *p, struct srv *srv, const char *path)
{
	static char texts[LOOK_PIDS_MAX][16];
	const char *argv[ARGS] = { "strace", "-f", "-o", path };
	pid_t pids[LOOK_PIDS_MAX];
	size_t i, n = look_pids(srv, pids), argc = 4;

	for (i = 0; i < n; i++) {
		snprintf(texts[i], sizeof texts[i], "%d", (int)pids[i]);
		argv[argc++] = "-p";
		argv[argc++] = texts[i];
	}
	argv[argc] = NULL;
	proc_start(p, argv);
	for (i = 0; i < n && p->err_fd != -1; i++) {
		char said[64];

		snprintf(said, sizeof said, "Process %.20s attached", texts[i]);
		proc_wait_said(p, said);
	}
}

/* Attaching makes them all look up: until that is over. */
static void
wait_quiet(const char *path, int fd)
{
	int64_t deadline = test_deadline_ms() + IDLE_MS;
	size_t before;

	do {
		before = size_of(path);
		assert_false(client_readable(fd, SETTLE_MS));
		if (test_left_ms(deadline) == 0)
			fail_msg("it never rests");
	} while (size_of(path) != before);
}

static void
test_no_call(void **state)
{
	struct srv *srv;
	char path[128], *text;
	struct proc p;
	size_t before;
	int *fds, i;

	(void)state;
	test_need_program("strace");
	srv = srv_start("%s", conf);
	fds = client_open_many(CLIENTS, srv_addr(srv, "e", 0));
	for (i = 0; i < CLIENTS; i++) {
		client_say(fds[i], "hi");
		client_expect(fds[i], "hi");
	}
	snprintf(path, sizeof path, "%s", srv_path(srv, "trace"));
	strace_start(&p, srv, path);
	wait_quiet(path, fds[0]);
	before = size_of(path);
	assert_false(client_readable(fds[0], IDLE_MS));
	if (size_of(path) != before) {
		text = look_file(path, NULL);
		fail_msg("not idle: %s", text + before);
	}
	/* It is the right file: work leaves traces there. */
	client_say(fds[1], "hi");
	client_expect(fds[1], "hi");
	assert_int_equal(kill(p.pid, SIGINT), 0);
	proc_wait(&p);
	proc_end(&p);
	assert_true(size_of(path) > before);
	assert_int_equal(unlink(path), 0);
	client_close_many(&fds, CLIENTS);
	srv_finish(&srv);
}

static long
private_kb(pid_t pid)
{
	static const char *const keys[] = { "Private_Clean:",
	    "Private_Dirty:" };
	char path[64], *text;
	long sum = 0;
	size_t i;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	text = look_file(path, NULL);
	if (text == NULL)
		look_skip("no smaps_rollup here");
	for (i = 0; i < nitems(keys); i++) {
		look_holds(text, keys[i]);
		sum += strtol(strstr(text, keys[i]) + strlen(keys[i]), NULL,
		    10);
	}
	free(text);
	return sum;
}

static void
test_memory(void **state)
{
	static const char *const titles[] = { "keeper 1", "worker 1" };
	struct srv *srv;
	long anchor, master;
	size_t i;
	int *fds;

	(void)state;
	if (test_sanitized())
		look_skip("a sanitizer needs memory of its own");
	srv = srv_start("%s", conf);
	fds = client_open_many(CLIENTS, srv_addr(srv, "e", 0));
	json_decref(look_status(srv));
	anchor = private_kb(srv->pid);
	master = private_kb(srv_process(srv, "master"));
	print_message("private: anchor %ld kB, master %ld kB", anchor, master);
	for (i = 0; i < nitems(titles); i++)
		print_message(", %s %ld kB", titles[i],
		    private_kb(srv_process(srv, titles[i])));
	print_message("\n");
	assert_in_range(anchor, 1, PRIVATE_KB);
	assert_in_range(master, 1, PRIVATE_KB);
	client_close_many(&fds, CLIENTS);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_no_call, test_end),
		cmocka_unit_test_teardown(test_memory, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
