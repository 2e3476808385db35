/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_addr - what people write as an address, what is refused and with which
 * advice, how it is printed and compared.
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
#define P50 "01234567890123456789012345678901234567890123456789"

static const struct {
	const char *text, *print;
	int mode;
	const char *owner, *group;
} good[] = {
	{ "127.0.0.1:80", "127.0.0.1:80", -1, "", "" },
	{ "127.0.0.1:0", "127.0.0.1:0", -1, "", "" },
	{ "255.255.255.255:65535", "255.255.255.255:65535", -1, "", "" },
	{ "*:80", "0.0.0.0:80", -1, "", "" },
	{ ":80", "0.0.0.0:80", -1, "", "" },
	{ "0.0.0.0:80", "0.0.0.0:80", -1, "", "" },
	{ "[::1]:80", "[::1]:80", -1, "", "" },
	{ "[::]:8080", "[::]:8080", -1, "", "" },
	{ "[2001:DB8:0::1]:1", "[2001:db8::1]:1", -1, "", "" },
	{ "[fe80::1%1]:80", "[fe80::1%1]:80", -1, "", "" },
	{ "[fe80::1%lo]:80", "[fe80::1%1]:80", -1, "", "" },
	{ "unix:/run/x.sock", "unix:/run/x.sock", -1, "", "" },
	{ "unix:/x mode=0660", "unix:/x", 0660, "", "" },
	{ "unix:/x mode=600", "unix:/x", 0600, "", "" },
	{ "unix:/x mode=0000", "unix:/x", 0, "", "" },
	{ "unix:/x\tmode=0777  group=www owner=me ", "unix:/x", 0777, "me",
	    "www" },
	{ "unix:/x owner=0 group=01234567890123456789012345678901",
	    "unix:/x", -1, "0", "01234567890123456789012345678901" },
	{ "unix:/" P50 P50 "123456", "unix:/" P50 P50 "123456", -1, "", "" },
};

/* A word of the advice is enough to know which sentence it is. */
static const struct {
	const char *text, *advice;
} bad[] = {
	{ "", "is written" },
	{ "80", "a port alone" },
	{ "99999", "a port alone" },
	{ "127.0.0.1", "port is missing" },
	{ "127.0.0.1:", "a port is a number" },
	{ "127.0.0.1:65536", "a port is a number" },
	{ "127.0.0.1:080", "a port is a number" },
	{ "127.0.0.1:-1", "a port is a number" },
	{ "127.0.0.1:+1", "a port is a number" },
	{ "127.0.0.1:0x50", "a port is a number" },
	{ "127.0.0.1:80a", "a port is a number" },
	{ "127.0.0.1:4294967376", "a port is a number" },
	{ "127.0.0.1:18446744073709551696", "a port is a number" },
	{ "127.0.0.1 :80", "no spaces" },
	{ " 127.0.0.1:80", "no spaces" },
	{ "127.0.0.1:80\n", "no spaces" },
	{ "127.0.0.1:80 mode=0660", "unix: addresses only" },
	{ "127.1:80", "numeric address" },
	{ "127.0.0.01:80", "numeric address" },
	{ "256.0.0.1:80", "numeric address" },
	{ "localhost:80", "numeric address" },
	{ "localhost", "is written" },
	{ "http://127.0.0.1:80", "goes in brackets" },
	{ P50 P50 ".example:80", "numeric address" },
	{ "224.0.0.1:80", "no multicast" },
	{ "[ff02::1]:80", "no multicast" },
	{ "::1:80", "goes in brackets" },
	{ "::1", "goes in brackets" },
	{ "[::1:80", "goes in brackets" },
	{ "[::1]", "port is missing" },
	{ "[::1]80", "port is missing" },
	{ "[::1]:", "a port is a number" },
	{ "[]:80", "numeric address" },
	{ "[*]:80", "numeric address" },
	{ "[127.0.0.1]:80", "numeric address" },
	{ "[:::1]:80", "numeric address" },
	{ "[::ffff:127.0.0.1]:80", "without ::ffff:" },
	{ "[fe80::1]:80", "needs its interface" },
	{ "[fe80::1%]:80", "no such interface" },
	{ "[fe80::1%0]:80", "no such interface" },
	{ "[fe80::1%nonesuch0]:80", "no such interface" },
	{ "[::1%lo]:80", "only a link-local" },
	{ "/run/x.sock", "unix:/path" },
	{ "unix:", "absolute path" },
	{ "unix:x.sock", "absolute path" },
	{ "unix:@x", "absolute path" },
	{ "unix: /x", "absolute path" },
	{ "unix:/", "file name" },
	{ "unix:/run/", "file name" },
	{ "unix:/" P50 P50 "1234567", "107 bytes" },
	{ "unix:/x mode=", "octal" },
	{ "unix:/x mode=8", "octal" },
	{ "unix:/x mode=0668", "octal" },
	{ "unix:/x mode=1777", "octal" },
	{ "unix:/x mode=00660", "octal" },
	{ "unix:/x mode=rw-", "octal" },
	{ "unix:/x mode=0660 mode=0660", "once each" },
	{ "unix:/x owner=a owner=a", "once each" },
	{ "unix:/x owner=", "name or number" },
	{ "unix:/x group=012345678901234567890123456789012",
	    "name or number" },
	{ "unix:/x user=www", "may follow" },
	{ "unix:/my file", "may follow" },
};

static void
parse(const char *text, struct addr *a)
{
	const char *why = NULL;

	if (addr_parse(text, a, &why) == -1)
		fail_msg("%s: %s", text, why);
}

static void
test_parse_good(void **state)
{
	char buf[ADDR_TEXT_MAX];
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(good); i++) {
		parse(good[i].text, &a);
		assert_string_equal(addr_print(&a.u.sa, a.len, buf),
		    good[i].print);
		assert_int_equal(a.mode, good[i].mode);
		assert_string_equal(a.owner, good[i].owner);
		assert_string_equal(a.group, good[i].group);
	}
}

/* What is printed means the same address. */
static void
test_print_parses_back(void **state)
{
	char buf[ADDR_TEXT_MAX];
	struct addr a, b;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(good); i++) {
		parse(good[i].print, &a);
		addr_print(&a.u.sa, a.len, buf);
		parse(buf, &b);
		assert_true(addr_equal(&a, &b));
		assert_int_equal(a.len, b.len);
	}
}

static void
test_parse_bad(void **state)
{
	struct addr a, before;
	const char *why;
	size_t i;

	(void)state;
	memset(&a, 0x5a, sizeof(a));
	before = a;
	for (i = 0; i < NITEMS(bad); i++) {
		why = NULL;
		if (addr_parse(bad[i].text, &a, &why) != -1)
			fail_msg("taken: '%s'", bad[i].text);
		assert_non_null(why);
		if (strstr(why, bad[i].advice) == NULL)
			fail_msg("'%s': %s", bad[i].text, why);
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

/* Every cut and every single changed byte: refused or sane, never a crash. */
static void
test_parse_mangled(void **state)
{
	char text[256], buf[ADDR_TEXT_MAX];
	const char *why;
	struct addr a;
	size_t i, k, n;
	int c;

	(void)state;
	for (i = 0; i < NITEMS(good); i++) {
		n = strlen(good[i].text);
		for (k = 0; k < n; k++) {
			for (c = 0; c < 256; c++) {
				memcpy(text, good[i].text, n + 1);
				text[k] = (char)c;
				if (addr_parse(text, &a, &why) == 0)
					addr_print(&a.u.sa, a.len, buf);
			}
		}
	}
}

static void
test_print_unix(void **state)
{
	static const struct {
		const char *path;
		size_t n;
		const char *print;
	} rows[] = {
		{ "", 0, "unix:" },
		{ "/a", 2, "unix:/a" },
		{ "/a", 3, "unix:/a" },
		{ "/a\0b", 4, "unix:/a" },
		{ "\0ab", 3, "unix:@ab" },
		{ "\0a\0b", 4, "unix:@a?b" },
		{ "/a\n\"\x1b\xff\x7f", 7, "unix:/a?\"???" },
	};
	struct sockaddr_un sun;
	char buf[ADDR_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		memset(&sun, 'x', sizeof(sun));
		sun.sun_family = AF_UNIX;
		memcpy(sun.sun_path, rows[i].path, rows[i].n);
		addr_print((struct sockaddr *)&sun, (socklen_t)(rows[i].n +
		    offsetof(struct sockaddr_un, sun_path)), buf);
		assert_string_equal(buf, rows[i].print);
	}
	/* A path of 108 bytes has no NUL of its own. */
	memset(sun.sun_path, 'x', sizeof(sun.sun_path));
	addr_print((struct sockaddr *)&sun, sizeof(sun), buf);
	assert_int_equal(strlen(buf), 5 + 108);
	/* An unnamed peer may come without even a family. */
	assert_string_equal(addr_print((struct sockaddr *)&sun, 0, buf),
	    "unix:");
}

static void
test_print_others(void **state)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(80) };
	struct sockaddr sa = { .sa_family = AF_APPLETALK };
	char buf[ADDR_TEXT_MAX];

	(void)state;
	inet_pton(AF_INET6, "::ffff:192.0.2.1", &sin6.sin6_addr);
	assert_string_equal(addr_print((struct sockaddr *)&sin6, sizeof(sin6),
	    buf), "192.0.2.1:80");
	assert_string_equal(addr_print(&sa, sizeof(sa), buf), "family 5");
}

static void
test_equal(void **state)
{
	/* Each differs from each. */
	static const char *const rows[] = {
		"127.0.0.1:80", "127.0.0.1:81", "127.0.0.2:80", "[::1]:80",
		"[::1]:81", "[::2]:80", "[fe80::1%1]:80", "[fe80::1%2]:80",
		"unix:/a", "unix:/b", "unix:/a mode=0600", "unix:/a owner=a",
		"unix:/a group=a",
	};
	struct addr a, b;
	size_t i, k;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		for (k = 0; k < NITEMS(rows); k++) {
			parse(rows[i], &a);
			parse(rows[k], &b);
			assert_int_equal(addr_equal(&a, &b), i == k);
		}
	}
}

static void
test_overlap(void **state)
{
	static const struct {
		const char *a, *b;
		bool v6only, both;	/* with v6only, and without */
	} rows[] = {
		{ "127.0.0.1:80", "127.0.0.1:80", true, true },
		{ "127.0.0.1:80", "127.0.0.1:81", false, false },
		{ "127.0.0.1:80", "127.0.0.2:80", false, false },
		{ "127.0.0.1:80", "*:80", true, true },
		{ "127.0.0.1:80", "*:81", false, false },
		{ "*:80", "*:80", true, true },
		{ "*:0", "*:0", false, false },
		{ "[::1]:80", "[::1]:80", true, true },
		{ "[::1]:80", "[::]:80", true, true },
		{ "[::1]:80", "[::2]:80", false, false },
		{ "[fe80::1%1]:80", "[fe80::1%2]:80", false, false },
		{ "[fe80::1%1]:80", "[::]:80", true, true },
		{ "[::]:80", "*:80", false, true },
		{ "[::]:80", "127.0.0.1:80", false, true },
		{ "[::]:80", "127.0.0.1:81", false, false },
		{ "[::1]:80", "*:80", false, false },
		{ "[::1]:80", "127.0.0.1:80", false, false },
		{ "unix:/a", "unix:/a mode=0600", true, true },
		{ "unix:/a", "unix:/b", false, false },
		{ "unix:/a", "*:80", false, false },
	};
	struct addr a, b;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		parse(rows[i].a, &a);
		parse(rows[i].b, &b);
		if (addr_overlap(&a, &b, true) != rows[i].v6only ||
		    addr_overlap(&b, &a, true) != rows[i].v6only ||
		    addr_overlap(&a, &b, false) != rows[i].both ||
		    addr_overlap(&b, &a, false) != rows[i].both)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_good),
		cmocka_unit_test(test_print_parses_back),
		cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_parse_mangled),
		cmocka_unit_test(test_print_unix),
		cmocka_unit_test(test_print_others),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
