/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the other scenarios stand on must itself be able to say no.
 */
#include <string.h>

#include "tests/system/lib/belay.h"

/* Any byte lost, doubled, changed or out of place is seen, and where. */
static void
test_pattern(void **state)
{
	unsigned char good[512], bad[512];
	size_t i;

	(void)state;
	pattern_fill(3, 1001, good, sizeof good);
	assert_int_equal(pattern_check(3, 1001, good, sizeof good), 512);
	assert_true(pattern_check(4, 1001, good, sizeof good) < 8);
	assert_true(pattern_check(3, 1000, good, sizeof good) < 8);
	assert_true(pattern_check(3, 1009, good, sizeof good) < 8);
	for (i = 0; i < sizeof good; i += 37) {
		memcpy(bad, good, sizeof bad);
		bad[i] ^= 1;
		assert_int_equal(pattern_check(3, 1001, bad, sizeof bad), i);
	}
	/* Filled in two pieces is the same stream. */
	pattern_fill(3, 1001, bad, 100);
	pattern_fill(3, 1101, bad + 100, sizeof bad - 100);
	assert_memory_equal(good, bad, sizeof good);
}

static void
test_proc(void **state)
{
	static const char *const cat[] = { "cat", NULL };
	static const char *const sh[] = {
		"sh", "-c", "echo out; echo err >&2; exit 7", NULL
	};
	static const char *const none[] = { "/nonexistent/program", NULL };
	static const char *const killed[] = { "sh", "-c", "kill -9 $$", NULL };
	static char much[1 << 20];
	struct proc p;

	(void)state;
	proc_start(&p, sh);
	assert_int_equal(proc_wait(&p), 7);
	assert_string_equal(p.out, "out\n");
	assert_string_equal(p.err, "err\n");
	proc_end(&p);
	memset(much, 'x', sizeof much);
	proc_start(&p, cat);
	proc_feed(&p, much, sizeof much);
	proc_feed(&p, "the end", 7);
	proc_wait_said(&p, "the end");
	assert_int_equal(proc_wait(&p), 0);
	assert_int_equal(p.out_len, sizeof much + 7);
	proc_end(&p);
	proc_start(&p, none);
	assert_int_equal(proc_wait(&p), 127);
	proc_end(&p);
	proc_start(&p, killed);
	assert_int_equal(proc_wait(&p), 128 + 9);
	proc_end(&p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_pattern, test_end),
		cmocka_unit_test_teardown(test_proc, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
