/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_diag_dump - answers of every size, the kernel's filter, its errors.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "common/diag.h"
#include "common/diag_dump.h"
#include "common/fd.h"
#include "tests/unit/common/diag_help.h"

/* Any number of ports, in both families, each counted once, others never. */
static void
test_states_ports(void **state)
{
	enum { MANY = DIAG_BC_PORTS_MAX + 6 };
	static const size_t counts[] = { 1, 2, DIAG_BC_PORTS_MAX,
	    DIAG_BC_PORTS_MAX + 1, MANY };
	struct diag_states got, once;
	uint16_t ports[MANY + 1];
	struct addr a;
	int fd[MANY];
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		fd[i] = listener(i % 2 == 0 ? "127.0.0.1:0" : "[::1]:0", 1, &a);
		ports[i] = port_of(&a);
	}
	for (i = 0; i < NITEMS(counts); i++) {
		assert_int_equal(diag_states(ports, counts[i], &got), 0);
		if (got.n[TCP_LISTEN] < counts[i] ||
		    got.n[TCP_LISTEN] > counts[i] + 4)
			fail_msg("%zu ports: %ju listeners", counts[i],
			    (uintmax_t)got.n[TCP_LISTEN]);
	}
	ports[1] = ports[0];
	assert_int_equal(diag_states(ports, 1, &once), 0);
	assert_int_equal(diag_states(ports, 2, &got), 0);
	assert_int_equal(got.n[TCP_LISTEN], once.n[TCP_LISTEN]);
	assert_int_equal(diag_states(ports, 0, &got), 0);
	assert_int_equal(got.n[TCP_LISTEN], 0);
	for (i = 0; i < MANY; i++)
		fd_close(&fd[i]);
}

/* So many that the answer comes in several parts. */
static void
test_states_multipart(void **state)
{
	enum { MANY = 300 };
	struct addr a;
	int c[MANY], fd = listener("127.0.0.1:0", MANY, &a);
	uint16_t port = port_of(&a);
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		c[i] = client(&a);
	EVENTUALLY(states_of(port).n[TCP_ESTABLISHED] == MANY);
	assert_int_equal(states_of(port).n[TCP_LISTEN], 1);
	for (i = 0; i < MANY; i++)
		fd_close(&c[i]);
	fd_close(&fd);
}

static void
each_other(const struct diag_sock *s, void *arg)
{
	size_t *others = arg;

	if (ntohs(s->msg->id.idiag_sport) != 7 &&
	    ntohs(s->msg->id.idiag_sport) != 9)
		(*others)++;
}

/* The kernel itself leaves the others out: above, below and between. */
static void
test_dump_filters(void **state)
{
	static const uint16_t ports[] = { 7, 9 };
	struct diag_query q = { .family = AF_INET, .states = 1 << TCP_LISTEN,
	    .ports = ports };
	struct addr a;
	int fd = listener("127.0.0.1:0", 1, &a);
	size_t others;

	(void)state;
	for (q.nports = 0; q.nports <= 2; q.nports++) {
		others = 0;
		assert_int_equal(diag_dump(&q, each_other, &others), 0);
		assert_int_equal(others > 0, q.nports == 0);
	}
	fd_close(&fd);
}

static void
each_none(const struct diag_sock *s, void *arg)
{
	(void)s;
	(void)arg;
}

/* NLMSG_ERROR becomes errno. */
static void
test_dump_error(void **state)
{
	struct diag_query q = { .family = AF_APPLETALK, .states = 2 };

	(void)state;
	assert_int_equal(diag_dump(&q, each_none, NULL), -1);
	assert_true(errno == ENOENT || errno == EINVAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_ports),
		cmocka_unit_test(test_states_multipart),
		cmocka_unit_test(test_dump_filters),
		cmocka_unit_test(test_dump_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
