/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a tool connects to or listens. */
#include <errno.h>
#include <string.h>

#include "master/cli/target.h"
#include "tests/unit/master/cli_fixture.h"

static const struct row {
	const char *text;
	enum target_for use;
	int errnum;
	const char *first;		/* address, or a part of why not */
} rows[] = {
	{ "127.0.0.1:80", TARGET_CONNECT, 0, "127.0.0.1:80" },
	{ "[::1]:80", TARGET_CONNECT, 0, "[::1]:80" },
	{ "unix:/run/x", TARGET_CONNECT, 0, "unix:/run/x" },
	{ "*:80", TARGET_LISTEN, 0, "0.0.0.0:80" },
	{ "[::]:80", TARGET_LISTEN, 0, "[::]:80" },
	{ "80", TARGET_LISTEN, 0, "127.0.0.1:80" },
	{ ":80", TARGET_LISTEN, 0, "127.0.0.1:80" },
	{ "0", TARGET_LISTEN, 0, "127.0.0.1:0" },
	{ "80", TARGET_CONNECT, EINVAL, "write HOST:PORT" },
	{ "", TARGET_CONNECT, EINVAL, "write HOST:PORT" },
	{ "", TARGET_LISTEN, EINVAL, "a port is" },
	{ "127.0.0.1:", TARGET_CONNECT, EINVAL, "a port is" },
	{ "127.0.0.1:0", TARGET_CONNECT, EINVAL, "a port is" },
	{ "127.0.0.1:http", TARGET_CONNECT, EINVAL, "a port is" },
	{ "127.0.0.1:80x", TARGET_CONNECT, EINVAL, "a port is" },
	{ "127.0.0.1:+80", TARGET_CONNECT, EINVAL, "a port is" },
	{ "127.0.0.1:65536", TARGET_LISTEN, EINVAL, "a port is" },
	{ "::1:80", TARGET_CONNECT, EINVAL, "brackets" },
	{ "[::1:80", TARGET_CONNECT, EINVAL, "write HOST:PORT" },
	{ "[::1]80", TARGET_CONNECT, EINVAL, "write HOST:PORT" },
	{ "unix:x", TARGET_CONNECT, EINVAL, "absolute" },
	{ "[nonsense]:80", TARGET_CONNECT, EHOSTUNREACH, "" },
};

static void
test_rows(void **state)
{
	char text[ADDR_TEXT_MAX];
	struct target t;
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++) {
		const struct row *row = &rows[i];
		const char *why = NULL, *got;
		int rc = target_resolve(row->text, row->use, &t, &why);
		int errnum = rc == 0 ? 0 : errno;

		got = rc == 0 ? addr_print(&t.v->u.sa, t.v->len, text) : why;
		if (errnum != row->errnum || (rc == 0 ?
		    strcmp(got, row->first) != 0 :
		    strstr(got, row->first) == NULL))
			fail_msg("\"%s\": errno %d, %s", row->text, errnum,
			    got);
		assert_true(rc == 0 ? t.n >= 1 : t.n == 0);
		target_free(&t);
		target_free(&t);
	}
}

static void
test_long_name(void **state)
{
	char text[600];
	const char *why;
	struct target t;

	(void)state;
	memset(text, 'x', sizeof(text));
	strcpy(text + sizeof(text) - 4, ":80");
	assert_int_equal(target_resolve(text, TARGET_CONNECT, &t, &why), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(why, "the name is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
