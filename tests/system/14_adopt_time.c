/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a kill is felt: until a worker serves again with 1,000 connections,
 * until 10,000 are adopted, until another master answers.  The numbers are
 * printed; with a sanitizer there is nothing more to them.
 *
 * alone: it measures time.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "tests/system/lib/belay.h"

enum {
	ROUNDS = 20,
	SPARE = 200,
	SERVED_US = 10000,		/* the bars: 1,000 connections */
	ADOPTED_US = 25000,		/* 10,000 */
	MASTER_US = 100000
};

static const char conf[] =
    "workers = 1\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "log { target = \"${DIR}/log.json\"  connections = false }\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "    backlog = 4096  first_byte_timeout = 0s  idle_timeout = 0s }\n";

struct times {
	int64_t us[ROUNDS];
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts, prints, and holds the median against the bar. */
static void
judge(struct times *t, const char *what, int64_t bar_us)
{
	int64_t median;

	qsort(t->us, t->n, sizeof t->us[0], compare);
	median = t->us[t->n / 2];
	print_message("%s: median of %zu %lld us, least %lld, most %lld; "
	    "bar %lld\n", what, t->n, (long long)median, (long long)t->us[0],
	    (long long)t->us[t->n - 1], (long long)bar_us);
	if (!test_sanitized() && median > bar_us)
		fail_msg("%s: %lld us", what, (long long)median);
}

/* From the kill to the echo of a byte that was sent behind it. */
static int64_t
served_us(struct srv *srv, int fd)
{
	int64_t began_us;
	char c = 'x';

	began_us = clock_mono_us();
	assert_true(srv_kill(srv, "worker 1"));
	client_send(fd, &c, 1);
	client_recv(fd, &c, 1);
	return clock_mono_us() - began_us;
}

static void
kill_worker(size_t want, int64_t served_bar_us, int64_t took_bar_us)
{
	size_t n = test_fit_files(test_scale(want, 5), SPARE), i;
	struct times served = { .n = ROUNDS }, took = { .n = ROUNDS };
	struct srv *srv = srv_start(conf);
	int *fds = client_open_many(n, srv_addr(srv, "e", 0));
	json_t *rec;

	/* The last one accepted is served: all are. */
	client_say(fds[n - 1], "hello");
	client_expect(fds[n - 1], "hello");
	print_message("%zu connections\n", n);
	for (i = 0; i < ROUNDS; i++) {
		srv_mark(srv);
		served.us[i] = served_us(srv, fds[i * (n / ROUNDS)]);
		rec = srv_wait_event(srv, "worker.adopted", NULL);
		took.us[i] = json_integer_value(json_object_get(rec,
		    "took_us"));
		assert_int_equal(json_integer_value(json_object_get(rec,
		    "adopted")), n);
	}
	judge(&served, "served again, seen by a client", served_bar_us);
	judge(&took, "adopted, as the log says", took_bar_us);
	client_close_many(&fds, n);
	srv_finish(&srv);
}

static void
test_served(void **state)
{
	(void)state;
	kill_worker(1000, SERVED_US, SERVED_US);
}

static void
test_adopted(void **state)
{
	(void)state;
	kill_worker(10000, ADOPTED_US, ADOPTED_US);
}

/* The control socket outlives the master: who asks, waits for the next one. */
static void
test_master(void **state)
{
	struct srv *srv = srv_start(conf);
	struct times t = { .n = ROUNDS };
	int64_t began_us;
	struct proc p;
	size_t i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		srv_mark(srv);
		began_us = clock_mono_us();
		assert_true(srv_kill(srv, "master"));
		if (srv_verb(srv, &p, "status", NULL) != 0)
			fail_msg("status says %d: %s", p.status, p.err);
		t.us[i] = clock_mono_us() - began_us;
		proc_end(&p);
		srv_wait_event(srv, "master.restart", NULL);
	}
	judge(&t, "another master answers, with the verb's own start",
	    MASTER_US);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_served, test_end),
		cmocka_unit_test_teardown(test_adopted, test_end),
		cmocka_unit_test_teardown(test_master, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
