/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recover: death at every store of the recovery itself.  A worker dies at some
 * place, its successor at each, and the one after that must serve as if
 * neither had died.
 */
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/worker/rig_step.h"
#include "worker/accept.h"

#define HEAD "log { connections = false }\nservice \"s\" { listen = " \
	"\"127.0.0.1:1\" handler = "
#define ECHO	HEAD "\"echo\" }"
#define DENY	HEAD "\"echo\" deny = {\"127.0.0.0/8\"} }"
#define GREET	HEAD "\"reply\" reply { text = \"hello\" wait = false } }"

struct scenario {
	const char *name, *text;
	void (*op)(struct rig *r);
	unsigned after;			/* changes until the first death */
	bool fresh;			/* it has not been accepted before */
	enum reason why;
};

static void
accepts(struct rig *r)
{
	for (unsigned i = 0; i < r->args.nlisteners; i++)
		accept_some(&r->w, r->listeners[i].fd);
}

static void
turns(struct rig *r)
{
	conn_event(&r->w, r->fd, rig_row(r, r->fd)->gen, ENGINE_IN);
}

static void
cuts(struct rig *r)
{
	conn_cut(&r->w, r->fd, REASON_DRAIN);
}

/* A death of this kind is one place of: newcomer, redo armed, call, sent. */
static const struct scenario scenarios[] = {
	{ "a newcomer", ECHO, accepts, 2, true, REASON_CLIENT },
	{ "a newcomer who is not welcome", DENY, accepts, 2, true,
	    REASON_ACL },
	{ "a redo record, armed", ECHO, accepts, 18, true, REASON_CLIENT },
	{ "greeted, about to be closed", GREET, accepts, 40, true,
	    REASON_EOF },
	{ "received, not yet stored", ECHO, turns, 4, false, REASON_CLIENT },
	{ "in a call", ECHO, turns, 11, false, REASON_CLIENT },
	{ "sent, not yet stored", ECHO, turns, 17, false, REASON_CLIENT },
	{ "being cut", ECHO, cuts, 12, false, REASON_DRAIN },
};

static int
prepare(struct rig *r, const struct scenario *s)
{
	int client;

	if (s->fresh) {
		client = rig_connect(r, RIG_V4);
		r->fd = rig_next_fd();
	} else {
		client = rig_client(r, RIG_V4, &r->fd);
	}
	if (s->why == REASON_CLIENT)
		rig_send(r, client, "hello", 5);
	return client;
}

static void
expect(struct rig *r, const struct scenario *s, int client)
{
	switch (s->why) {
	case REASON_CLIENT:
		rig_expect(r, client, "hello");
		rig_send(r, client, "more", 4);
		rig_expect(r, client, "more");
		rig_expect_nothing(r, client);
		break;
	case REASON_EOF:
		rig_expect(r, client, "hello");
		rig_expect_end(r, client);
		break;
	default:
		rig_expect_end(r, client);
		break;
	}
}

static void
test_scenario(void **state)
{
	const struct scenario *s = *state;
	bool killed = true;
	struct ledger l;
	struct rig r;
	unsigned n, stride = 1, done = 0;

	if (!rig_can_step()) {
		print_message("skip: ptrace(2) is not allowed\n");
		skip();
	}
	rig_open_rows(&r, s->text, RIG_FEW);
	rig_start(&r);
	for (n = 0; killed; n += stride) {
		int client = prepare(&r, s);

		assert_true(rig_step(&r, s->op, s->after));
		r.args.slot.head->death = SIGKILL;
		rig_die(&r);
		rig_worker_open(&r);
		killed = rig_step(&r, rig_recover, n);
		stride = rig_stride(&r);
		rig_die(&r);
		rig_start(&r);
		expect(&r, s, client);
		close(client);
		rig_settle(&r);
		rig_check(&r);
		l = rig_ledger(&r);
		done++;
		if (l.accepted != done || l.lost != 0 || l.open != 0 ||
		    rig_ended(&r, s->why) != done)
			fail_msg("after %u changes of a recovery", n);
	}
	print_message("%s: %u deaths\n", s->name, done - 1);
	assert_in_range(done, 3, 10000);
	rig_close(&r);
}

int
main(void)
{
	struct CMUnitTest tests[NITEMS(scenarios)];

	for (size_t i = 0; i < NITEMS(scenarios); i++)
		tests[i] = (struct CMUnitTest){ .name = scenarios[i].name,
		    .test_func = test_scenario,
		    .initial_state = (void *)(uintptr_t)&scenarios[i] };
	return cmocka_run_group_tests_name("death of a recovery", tests, NULL,
	    NULL);
}
