/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hundred reloads in a row under a thousand connections: none is lost, and
 * nothing grows.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/lib/change.h"
#include "tests/system/lib/look.h"

enum { CONNS = 1000, WINDOW = 500, RELOADS = 100, FIRST = 10, SPARE = 100 };

static const char conf[] =
    "workers = 2\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

struct usage {
	size_t processes, anchor_fds, master_fds;
	uint64_t kib;			/* of all processes, their share */
};

static size_t
count_fds(pid_t pid)
{
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static uint64_t
pss_kib(pid_t pid)
{
	unsigned long long kib = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Pss: %llu kB", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

static struct usage
look_usage(struct srv *srv)
{
	pid_t pids[LOOK_PIDS_MAX];
	struct usage u = { 0 };
	size_t i;

	u.processes = look_pids(srv, pids);
	u.anchor_fds = count_fds(srv->pid);
	u.master_fds = count_fds(srv_must_find(srv, "master"));
	for (i = 0; i < u.processes; i++)
		u.kib += pss_kib(pids[i]);
	return u;
}

static void
test_many(void **state)
{
	size_t conns = test_fit_files(CONNS, SPARE), i;
	size_t reloads = test_scale(RELOADS, 5);
	struct srv *srv = srv_start("%s", conf);
	struct streams *s = streams_open(conns, srv_addr(srv, "e", 0), WINDOW);
	struct usage first = { 0 }, last;
	char says[64];

	(void)state;
	snprintf(says, sizeof says, "2 workers, %zu connections kept", conns);
	for (i = 1; i <= reloads; i++) {
		change_must(srv, s, "reload", NULL, says);
		if (i != FIRST)
			continue;
		change_wait_even(srv, s, 2);
		first = look_usage(srv);
	}
	change_wait_even(srv, s, 2);
	last = look_usage(srv);
	print_message("%zu to %zu KiB, %zu processes, %zu and %zu "
	    "descriptors\n", (size_t)first.kib, (size_t)last.kib,
	    last.processes, last.anchor_fds, last.master_fds);
	assert_int_equal(last.processes, first.processes);
	assert_int_equal(last.anchor_fds, first.anchor_fds);
	assert_int_equal(last.master_fds, first.master_fds);
	if (!test_sanitized())
		assert_in_range(last.kib, 0, first.kib + first.kib / 4);
	assert_int_equal(srv_count_events(srv, "conn.close", NULL), 0);
	assert_int_equal(srv_audit_count(srv, "open"), conns);
	change_none_lost(&s);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_many, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
