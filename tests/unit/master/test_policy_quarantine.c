/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_quarantine: each row is a series of crashes, of which the last gives
 * the verdict; 3 within 60 s are refused for 10 minutes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "master/policy_quarantine.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static const struct quarantine_conf conf = { 3, MINUTE, 10 * MINUTE };

struct crash {
	int64_t at_s;
	const char *client;
	uint64_t life;			/* 0: one of its own */
	uint64_t held, open;
	bool exempt;
};

static const struct series {
	const char *name;
	uint64_t crashes;		/* quarantine_crashes, 0: 3 */
	struct crash c[8];
	enum quarantine_what what;
} table[] = {
	{ "the first", 0, { { 1, "10.0.0.1", 0, 0, 50, false } },
	    QUARANTINE_NOT_YET },
	{ "the second", 0, { { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_NOT_YET },
	{ "the third", 0, { { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false },
	    { 3, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_BEGIN },
	{ "the third, just within the window", 0, {
	    { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false },
	    { 60, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_BEGIN },
	{ "the third, but the first is long ago", 0, {
	    { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false },
	    { 61, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_NOT_YET },
	{ "of several clients", 0, { { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.2", 0, 0, 50, false },
	    { 3, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_NOT_YET },
	{ "of another prefix length", 0, {
	    { 1, "10.0.0.0/24", 0, 0, 50, false },
	    { 2, "10.0.0.0/25", 0, 0, 50, false },
	    { 3, "10.0.0.0/25", 0, 0, 50, false } }, QUARANTINE_NOT_YET },
	{ "v6", 0, { { 1, "2001:db8::/64", 0, 0, 50, false },
	    { 2, "2001:db8::/64", 0, 0, 50, false },
	    { 3, "2001:db8::/64", 0, 0, 50, false } }, QUARANTINE_BEGIN },
	{ "the same life, told by a new master", 0, {
	    { 1, "10.0.0.1", 77, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false },
	    { 3, "10.0.0.1", 77, 0, 50, false } }, QUARANTINE_KNOWN },
	{ "a told one does not count", 0, {
	    { 1, "10.0.0.1", 77, 0, 50, false },
	    { 2, "10.0.0.1", 77, 0, 50, false },
	    { 3, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_NOT_YET },
	{ "one is an accident", 1, { { 1, "10.0.0.1", 0, 0, 50, false } },
	    QUARANTINE_NOT_YET },
	{ "two are not", 1, { { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_BEGIN },
	{ "a tenth", 2, { { 1, "10.0.0.1", 0, 5, 50, false },
	    { 2, "10.0.0.1", 0, 5, 50, false } }, QUARANTINE_BEGIN },
	{ "more than a tenth", 2, { { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 6, 50, false } }, QUARANTINE_TOO_MANY },
	{ "the only client, and this was its only one", 2, {
	    { 1, "10.0.0.1", 0, 0, 0, false },
	    { 2, "10.0.0.1", 0, 0, 0, false } }, QUARANTINE_BEGIN },
	{ "exempt", 2, { { 1, "10.0.0.1", 0, 0, 50, true },
	    { 2, "10.0.0.1", 0, 0, 50, true } }, QUARANTINE_EXEMPT },
	{ "no more exempt", 2, { { 1, "10.0.0.1", 0, 0, 50, true },
	    { 2, "10.0.0.1", 0, 0, 50, false } }, QUARANTINE_BEGIN },
	{ "again, by a connection it had", 2, {
	    { 1, "10.0.0.1", 0, 0, 50, false },
	    { 2, "10.0.0.1", 0, 0, 50, false },
	    { 300, "10.0.0.1", 0, 9, 50, false } }, QUARANTINE_LONGER },
};

/* `10.0.0.1' is one address; the test's life is told by its place. */
static struct quarantine_event
event(const struct crash *c, size_t i)
{
	struct quarantine_event ev = { .life = c->life != 0 ? c->life :
	    1000 + i, .now_ms = c->at_s * SECOND, .held = c->held,
	    .open = c->open, .exempt = c->exempt };
	const char *why;

	assert_int_equal(cidr_parse(c->client, &ev.client, &why), 0);
	return ev;
}

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(table); i++) {
		struct quarantine_state st = { .n = 0 };
		struct quarantine_conf with = conf;
		enum quarantine_what what = QUARANTINE_OFF;

		if (table[i].crashes != 0)
			with.crashes = table[i].crashes;
		for (size_t n = 0; table[i].c[n].client != NULL; n++) {
			struct quarantine_event ev = event(&table[i].c[n], n);

			what = quarantine_crashed(&st, &with, &ev);
		}
		if (what != table[i].what)
			fail_msg("%s: %d", table[i].name, (int)what);
		assert_int_equal(st.n, what == QUARANTINE_BEGIN ||
		    what == QUARANTINE_LONGER);
	}
}

static void
test_off(void **state)
{
	static const struct quarantine_conf off = { 0, MINUTE, MINUTE };
	struct quarantine_state st = { .n = 0 };
	struct crash c = { 1, "10.0.0.1", 0, 0, 50, false };

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		struct quarantine_event ev = event(&c, i);

		assert_int_equal(quarantine_crashed(&st, &off, &ev),
		    QUARANTINE_OFF);
	}
}

/* n clients, of two crashes each, a second apart. */
static void
refuse_many(struct quarantine_state *st, unsigned n)
{
	static const struct quarantine_conf two = { 2, MINUTE, 10 * MINUTE };

	for (unsigned i = 0; i < 2 * n; i++) {
		char text[32];
		struct crash c = { .client = text, .at_s = i / 2 };
		struct quarantine_event ev;

		snprintf(text, sizeof text, "10.0.%u.%u", i / 512, i / 2 % 256);
		ev = event(&c, i);
		assert_int_equal(quarantine_crashed(st, &two, &ev),
		    i % 2 == 0 ? QUARANTINE_NOT_YET : QUARANTINE_BEGIN);
	}
}

/* The list is bounded: who would go first makes room. */
static void
test_full(void **state)
{
	struct quarantine_state st = { .n = 0 };

	(void)state;
	refuse_many(&st, QUARANTINE_CLIENTS + 3);
	assert_int_equal(st.n, QUARANTINE_CLIENTS);
	assert_int_equal(quarantine_next_ms(&st), 3 * SECOND + 10 * MINUTE);
}

static void
test_expire(void **state)
{
	struct quarantine_state st = { .n = 0 };
	struct quarantine_client gone;

	(void)state;
	assert_int_equal(quarantine_next_ms(&st), INT64_MAX);
	refuse_many(&st, 3);
	assert_false(quarantine_expire(&st, 10 * MINUTE - 1, &gone));
	assert_true(quarantine_expire(&st, 10 * MINUTE, &gone));
	assert_int_equal(gone.client.ip[3], 0);
	assert_int_equal(gone.crashes, 2);
	assert_false(quarantine_expire(&st, 10 * MINUTE, &gone));
	assert_int_equal(quarantine_next_ms(&st), 10 * MINUTE + SECOND);
	assert_true(quarantine_expire(&st, 20 * MINUTE, &gone));
	assert_true(quarantine_expire(&st, 20 * MINUTE, &gone));
	assert_int_equal(st.n, 0);
}

static void
test_forgive(void **state)
{
	static const struct { const char *cidr; unsigned gone; } rows[] = {
		{ "10.0.0.1", 1 }, { "10.0.0.0/8", 3 }, { "10.0.0.2/31", 1 },
		{ "10.0.1.0/24", 0 }, { "::/0", 0 }, { "0.0.0.0/0", 3 },
	};

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct quarantine_state st = { .n = 0 };
		struct quarantine_client gone;
		struct cidr c;
		const char *why;
		unsigned n = 0;

		refuse_many(&st, 3);
		assert_int_equal(cidr_parse(rows[i].cidr, &c, &why), 0);
		while (quarantine_forgive(&st, &c, &gone))
			n++;
		if (n != rows[i].gone)
			fail_msg("%s: %u", rows[i].cidr, n);
		assert_int_equal(st.n, 3 - n);
	}
}

/* Its crashes are forgotten with it. */
static void
test_forgotten(void **state)
{
	struct quarantine_state st = { .n = 0 };
	struct crash c = { 3, "10.0.0.1", 0, 0, 0, false };
	struct quarantine_event ev = event(&c, 100);
	struct quarantine_client gone;

	(void)state;
	refuse_many(&st, 3);
	assert_true(quarantine_forgive(&st, &ev.client, &gone));
	assert_int_equal(quarantine_crashed(&st, &conf, &ev),
	    QUARANTINE_NOT_YET);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_forgive),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
