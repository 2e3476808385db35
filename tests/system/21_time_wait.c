/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port whose old connections sit in TIME_WAIT is taken back at once; one
 * that somebody listens on is refused, with who that is.
 */
#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "common/diag.h"
#include "tests/system/lib/look.h"

enum { CLIENTS = 20, TCP_TIME_WAIT_STATE = 6 };

static const char conf[] =
    "service \"r\" { handler = \"reply\" listen = {\"%s:%d\"}\n"
    "	reply { text = \"bye\" wait = false } }\n"
    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"} }\n";

static uint64_t
time_waits(int port)
{
	uint16_t ports[] = { (uint16_t)port };
	struct diag_states states;

	assert_string_equal(diag_state_name[TCP_TIME_WAIT_STATE], "TIME_WAIT");
	assert_int_equal(diag_states(ports, 1, &states), 0);
	return states.n[TCP_TIME_WAIT_STATE];
}

static void
bye(struct srv *srv)
{
	int fd = client_open(srv_addr(srv, "r", 0));

	client_expect(fd, "bye");
	client_expect_eof(fd);
	client_close(&fd);
}

static void
test_taken_back(void **state)
{
	struct srv *srv = srv_start(conf, "127.0.0.1", 0);
	int port = srv_port(srv, "r"), i;

	(void)state;
	for (i = 0; i < CLIENTS; i++)
		bye(srv);
	srv_wait_nth(srv, CLIENTS, "conn.close", "{s:s}", "reason", "eof");
	assert_int_equal(srv_stop(srv), 0);
	assert_in_range(time_waits(port), CLIENTS, CLIENTS + 1);
	srv_conf(srv, conf, "127.0.0.1", port);
	srv_boot(srv);
	assert_int_equal(srv_port(srv, "r"), port);
	assert_in_range(time_waits(port), CLIENTS, CLIENTS + 1);
	bye(srv);
	srv_finish(&srv);
}

/* The other holds 127.0.0.1; we ask for that, and for all addresses. */
static void
test_busy(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", "[::]" };
	struct srv *first = srv_start(conf, "127.0.0.1", 0);
	struct srv *second = srv_new();
	char held[64];
	struct proc p;
	size_t i;

	(void)state;
	snprintf(held, sizeof held, "held by pid %d (belay)", (int)first->pid);
	for (i = 0; i < (test_has_v6() ? 3 : 2); i++) {
		srv_conf(second, strcmp(hosts[i], "[::]") == 0 ?
		    "service \"r\" { handler = \"echo\" v6only = false "
		    "listen = {\"%s:%d\"} }\n" :
		    "service \"r\" { handler = \"echo\" "
		    "listen = {\"%s:%d\"} }\n", hosts[i],
		    srv_port(first, "r"));
		assert_int_equal(srv_verb(second, &p, "run", NULL), 1);
		look_holds(p.err, "the port is in use, ");
		look_holds(p.err, held);
		proc_end(&p);
	}
	bye(first);
	srv_finish(&first);
	srv_finish(&second);
}

/* What was opened before the address that failed is closed again. */
static void
test_half_opened(void **state)
{
	struct srv *first = srv_start(conf, "127.0.0.1", 0);
	struct srv *second = srv_new();
	struct proc p;

	(void)state;
	srv_conf(second, "service \"a\" { handler = \"echo\" listen = {"
	    "\"unix:${DIR}/a.sock\", \"127.0.0.1:0\", \"127.0.0.1:%d\"} }\n",
	    srv_port(first, "r"));
	assert_int_equal(srv_verb(second, &p, "start", NULL), 1);
	look_holds(p.err, "held by pid ");
	proc_end(&p);
	srv_finish(&first);
	srv_finish(&second);		/* finds a.sock, were it left */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_taken_back, test_end),
		cmocka_unit_test_teardown(test_busy, test_end),
		cmocka_unit_test_teardown(test_half_opened, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
