/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * balance among several workers: long-lived connections arrive and leave at
 * random, and the kernel favours the first worker that accepts, as epoll does
 * when all of them sleep.  A worker looks at its siblings in its own turns, and
 * one outside of the accept set now and then besides.  SIM_SEED=N runs one
 * seed instead of the fixed ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "worker/balance.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum { WORKERS_MAX = 16, ARRIVALS = 20000, SEEDS = 20, SETTLE = 200 };

struct setup {
	const char *name;
	size_t workers;
	int favour_pct;			/* goes to the first that accepts */
	int leave_pct;			/* departures per 100 arrivals */
	int lag;			/* arrivals between outsiders' looks */
	int deaths;			/* per 10000 arrivals */
	uint32_t from_mean;		/* judged from so many a worker on */
};

static const struct setup setups[] = {
	{ "two, all to the first", 2, 100, 0, 1, 0, 50 },
	{ "four, all to the first", 4, 100, 0, 1, 0, 50 },
	{ "sixteen, all to the first", 16, 100, 0, 1, 0, 50 },
	{ "four, at random", 4, 0, 0, 1, 0, 50 },
	{ "two, slow looks", 2, 100, 0, 8, 0, 100 },
	{ "four, coming and going", 4, 90, 90, 1, 0, 100 },
	{ "eight, slow looks, coming and going", 8, 90, 60, 8, 0, 100 },
	{ "four, workers die and return", 4, 100, 30, 1, 30, 150 },
};

struct world {
	const struct setup *setup;
	uint64_t seed, random;
	struct balance_sibling w[WORKERS_MAX];
	bool dead;			/* one of them is */
	int judged;
};

static uint32_t
dice(struct world *b, uint32_t below)
{
	b->random ^= b->random >> 12;
	b->random ^= b->random << 25;
	b->random ^= b->random >> 27;
	return (uint32_t)((b->random * 0x2545f4914f6cdd1dU >> 33) % below);
}

static void
look(struct world *b, size_t i)
{
	struct balance_sibling others[WORKERS_MAX];
	size_t n = b->setup->workers;

	memcpy(others, b->w, i * sizeof *others);
	memcpy(others + i, b->w + i + 1, (n - i - 1) * sizeof *others);
	b->w[i].accepting = balance_accept(b->w[i].connections,
	    b->w[i].accepting, others, n - 1);
}

/* Who takes the next connection: the first, or any that accepts. */
static size_t
taker(struct world *b)
{
	bool first = (int)dice(b, 100) < b->setup->favour_pct;
	size_t i, k, n = b->setup->workers;
	size_t from = first ? 0 : dice(b, (uint32_t)n);

	for (i = 0; i < n; i++) {
		k = (from + i) % n;
		if (b->w[k].ready && b->w[k].accepting)
			return k;
	}
	fail_msg("%s, seed %llu: nobody accepts", b->setup->name,
	    (unsigned long long)b->seed);
	return 0;
}

/* Any connection is as likely to leave as any other. */
static void
depart(struct world *b)
{
	uint32_t total = 0, which;
	size_t i;

	for (i = 0; i < b->setup->workers; i++)
		total += b->w[i].connections;
	if (total == 0)
		return;
	which = dice(b, total);
	for (i = 0; which >= b->w[i].connections; i++)
		which -= b->w[i].connections;
	b->w[i].connections--;
	if (b->w[i].ready)
		look(b, i);
}

/* The first of the dead is back, or one dies: its connections wait for it. */
static void
die_or_return(struct world *b)
{
	size_t i, n = b->setup->workers, who = dice(b, (uint32_t)n);

	for (i = 0; i < n; i++)
		if (!b->w[i].ready)
			who = i;
	b->dead = b->w[who].ready;
	b->w[who].ready = b->w[who].accepting = !b->dead;
	for (i = 0; i < n; i++)
		if (b->w[i].ready)
			look(b, i);
}

static void
judge(struct world *b)
{
	uint64_t total = 0, most = 0, n = b->setup->workers;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!b->w[i].ready)
			return;
		total += b->w[i].connections;
		if (b->w[i].connections > most)
			most = b->w[i].connections;
	}
	if (total < b->setup->from_mean * n)
		return;
	b->judged++;
	if (most * n * 10 > total * 12)
		fail_msg("%s, seed %llu: %llu of %llu connections in one of "
		    "%llu workers", b->setup->name, (unsigned long long)b->seed,
		    (unsigned long long)most, (unsigned long long)total,
		    (unsigned long long)n);
}

static void
run(const struct setup *setup, uint64_t seed)
{
	struct world b = { .setup = setup, .seed = seed, .random = seed };
	int i, settled = 0;
	size_t k, who;

	for (k = 0; k < setup->workers; k++)
		b.w[k].ready = b.w[k].accepting = true;
	for (i = 0; i < ARRIVALS; i++) {
		who = taker(&b);
		b.w[who].connections++;
		look(&b, who);
		if ((int)dice(&b, 100) < setup->leave_pct)
			depart(&b);
		for (k = 0; i % setup->lag == 0 && k < setup->workers; k++)
			if (b.w[k].ready && !b.w[k].accepting)
				look(&b, k);
		if ((int)dice(&b, 10000) < (b.dead ? 500 : setup->deaths)) {
			die_or_return(&b);
			settled = -SETTLE;
		}
		if (++settled > 0)
			judge(&b);
	}
	assert_true(b.judged > ARRIVALS / 10);
}

static void
test_spread(void **state)
{
	const char *one = getenv("SIM_SEED");
	uint64_t seed = one == NULL ? 1 : strtoull(one, NULL, 10), n;
	size_t i;

	(void)state;
	for (n = 0; n < (one == NULL ? SEEDS : 1); n++, seed++)
		for (i = 0; i < nitems(setups); i++)
			run(&setups[i], seed);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
