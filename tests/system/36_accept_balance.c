/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long-lived connections are spread over the workers, and those who stay out
 * because they have enough come back when nobody else is there to accept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/lib/look.h"

enum { CLIENTS = 240, BURST = 400, WORKERS_MAX = 4,
	SPEAKERS = 8, TOKENS = 4 };	/* restarts that are had at once */

static const char conf[] =
    "workers = %d\n"
    "restart_backoff_min = 1h\n"
    "restart_backoff_max = 1h\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static void
hello(int fd)
{
	client_say(fd, "hi");
	client_expect(fd, "hi");
}

/* Some that are there say something, so that each worker has a turn in which it
 * looks at its siblings: their wake-ups are slower than clients can be. */
static void
some_speak(const int *fds, size_t n)
{
	size_t k;

	for (k = 0; k < SPEAKERS; k++)
		hello(fds[(n * 7 + k * 13) % (n + 1)]);
}

/* Each is served before the next comes; they stay. */
static int *
open_served(struct srv *srv, size_t n)
{
	const char *addr = srv_addr(srv, "e", 0);
	int *fds = calloc(n, sizeof *fds);
	size_t i;

	assert_non_null(fds);
	for (i = 0; i < n; i++) {
		fds[i] = client_open(addr);
		hello(fds[i]);
		some_speak(fds, i);
	}
	return fds;
}

static int64_t
connections(const json_t *status, int worker)
{
	char path[64];

	snprintf(path, sizeof path, "workers.%d.connections", worker);
	return look_number(status, path);
}

/* The most of one worker; *sum is of all. */
static int64_t
most_of_one(struct srv *srv, int workers, int64_t *sum)
{
	json_t *status = look_status(srv);
	int64_t n, most = 0;
	int i;

	for (i = 0, *sum = 0; i < workers; i++) {
		n = connections(status, i);
		*sum += n;
		most = n > most ? n : most;
	}
	json_decref(status);
	return most;
}

static void
check_spread(int workers)
{
	struct srv *srv = srv_start(conf, workers);
	int *fds = open_served(srv, CLIENTS);
	int64_t sum, most = most_of_one(srv, workers, &sum);

	print_message("%d workers: mean %lld, most %lld\n", workers,
	    (long long)sum / workers, (long long)most);
	assert_int_equal(sum, CLIENTS);
	assert_true(most * workers * 10 <= sum * 12);	/* max / mean <= 1.2 */
	client_close_many(&fds, CLIENTS);
	srv_finish(&srv);
}

static void
test_spread(void **state)
{
	int workers;

	(void)state;
	for (workers = 2; workers <= WORKERS_MAX; workers *= 2)
		check_spread(workers);
}

/* All at once: whoever took too many gives some away. */
static void
test_burst(void **state)
{
	struct srv *srv = srv_start(conf, WORKERS_MAX);
	int *fds = client_open_many(BURST, srv_addr(srv, "e", 0));
	int64_t deadline = test_deadline_ms(), sum, most;
	size_t i;

	(void)state;
	look_wait_number(srv, "services.0.connections", BURST);
	do {
		most = most_of_one(srv, WORKERS_MAX, &sum);
		if (test_left_ms(deadline) == 0)
			fail_msg("%lld of %d stay with one worker",
			    (long long)most, BURST);
	} while (most * WORKERS_MAX * 4 > sum * 5 + WORKERS_MAX * 4);
	for (i = 0; i < BURST; i++)
		hello(fds[i]);
	client_close_many(&fds, BURST);
	srv_finish(&srv);
}

/* Worker 1 is killed until it has to wait: the other takes all there are. */
static void
test_last_one(void **state)
{
	struct srv *srv = srv_start(conf, 2);
	int *fds = open_served(srv, CLIENTS), *more;
	json_t *status;
	size_t i;

	(void)state;
	for (i = 0; i < TOKENS; i++) {
		assert_true(srv_kill(srv, "worker 1"));
		srv_wait_nth(srv, i + 2, "worker.ready", "{s:i}", "slot", 1);
	}
	assert_true(srv_kill(srv, "worker 1"));
	srv_wait_event(srv, "worker.backoff", "{s:i}", "slot", 1);
	more = open_served(srv, CLIENTS);
	status = look_status(srv);
	assert_true(connections(status, 1) >= CLIENTS);
	json_decref(status);
	client_close_many(&fds, CLIENTS);
	client_close_many(&more, CLIENTS);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_spread, test_end),
		cmocka_unit_test_teardown(test_burst, test_end),
		cmocka_unit_test_teardown(test_last_one, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
