/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may use the control socket: the rule, and what the kernel says of a
 * peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/fd.h"
#include "master/control_rights.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

static const struct rule_row {
	struct control_owner owner;
	struct ucred cred;
	gid_t groups[4];
	size_t n;
	bool ok;
} rows[] = {
	/* root, whatever its groups */
	{ { 7, false, 0 }, { 1, 0, 9 }, { 0 }, 0, true },
	{ { 7, true, 5 }, { 1, 0, 9 }, { 1 }, 1, true },
	/* the owner */
	{ { 7, false, 0 }, { 1, 7, 9 }, { 0 }, 0, true },
	{ { 7, true, 5 }, { 1, 7, 9 }, { 0 }, 0, true },
	/* nobody else without a group, also not one whose group is 0 */
	{ { 7, false, 0 }, { 1, 8, 9 }, { 0 }, 0, false },
	{ { 7, false, 0 }, { 1, 8, 0 }, { 0 }, 1, false },
	{ { 7, false, 5 }, { 1, 8, 5 }, { 5 }, 1, false },
	/* members, by their own group or a supplementary one */
	{ { 7, true, 5 }, { 1, 8, 5 }, { 0 }, 0, true },
	{ { 7, true, 5 }, { 1, 8, 9 }, { 5 }, 1, true },
	{ { 7, true, 5 }, { 1, 8, 9 }, { 1, 2, 3, 5 }, 4, true },
	{ { 7, true, 0 }, { 1, 8, 0 }, { 9 }, 1, true },
	/* others */
	{ { 7, true, 5 }, { 1, 8, 9 }, { 0 }, 0, false },
	{ { 7, true, 5 }, { 1, 8, 9 }, { 1, 2, 3, 4 }, 4, false },
	{ { 7, true, 5 }, { 1, 5, 9 }, { 1, 2, 3, 5 }, 3, false },
};

static void
test_rule(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(rows); i++)
		if (control_rights_judge(&rows[i].owner, &rows[i].cred,
		    rows[i].groups, rows[i].n) != rows[i].ok)
			fail_msg("row %zu", i);
}

static void
test_find(void **state)
{
	static const struct {
		const char *name;
		bool has;
		gid_t gid;
	} names[] = {
		{ "", false, 0 }, { "root", true, 0 }, { "0", true, 0 },
		{ "4711", true, 4711 }, { "no-such-group", false, 0 },
		{ "47x", false, 0 },
	};
	static struct master m;
	char name[16];
	struct conf conf = { .control_group = name };
	size_t i, k;

	(void)state;
	m.conf = &conf;
	for (i = 0; i < NITEMS(names); i++) {
		for (k = 0; (name[k] = names[i].name[k]) != '\0'; k++)
			;
		control_rights_find(&m);
		assert_int_equal(m.has_control_group, names[i].has);
		if (names[i].has)
			assert_int_equal(m.control_gid, names[i].gid);
	}
}

/* We are the owner; what is no socket is nobody. */
static void
test_peer(void **state)
{
	static struct master m;
	int sp[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sp), 0);
	assert_true(control_rights_admit(&m, sp[0]));
	fd_close(&sp[0]);
	fd_close(&sp[1]);
	assert_int_equal(pipe(sp), 0);
	assert_false(control_rights_admit(&m, sp[0]));
	fd_close(&sp[0]);
	fd_close(&sp[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
