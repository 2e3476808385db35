/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the TCP client that no command line reaches for certain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/send.h"
#include "tests/unit/master/cli_fixture.h"

/* Random data is the same wherever one begins to read it. */
static void
test_random_by_position(void **state)
{
	char whole[64], part[64];
	size_t from;

	(void)state;
	send_random_fill(whole, sizeof(whole), 7, 100);
	for (from = 0; from < sizeof(whole); from++) {
		send_random_fill(part, sizeof(whole) - from, 7, 100 + from);
		assert_memory_equal(part, whole + from, sizeof(whole) - from);
	}
	send_random_fill(part, sizeof(part), 8, 100);
	assert_memory_not_equal(part, whole, sizeof(whole));
}

/* Where to, for the verb below. */
static struct target target;

static int
verb(int argc, char **argv)
{
	struct send_run *r = calloc(1, sizeof(*r));
	int rc;

	(void)argc;
	(void)argv;
	assert_non_null(r);
	r->target = target;
	r->half_close = true;
	r->repeat = r->parallel = 1;
	r->timeout_ms = SEND_TIMEOUT_MS;
	send_input_text(&r->input, "hi");
	rc = send_loop(r) == 0 && r->failed == 0 ? CLI_DONE : CLI_FAILED;
	send_input_close(&r->input);
	free(r);
	return rc;
}

static void
add_addr(struct addr *a, const struct cli_peer *p)
{
	const char *why;

	assert_int_equal(addr_parse(p->where, a, &why), 0);
}

/* All addresses of a name are tried, the one that answers serves. */
static void
test_addresses_in_turn(void **state)
{
	struct cli_peer gone, p;
	struct addr addrs[3];
	struct cli_result r;

	(void)state;
	cli_peer_refuse(&gone);
	cli_peer_start(&p, peer_echo, NULL);
	add_addr(&addrs[0], &gone);
	add_addr(&addrs[1], &gone);
	add_addr(&addrs[2], &p);
	target = (struct target){ addrs, 3 };
	r = cli_call(verb, "send", NULL);
	cli_peer_stop(&p);
	assert_int_equal(r.code, CLI_DONE);
	assert_string_equal(r.out, "hi");
	assert_non_null(strstr(r.err, "trying the next address\n"));
	cli_result_free(&r);

	target.n = 2;			/* none answers */
	r = cli_call(verb, "send", NULL);
	assert_int_equal(r.code, CLI_FAILED);
	assert_string_equal(r.out, "");
	cli_result_free(&r);
	close(gone.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_by_position),
		cmocka_unit_test(test_addresses_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
