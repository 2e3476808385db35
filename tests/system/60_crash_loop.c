/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slot whose workers crash again and again: it waits between starts, is
 * never given up, and what it holds is served by its sibling meanwhile.
 */
#include <string.h>

#include "tests/system/lib/belay.h"
#include "tests/system/lib/look.h"

enum {
	CROWD = 40,
	TOKENS = 4,			/* restarts at once */
	MANY_CRASHES = 40
};

static const char faulty[] =
    "service \"f\" { handler = \"faulty\" listen = {\"127.0.0.1:0\"} }\n";

static int
slot_of(struct srv *srv, int fd)
{
	json_t *rec = srv_wait_event(srv, "conn.open", "{s:s}", "client",
	    client_local(fd));

	return (int)json_integer_value(json_object_get(rec, "slot"));
}

/* Connections, and in which slot each was at first. */
struct crowd {
	int fd[CROWD];
	int slot[CROWD];
};

static void
crowd_open(struct srv *srv, struct crowd *c)
{
	const char *addr = srv_addr(srv, "f", 0);
	size_t i;

	for (i = 0; i < CROWD; i++)
		c->fd[i] = client_open(addr);
	for (i = 0; i < CROWD; i++)
		c->slot[i] = slot_of(srv, c->fd[i]);
}

static void
crowd_served(const struct crowd *c, const char *text)
{
	size_t i;

	for (i = 0; i < CROWD; i++)
		if (c->fd[i] != -1)
			client_say(c->fd[i], text);
	for (i = 0; i < CROWD; i++)
		if (c->fd[i] != -1)
			client_expect(c->fd[i], text);
}

static size_t
crowd_close(struct crowd *c)
{
	size_t i, n = 0;

	for (i = 0; i < CROWD; i++) {
		if (c->fd[i] == -1)
			continue;
		client_close(&c->fd[i]);
		n++;
	}
	return n;
}

/* By one connection of that slot after the other. */
static void
crash(struct srv *srv, struct crowd *c, int slot, size_t times)
{
	size_t i, n = 0;

	for (i = 0; i < CROWD && n < times; i++) {
		if (c->slot[i] != slot || c->fd[i] == -1)
			continue;
		client_say(c->fd[i], "CRASH");
		srv_wait_nth(srv, ++n, "worker.crash", "{s:i}", "slot", slot);
		client_expect_reset(c->fd[i]);
		client_close(&c->fd[i]);
	}
	assert_int_equal(n, times);
}

static void
check_waiting(struct srv *srv, int slot)
{
	json_t *status = look_status(srv), *worker;

	worker = json_array_get(json_object_get(status, "workers"),
	    (size_t)slot - 1);
	assert_string_equal(json_string_value(json_object_get(worker,
	    "state")), "waiting");
	assert_string_equal(json_string_value(json_object_get(worker,
	    "last_exit")), "SIGSEGV");
	assert_int_equal(look_number(worker, "connections"), 0);
	assert_int_equal(look_number(worker, "restarts"), TOKENS + 1);
	json_decref(status);
}

/* The fifth start must wait seconds: nobody has to wait with it. */
static void
test_moved_to_sibling(void **state)
{
	struct srv *srv = srv_new_faulty();
	struct crowd c;
	uint64_t open;
	int slot, fd;

	(void)state;
	srv_conf(srv, "workers = 2\nrestart_backoff_max = 2m\n%s", faulty);
	srv_boot(srv);
	crowd_open(srv, &c);
	slot = c.slot[0];
	srv_mark(srv);
	crash(srv, &c, slot, TOKENS);
	srv_wait_nth(srv, TOKENS, "worker.ready", "{s:i}", "slot", slot);
	crowd_served(&c, "by the fifth worker");
	srv_mark(srv);
	crash(srv, &c, slot, 1);
	srv_wait_event(srv, "worker.backoff", "{s:i,s:s}", "slot", slot,
	    "reason", "no_token");
	srv_wait_event(srv, "worker.moved", "{s:i}", "slot", slot);
	crowd_served(&c, "served by the sibling");
	srv_wait_event(srv, "worker.exit", "{s:i,s:i}", "slot", slot,
	    "exit_code", 0);
	check_waiting(srv, slot);
	fd = client_open(srv_addr(srv, "f", 0));
	client_say(fd, "a newcomer");
	client_expect(fd, "a newcomer");
	assert_int_equal(slot_of(srv, fd), 3 - slot);
	client_close(&fd);
	/* The one that only gives is no start, and the sibling had none. */
	assert_int_equal(srv_count_events(srv, "worker.ready", NULL), 0);
	assert_int_equal(srv_count_events(srv, "worker.start", NULL), 1);
	assert_int_equal(srv_audit_count(srv, "lost"), TOKENS + 1);
	open = srv_audit_count(srv, "open");
	assert_int_equal(crowd_close(&c), open);
	srv_expect_error(srv, "worker.crash");
	srv_finish(&srv);
}

/* Nobody is there to take them: they wait, and nobody is lost. */
static void
test_alone(void **state)
{
	struct srv *srv = srv_new_faulty();
	struct crowd c;

	(void)state;
	srv_conf(srv, "workers = 1\nrestart_backoff_max = 10s\n%s", faulty);
	srv_boot(srv);
	crowd_open(srv, &c);
	crash(srv, &c, 1, TOKENS + 1);
	srv_wait_event(srv, "worker.backoff", "{s:s}", "reason", "no_token");
	crowd_served(&c, "after the wait");
	srv_wait_nth(srv, TOKENS + 2, "worker.ready", NULL);
	assert_int_equal(srv_count_events(srv, "worker.start", NULL),
	    TOKENS + 2);
	crowd_close(&c);
	srv_expect_error(srv, "worker.crash");
	srv_finish(&srv);
}

/* However often: the crowd is served in the end, by as many as before. */
static void
test_never_given_up(void **state)
{
	struct srv *srv = srv_new_faulty();
	struct crowd c;
	int fd;

	(void)state;
	srv_conf(srv, "workers = 2\nrestart_backoff_min = 1ms\n"
	    "restart_backoff_max = 80ms\n%s", faulty);
	srv_boot(srv);
	crowd_open(srv, &c);
	for (size_t i = 1; i <= MANY_CRASHES; i++) {
		fd = client_open(srv_addr(srv, "f", 0));
		client_say(fd, "CRASH");
		client_expect_reset(fd);
		client_close(&fd);
	}
	srv_wait_nth(srv, MANY_CRASHES, "worker.crash", NULL);
	srv_wait_nth(srv, MANY_CRASHES + 2, "worker.ready", NULL);
	crowd_served(&c, "still there");
	assert_int_equal(srv_ready_workers(srv), 2);
	assert_int_equal(srv_audit_count(srv, "lost"), MANY_CRASHES);
	assert_int_equal(srv_audit_count(srv, "open"), CROWD);
	crowd_close(&c);
	srv_expect_error(srv, "worker.crash");
	srv_finish(&srv);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_moved_to_sibling, test_end),
		cmocka_unit_test_teardown(test_alone, test_end),
		cmocka_unit_test_teardown(test_never_given_up, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
