/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer: the heap against a plain array, over random operations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "worker/timer.h"

enum { NROWS = 64 };

struct model {
	int64_t when[NROWS];		/* 0: no entry */
};

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* An entry moves forward only: the heap is lazy about the rest. */
static void
model_set(struct model *m, int fd, int64_t when)
{
	if (when == 0)
		m->when[fd] = 0;
	else if (m->when[fd] == 0 || when < m->when[fd])
		m->when[fd] = when;
}

static int64_t
model_next(const struct model *m)
{
	int64_t next = INT64_MAX;

	for (int fd = 0; fd < NROWS; fd++)
		if (m->when[fd] != 0 && m->when[fd] < next)
			next = m->when[fd];
	return next;
}

/* The heap's shape, and that every place says where its entry is. */
static void
check_heap(const struct timers *t)
{
	uint32_t placed = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		assert_int_equal(t->place[t->heap[i]], i + 1);
		if (i > 0)
			assert_true(t->when[t->heap[(i - 1) / 2]] <=
			    t->when[t->heap[i]]);
	}
	for (uint32_t fd = 0; fd < NROWS; fd++)
		placed += t->place[fd] != 0;
	assert_int_equal(placed, t->n);
}

static void
pop_due(struct timers *t, struct model *m, int64_t now)
{
	int64_t last = INT64_MIN;
	int fd;

	while ((fd = timers_pop(t, now)) != -1) {
		assert_in_range(fd, 0, NROWS - 1);
		assert_int_not_equal(m->when[fd], 0);
		assert_true(m->when[fd] <= now && m->when[fd] >= last);
		last = m->when[fd];
		m->when[fd] = 0;
	}
	assert_true(model_next(m) > now);
}

static void
test_random(void **state)
{
	struct model m = { .when = { 0 } };
	uint64_t x = 88172645463325252u;
	struct timers t;
	int64_t now = 1000;

	(void)state;
	assert_int_equal(timers_open(&t, NROWS), 0);
	assert_int_equal(timers_next(&t), INT64_MAX);
	for (int i = 0; i < 200000; i++) {
		int fd = (int)(next_random(&x) % NROWS);
		int64_t when = now + (int64_t)(next_random(&x) % 100);

		switch (next_random(&x) % 8) {
		case 0:
			timers_clear(&t, fd);
			m.when[fd] = 0;
			break;
		case 1:
			now += (int64_t)(next_random(&x) % 20);
			pop_due(&t, &m, now);
			break;
		case 2:
			when = 0;
			/* FALLTHROUGH */
		default:
			timers_set(&t, fd, when);
			model_set(&m, fd, when);
			break;
		}
		check_heap(&t);
		assert_int_equal(timers_next(&t), model_next(&m));
	}
	pop_due(&t, &m, INT64_MAX - 1);
	assert_int_equal(t.n, 0);
}

static void
test_all_rows(void **state)
{
	struct timers t;

	(void)state;
	assert_int_equal(timers_open(&t, NROWS), 0);
	for (int fd = 0; fd < NROWS; fd++)
		timers_set(&t, fd, 1 + (fd * 37) % NROWS);
	for (int i = 1; i <= NROWS; i++) {
		assert_int_equal(timers_pop(&t, i - 1), -1);
		assert_int_equal((timers_pop(&t, i) * 37) % NROWS + 1, i);
	}
	assert_int_equal(timers_pop(&t, INT64_MAX), -1);
}

static void
test_lazy(void **state)
{
	struct timers t;

	(void)state;
	assert_int_equal(timers_open(&t, NROWS), 0);
	timers_set(&t, 5, 100);
	timers_set(&t, 5, 900);		/* later: the entry stays */
	assert_int_equal(timers_next(&t), 100);
	timers_set(&t, 5, 50);		/* sooner: it moves */
	assert_int_equal(timers_next(&t), 50);
	timers_set(&t, 5, 0);
	assert_int_equal(timers_next(&t), INT64_MAX);
	timers_clear(&t, 5);		/* twice is harmless */
	timers_set(&t, 5, -1);		/* a time that is long past is due */
	assert_int_equal(timers_pop(&t, 0), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_all_rows),
		cmocka_unit_test(test_lazy),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
