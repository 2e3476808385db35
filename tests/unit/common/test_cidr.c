/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_cidr - prefixes: what is taken, what is refused and why, what matches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/addr.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

static void
test_parse_good(void **state)
{
	static const char *const rows[][2] = {
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "192.0.2.1", "192.0.2.1/32" },
		{ "192.0.2.128/25", "192.0.2.128/25" },
		{ "192.0.2.1/32", "192.0.2.1/32" },
		{ "::/0", "::/0" },
		{ "::1", "::1/128" },
		{ "2001:DB8::/32", "2001:db8::/32" },
		{ "fe80::/10", "fe80::/10" },
	};
	char buf[ADDR_TEXT_MAX];
	struct cidr c, again;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		assert_int_equal(cidr_parse(rows[i][0], &c, &why), 0);
		assert_string_equal(cidr_print(&c, buf), rows[i][1]);
		assert_int_equal(cidr_parse(buf, &again, &why), 0);
		assert_memory_equal(&c, &again, sizeof(c));
	}
}

static void
test_parse_bad(void **state)
{
	static const struct {
		const char *text, *advice;
	} rows[] = {
		{ "", "is written" },
		{ "/8", "is written" },
		{ "all", "is written" },
		{ "10/8", "is written" },
		{ "10.0.0.0:80/8", "is written" },
		{ "fe80::1%lo/64", "is written" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8",
		    "is written" },
		{ "10.0.0.0/", "0 to 32" },
		{ "10.0.0.0/33", "0 to 32" },
		{ "10.0.0.0/08", "0 to 32" },
		{ "10.0.0.0/-1", "0 to 32" },
		{ "10.0.0.0/264", "0 to 32" },
		{ "10.0.0.0/8/8", "0 to 32" },
		{ "10.0.0.0/255.0.0.0", "0 to 32" },
		{ "::/129", "0 to 128" },
		{ "::/0128", "0 to 128" },
		{ "10.1.2.3/8", "10.0.0.0/8, not" },
		{ "0.0.0.1/0", "10.0.0.0/8, not" },
		{ "192.0.2.129/25", "10.0.0.0/8, not" },
		{ "2001:db8::1/32", "2001:db8::/32, not" },
		{ "::1/127", "2001:db8::/32, not" },
		{ "[::1]/128", "no brackets" },
		{ "::ffff:10.0.0.0/104", "without ::ffff:" },
	};
	struct cidr c, before;
	const char *why;
	size_t i;

	(void)state;
	memset(&c, 0x5a, sizeof(c));
	before = c;
	for (i = 0; i < NITEMS(rows); i++) {
		why = NULL;
		if (cidr_parse(rows[i].text, &c, &why) != -1)
			fail_msg("taken: '%s'", rows[i].text);
		assert_non_null(why);
		if (strstr(why, rows[i].advice) == NULL)
			fail_msg("'%s': %s", rows[i].text, why);
		assert_memory_equal(&c, &before, sizeof(c));
	}
}

static void
fill(const char *ip, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, ip, &a->u.sin.sin_addr) == 1) {
		a->u.sa.sa_family = AF_INET;
		return;
	}
	a->u.sa.sa_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, ip, &a->u.sin6.sin6_addr), 1);
}

static void
test_match(void **state)
{
	static const struct {
		const char *cidr, *ip;
		bool is_match;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "9.255.255.255", false },
		{ "0.0.0.0/0", "255.1.2.3", true },
		{ "128.0.0.0/1", "127.255.255.255", false },
		{ "128.0.0.0/1", "128.0.0.0", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.255", true },
		{ "192.0.2.128/25", "192.0.3.128", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "10.0.0.0/8", "::ffff:11.1.2.3", false },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "::1", true },
		{ "::/0", "10.1.2.3", false },
		{ "::/0", "::ffff:10.1.2.3", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::1", "::1", true },
		{ "::1", "::2", false },
	};
	struct addr a;
	struct cidr c;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		assert_int_equal(cidr_parse(rows[i].cidr, &c, &why), 0);
		fill(rows[i].ip, &a);
		if (cidr_match(&c, &a.u.sa) != rows[i].is_match)
			fail_msg("%s and %s", rows[i].cidr, rows[i].ip);
	}
	memset(&a, 0, sizeof(a));
	a.u.sa.sa_family = AF_UNIX;
	assert_int_equal(cidr_parse("0.0.0.0/0", &c, &why), 0);
	assert_false(cidr_match(&c, &a.u.sa));
}

static void
test_overlap(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} rows[] = {
		{ "10.0.0.0/8", "10.1.2.3", true },
		{ "10.0.0.0/8", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "11.0.0.0/8", false },
		{ "0.0.0.0/0", "11.0.0.0/8", true },
		{ "0.0.0.0/0", "::/0", false },
		{ "2001:db8::/33", "2001:db8::1", true },
		{ "2001:db8::/33", "2001:db8:8000::/34", false },
	};
	struct cidr a, b;
	const char *why;

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		assert_int_equal(cidr_parse(rows[i].a, &a, &why), 0);
		assert_int_equal(cidr_parse(rows[i].b, &b, &why), 0);
		if (cidr_overlap(&a, &b) != rows[i].overlap ||
		    cidr_overlap(&b, &a) != rows[i].overlap)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

static void
test_of(void **state)
{
	static const struct {
		const char *ip;
		unsigned bits4, bits6;
		const char *cidr;
	} rows[] = {
		{ "10.1.2.3", 32, 64, "10.1.2.3/32" },
		{ "10.1.2.255", 30, 64, "10.1.2.252/30" },
		{ "10.1.2.3", 24, 64, "10.1.2.0/24" },
		{ "255.255.255.255", 9, 64, "255.128.0.0/9" },
		{ "::ffff:10.1.2.3", 24, 64, "10.1.2.0/24" },
		{ "2001:db8:1:2:3:4:5:6", 32, 64, "2001:db8:1:2::/64" },
		{ "2001:db8:1:2:3:4:5:6", 32, 128, "2001:db8:1:2:3:4:5:6/128" },
		{ "2001:db8:1:2:ffff::", 32, 65, "2001:db8:1:2:8000::/65" },
	};
	char text[ADDR_TEXT_MAX];
	struct addr a;
	struct cidr c;

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		fill(rows[i].ip, &a);
		assert_true(cidr_of(&a.u.sa, rows[i].bits4, rows[i].bits6, &c));
		assert_string_equal(cidr_print(&c, text), rows[i].cidr);
		assert_true(cidr_match(&c, &a.u.sa));
	}
	memset(&a, 0, sizeof(a));
	a.u.sa.sa_family = AF_UNIX;
	assert_false(cidr_of(&a.u.sa, 32, 64, &c));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_good),
		cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
