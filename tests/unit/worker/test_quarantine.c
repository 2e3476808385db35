/* SPDX-License-Identifier: BSD-2-Clause */
/* quarantine: the list as a worker reads it. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "worker/quarantine.h"

static bool
holds(const struct quarantine_list *list, const char *text)
{
	const char *why;
	struct addr a;

	assert_int_equal(addr_parse(text, &a, &why), 0);
	return quarantine_holds(list, &a.u.sa);
}

static void
put(struct quarantine_list *list, const char *cidr)
{
	const char *why;

	assert_int_equal(cidr_parse(cidr, &list->client[list->n], &why), 0);
	list->n++;
}

static void
test_match(void **state)
{
	static const struct { const char *addr; bool held; } rows[] = {
		{ "10.0.0.1:1", true }, { "10.0.0.2:1", false },
		{ "192.168.7.9:80", true }, { "192.169.0.1:80", false },
		{ "[2001:db8::5]:1", true }, { "[2001:db8:0:1::5]:1", false },
		{ "unix:/x", false },
	};
	struct quarantine_list list = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_false(holds(&list, rows[i].addr));
	put(&list, "10.0.0.1");
	put(&list, "192.168.0.0/16");
	put(&list, "2001:db8::/64");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (holds(&list, rows[i].addr) != rows[i].held)
			fail_msg("%s", rows[i].addr);
}

/* Half written, or by nobody's hand: nobody is refused, nothing is read behind
 * its end. */
static void
test_broken(void **state)
{
	struct quarantine_list list = { .n = 0 };

	(void)state;
	put(&list, "10.0.0.1");
	list.seq = 3;
	assert_false(holds(&list, "10.0.0.1:1"));
	list.seq = 4;
	assert_true(holds(&list, "10.0.0.1:1"));
	list.n = UINT32_MAX;
	assert_true(holds(&list, "10.0.0.1:1"));
	assert_false(holds(&list, "10.0.0.2:1"));
	list.n = 0;
	assert_false(holds(&list, "10.0.0.1:1"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
