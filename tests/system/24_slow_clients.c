/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 200 clients that ask for much and read a byte now and then do not delay a
 * fast one that shares their only worker.
 */
#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"

enum { SLOW = 200, ROUNDS = 4000, PASSES = 50, P99_US = 20000 };

static const char conf[] =
    "workers = 1\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

/* Some more of what each asks for; true if anybody had room. */
static bool
slow_feed(int *slow)
{
	static char buf[16384];
	bool any = false;
	size_t i;

	for (i = 0; i < SLOW; i++)
		any |= send(slow[i], buf, sizeof buf,
		    MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	return any;
}

static void
slow_begin(int *slow, const char *addr)
{
	size_t i;

	for (i = 0; i < SLOW; i++)
		slow[i] = client_open_tight(addr);
	for (i = 0; i < PASSES && slow_feed(slow); i++)
		;
}

/* Each reads one more byte and asks for some more. */
static void
slow_step(int *slow, size_t round)
{
	char buf[64] = { 0 };
	int fd = slow[round % SLOW];

	(void)!recv(fd, buf, 1, MSG_DONTWAIT);
	(void)!send(fd, buf, sizeof buf, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Microseconds that the 99th of a hundred round trips takes. */
static int64_t
p99_us(const char *addr, int *slow)
{
	size_t rounds = test_scale(ROUNDS, 4), i;
	int64_t *us = calloc(rounds, sizeof *us), worst;
	int fd = client_open(addr);

	assert_non_null(us);
	for (i = 0; i < rounds; i++) {
		if (slow != NULL)
			slow_step(slow, i);
		us[i] = clock_mono_us();
		client_say(fd, "quick");
		client_expect(fd, "quick");
		us[i] = clock_mono_us() - us[i];
	}
	qsort(us, rounds, sizeof us[0], look_compare_int64);
	worst = us[rounds * 99 / 100];
	client_close(&fd);
	free(us);
	return worst;
}

static void
test_fast_one(void **state)
{
	struct srv *srv = srv_start("%s", conf);
	const char *addr = srv_addr(srv, "e", 0);
	int64_t alone = p99_us(addr, NULL), beside;
	int slow[SLOW];
	size_t i;

	(void)state;
	slow_begin(slow, addr);
	beside = p99_us(addr, slow);
	print_message("p99 alone %lld us, beside %d slow clients %lld us\n",
	    (long long)alone, SLOW, (long long)beside);
	assert_in_range(beside, 0, P99_US + 20 * alone);
	look_wait_number(srv, "services.0.connections", SLOW);
	for (i = 0; i < SLOW; i++)
		client_close(&slow[i]);
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_fast_one, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
