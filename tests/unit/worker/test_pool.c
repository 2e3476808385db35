/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool: every buffer is given out once, whatever was found in use before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "worker/pool.h"

enum { NBUFS = 40 };

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

struct found {
	const char *name;
	uint32_t buf[NBUFS + 4];	/* as rows claim them */
	size_t n;
	uint32_t good;			/* how many claims are believed */
};

static const struct found table[] = {
	{ "nothing", { 0 }, 0, 0 },
	{ "the first", { 1 }, 1, 1 },
	{ "the last", { NBUFS - 1 }, 1, 1 },
	{ "holes", { 3, 9, 4, 20 }, 4, 4 },
	{ "none is not a buffer", { 0, 0, 2 }, 3, 1 },
	{ "one behind the last", { NBUFS, UINT32_MAX, 2 }, 3, 1 },
	{ "twice the same", { 7, 7, 7 }, 3, 1 },
};

/* Takes all there are: each once, none of those that were found. */
static void
drain(struct pool *p, const uint8_t *used, uint32_t left)
{
	uint8_t seen[NBUFS] = { 0 };
	uint32_t buf;

	assert_int_equal(pool_left(p), left);
	for (; left > 0; left--) {
		buf = pool_take(p);
		assert_in_range(buf, 1, NBUFS - 1);
		assert_false(seen[buf] || used[buf]);
		seen[buf] = 1;
		assert_int_equal(pool_left(p), left - 1);
	}
	assert_int_equal(pool_take(p), 0);
	assert_int_equal(pool_take(p), 0);
}

static void
test_rebuild(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(table); i++) {
		uint8_t used[NBUFS] = { 0 };
		uint32_t good = 0;
		struct pool p;

		assert_int_equal(pool_open(&p, NBUFS), 0);
		for (size_t k = 0; k < table[i].n; k++) {
			if (!pool_mark(&p, table[i].buf[k]))
				continue;
			used[table[i].buf[k]] = 1;
			good++;
		}
		assert_int_equal(good, table[i].good);
		pool_rebuilt(&p);
		drain(&p, used, NBUFS - 1 - good);
	}
}

static void
test_hot(void **state)
{
	struct pool p;
	uint32_t a, b;

	(void)state;
	assert_int_equal(pool_open(&p, NBUFS), 0);
	a = pool_take(&p);
	b = pool_take(&p);
	assert_int_not_equal(a, b);
	pool_give(&p, a);
	pool_give(&p, 0);		/* none: harmless */
	assert_int_equal(pool_left(&p), NBUFS - 2);
	assert_int_equal(pool_take(&p), a);	/* its pages are there */
}

static void
test_random(void **state)
{
	uint32_t held[NBUFS], n = 0, x = 1;
	struct pool p;

	(void)state;
	assert_int_equal(pool_open(&p, NBUFS), 0);
	for (int i = 0; i < 100000; i++) {
		x = x * 1103515245 + 12345;
		if ((x >> 16 & 1) != 0 && pool_left(&p) > 0) {
			held[n] = pool_take(&p);
			for (uint32_t k = 0; k < n; k++)
				assert_int_not_equal(held[k], held[n]);
			n++;
		} else if (n > 0) {
			uint32_t k = (x >> 17) % n;

			pool_give(&p, held[k]);
			held[k] = held[--n];
		}
		assert_int_equal(pool_left(&p) + n, NBUFS - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rebuild),
		cmocka_unit_test(test_hot),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
