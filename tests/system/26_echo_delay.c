/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection in its delay is served serially: what it says meanwhile waits,
 * what others say does not, and no worker's end shortens or loses it.
 */
#include <string.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"

enum { DELAY_MS = 600, OTHERS = 20 };

static const char conf[] =
    "workers = 1\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 600ms delay_if = \"A456\" } }\n"
    "service \"all\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
    "	echo { delay = 50ms } }\n";

static void
hello(int fd, const char *text)
{
	client_say(fd, text);
	client_expect(fd, text);
}

/* Said, and read by the server: it is in its delay. */
static int64_t
say_slow(struct srv *srv, int fd)
{
	int64_t said = clock_mono_ms();

	client_say(fd, "xA456y");
	look_wait_number(srv, "services.0.bytes_in", 6);
	return said;
}

static void
expect_slow(int fd, int64_t said)
{
	client_expect(fd, "xA456y");
	assert_in_range(clock_mono_ms() - said, DELAY_MS, DELAY_MS + 5000);
}

static void
test_serial(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int slow = client_open(srv_addr(srv, "e", 0)), i;
	int *others = client_open_many(OTHERS, srv_addr(srv, "e", 0));
	int64_t said = say_slow(srv, slow);

	(void)state;
	client_say(slow, "quick");	/* its turn is after the slow one */
	for (i = 0; i < OTHERS; i++)
		hello(others[i], "A45, nearly");
	assert_in_range(clock_mono_ms() - said, 0, DELAY_MS - 1);
	assert_false(client_readable(slow, 0));
	expect_slow(slow, said);
	client_expect(slow, "quick");
	client_close(&slow);
	client_close_many(&others, OTHERS);
	srv_finish(&srv);
}

static void
test_all_wait(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "all", 0)), i;
	int64_t began = clock_mono_ms();

	(void)state;
	for (i = 0; i < 4; i++)
		hello(fd, "x");
	assert_in_range(clock_mono_ms() - began, 4 * 50, 4 * 50 + 5000);
	client_close(&fd);
	srv_finish(&srv);
}

/* The FIN comes in the middle of the delay. */
static void
test_half_close(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));
	int64_t said = say_slow(srv, fd);

	(void)state;
	client_say(fd, "and more");
	client_shut(fd);
	expect_slow(fd, said);
	client_expect(fd, "and more");
	client_expect_eof(fd);
	client_close(&fd);
	srv_finish(&srv);
}

static void
test_killed(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));
	int64_t said = say_slow(srv, fd);

	(void)state;
	client_say(fd, "quick");
	assert_true(srv_kill(srv, "worker 1"));
	srv_wait_event(srv, "worker.adopted", "{s:i, s:i}", "adopted", 1,
	    "lost", 0);
	expect_slow(fd, said);
	client_expect(fd, "quick");
	client_close(&fd);
	srv_finish(&srv);
}

/* What comes meanwhile does not begin the delay anew. */
static void
test_chatter(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0));
	int64_t said = say_slow(srv, fd), deadline = test_deadline_ms();
	int more = 0;

	(void)state;
	while (!client_readable(fd, 10)) {
		client_say(fd, "q");
		more++;
		if (test_left_ms(deadline) == 0)
			fail_msg("after %d bytes still no reply", more);
	}
	expect_slow(fd, said);
	while (more-- > 0)
		client_expect(fd, "q");
	client_close(&fd);
	srv_finish(&srv);
}

/* Gone in its delay: nobody waits for it, and the timer hits nobody. */
static void
test_reset(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	int fd = client_open(srv_addr(srv, "e", 0)), next;
	int64_t said = say_slow(srv, fd);

	(void)state;
	client_reset(&fd);
	next = client_open(srv_addr(srv, "e", 0));
	hello(next, "hi");
	srv_wait_event(srv, "conn.close", "{s:s}", "reason", "reset");
	hello(next, "hi");
	assert_true(clock_mono_ms() - said < DELAY_MS + 5000);
	client_close(&next);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_serial, test_end),
		cmocka_unit_test_teardown(test_all_wait, test_end),
		cmocka_unit_test_teardown(test_half_close, test_end),
		cmocka_unit_test_teardown(test_killed, test_end),
		cmocka_unit_test_teardown(test_chatter, test_end),
		cmocka_unit_test_teardown(test_reset, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
