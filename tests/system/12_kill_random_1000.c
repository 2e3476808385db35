/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers are killed at random instants under streams whose every byte is
 * checked, while short connections come and go: no byte is wrong, nobody is
 * lost.  Then the same with the master among those who are killed.
 *
 * alone: the instants are random only where the processors are free.
 */
#include <sys/timerfd.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/system/lib/belay.h"

enum {
	STREAMS = 48,
	WINDOW = 80000,		/* more than one send takes */
	VISITORS = 8,
	DELAY_US = 9000		/* the longest between two kills */
};

static const char conf[] =
    "workers = 2\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "log { target = \"${DIR}/log.json\"  connections = false }\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

struct storm {
	struct srv *srv;
	struct streams *streams;
	struct churn *churn;
	int timer_fd;
	uint64_t random;
};

static void
timer_arm(struct storm *st, uint64_t us)
{
	struct itimerspec at = {
		.it_value = { .tv_nsec = (long)(us % 1000000) * 1000 + 1,
		    .tv_sec = (time_t)(us / 1000000) }
	};

	assert_int_equal(timerfd_settime(st->timer_fd, 0, &at, NULL), 0);
}

static void
storm_begin(struct storm *st)
{
	const char *addr;

	memset(st, 0, sizeof *st);
	st->random = test_seed();
	st->srv = srv_start(conf);
	addr = srv_addr(st->srv, "e", 0);
	st->streams = streams_open(STREAMS, addr, WINDOW);
	st->churn = churn_open(VISITORS, addr, st->random);
	st->timer_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);
	assert_int_not_equal(st->timer_fd, -1);
}

/* Serves the clients until the timer says "now". */
static void
storm_wait(struct storm *st)
{
	struct pollfd fds[] = {
		{ .fd = st->timer_fd, .events = POLLIN },
		{ .fd = streams_fd(st->streams), .events = POLLIN },
		{ .fd = churn_fd(st->churn), .events = POLLIN },
	};
	uint64_t n;

	for (;;) {
		assert_true(poll(fds, nitems(fds), LIMIT_MS) > 0);
		if (fds[0].revents != 0 &&
		    read(st->timer_fd, &n, sizeof n) == sizeof n)
			return;
		if (fds[1].revents != 0)
			streams_step(st->streams, 0);
		if (fds[2].revents != 0)
			churn_step(st->churn, 0);
	}
}

/* So many kills, of titles at random; a victim that is not there right now is
 * no kill. */
static void
storm_kill(struct storm *st, size_t kills, const char *const *titles,
    size_t ntitles)
{
	size_t done = 0;
	const char *title;

	while (done < kills) {
		timer_arm(st, test_random(&st->random) % DELAY_US);
		storm_wait(st);
		title = titles[test_random(&st->random) % ntitles];
		done += srv_kill(st->srv, title);
	}
}

static void
storm_end(struct storm *st, size_t kills, int64_t began_ms)
{
	struct streams_sum s;
	struct churn_sum c;

	streams_flow(st->streams, WINDOW);
	s = streams_finish(&st->streams);
	c = churn_finish(&st->churn);
	print_message("%zu kills in %lld ms: %llu MB echoed, %zu short "
	    "connections; wrong %zu, lost %zu\n", kills,
	    (long long)(clock_mono_ms() - began_ms),
	    (unsigned long long)(s.bytes >> 20), c.done, s.wrong + c.wrong,
	    s.lost + c.lost);
	assert_int_equal(s.wrong + c.wrong, 0);
	assert_int_equal(s.lost + c.lost, 0);
	assert_int_equal(srv_audit_count(st->srv, "lost"), 0);
	close(st->timer_fd);
	srv_finish(&st->srv);
}

static void
storm_run(size_t kills, const char *const *titles, size_t ntitles)
{
	int64_t began_ms;
	struct storm st;

	storm_begin(&st);
	streams_flow(st.streams, 1);
	began_ms = clock_mono_ms();
	storm_kill(&st, kills, titles, ntitles);
	storm_end(&st, kills, began_ms);
}

static void
test_workers(void **state)
{
	static const char *const titles[] = { "worker 1", "worker 2" };

	(void)state;
	storm_run(test_scale(1000, 4), titles, nitems(titles));
}

static void
test_master_too(void **state)
{
	static const char *const titles[] = {
		"master", "worker 1", "worker 2"
	};

	(void)state;
	storm_run(test_scale(200, 4), titles, nitems(titles));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_workers, test_end),
		cmocka_unit_test_teardown(test_master_too, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
