/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker that does its worst: the log says what it was, connections of the
 * other worker do not notice, nobody spins, and afterwards there are as many
 * workers as before and the ledger balances.
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "tests/system/lib/belay.h"

enum {
	OTHERS = 40,
	BUSY_PERCENT = 30		/* of one processor: that is spinning */
};

static const char conf[] =
    "workers = 2\n"
    "hang_timeout = 400ms\n"
    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
    "service \"f\" { handler = \"faulty\" listen = {\"127.0.0.1:0\"} }\n";

enum cost {
	COSTS_NOTHING,			/* it goes on with its echo */
	COSTS_ONE,			/* itself */
	COSTS_SLOT			/* all that the worker had */
};

static const struct attack {
	const char *word;
	enum cost cost;
	const char *event;		/* NULL: none */
	const char *says;		/* in its msg */
	size_t lives;			/* of workers, that it takes */
	const char *errors[2];		/* the log must hold these */
} attacks[] = {
	{ "TRUNCATE", COSTS_NOTHING, NULL, NULL, 0, { NULL } },
	{ "EXIT", COSTS_ONE, "worker.exit", "ended unasked", 1, { NULL } },
	/* Nobody knows that it was itself, until it happens again. */
	{ "DIE", COSTS_ONE, "worker.exit", "was killed", 3, { NULL } },
	{ "HANG", COSTS_ONE, "worker.hang", "no progress", 1,
	    { "worker.hang", "worker.crash" } },
	{ "BLOCK", COSTS_ONE, "worker.hang", "did not end by SIGABRT", 1,
	    { "worker.hang" } },
	{ "FLOOD", COSTS_ONE, "worker.hang", "floods", 1,
	    { "worker.hang" } },
	{ "CLOSECHANNEL", COSTS_SLOT, "worker.exit", "closed its channel", 1,
	    { "worker.crash" } },
	{ "CLOSEALL", COSTS_SLOT, "worker.exit", "is replaced", 1,
	    { "worker.crash" } },
};

/* Connections, and in which slot each is. */
struct crowd {
	int fd[OTHERS];
	int slot[OTHERS];
};

static void
crowd_open(struct srv *srv, struct crowd *c)
{
	const char *addr = srv_addr(srv, "f", 0);
	size_t i;

	for (i = 0; i < OTHERS; i++)
		c->fd[i] = client_open(addr);
	for (i = 0; i < OTHERS; i++)
		c->slot[i] = srv_slot_of(srv, c->fd[i]);
}

/* All but those that went down with their slot; 0: no slot did. */
static void
crowd_served(const struct crowd *c, int gone)
{
	size_t i;

	for (i = 0; i < OTHERS; i++)
		if (c->slot[i] != gone)
			client_say(c->fd[i], "undisturbed");
	for (i = 0; i < OTHERS; i++)
		if (c->slot[i] != gone)
			client_expect(c->fd[i], "undisturbed");
}

static size_t
crowd_close(struct crowd *c, int gone)
{
	size_t i, n = 0;

	for (i = 0; i < OTHERS; i++) {
		n += c->slot[i] == gone;
		client_close(&c->fd[i]);
	}
	return n;
}

/* Its end, orderly or not; it may have got its echo before. */
static void
expect_end(int fd)
{
	char buf[64];
	ssize_t n;

	do {
		if (!client_readable(fd, LIMIT_MS))
			fail_msg("it is still open");
		n = recv(fd, buf, sizeof buf, 0);
	} while (n > 0);
	if (n == -1 && errno != ECONNRESET)
		fail_msg("recv: %s", strerror(errno));
}

/* The log has it, about the worker that was attacked. */
static void
wait_said(struct srv *srv, const struct attack *a)
{
	int64_t deadline = test_deadline_ms();
	const char *msg;
	size_t i;

	for (;;) {
		srv_log_read(srv);
		for (i = srv->mark; i < srv->nrecs; i++) {
			msg = json_string_value(json_object_get(srv->recs[i],
			    "msg"));
			if (srv_is_event(srv->recs[i], a->event) &&
			    strstr(msg, a->says) != NULL)
				return;
		}
		if (!srv_log_wait(srv, deadline))
			fail_msg("%s: no %s that says `%s'", a->word, a->event,
			    a->says);
	}
}

/* Nobody but a worker works: this would be a loop without rest. */
struct cpu {
	pid_t pid[3];
	uint64_t ns[3];
	int64_t since_ms;
};

static void
cpu_begin(struct srv *srv, struct cpu *cpu, int slot)
{
	const char *other = slot == 1 ? "worker 2" : "worker 1";
	size_t i;

	cpu->pid[0] = srv->pid;
	cpu->pid[1] = srv_process(srv, "master");
	cpu->pid[2] = srv_process(srv, other);
	for (i = 0; i < nitems(cpu->pid); i++)
		cpu->ns[i] = srv_cpu_ns(cpu->pid[i]);
	cpu->since_ms = clock_mono_ms();
}

static void
cpu_check(const struct cpu *cpu, const char *word)
{
	uint64_t took_ms = (uint64_t)(clock_mono_ms() - cpu->since_ms), ms;
	size_t i;

	for (i = 0; i < nitems(cpu->pid); i++) {
		ms = (srv_cpu_ns(cpu->pid[i]) - cpu->ns[i]) / 1000000;
		print_message("%s%llu", i == 0 ? "  anchor, master, worker: " :
		    ", ", (unsigned long long)ms);
		if (!test_sanitized() && ms > 20 + took_ms * BUSY_PERCENT / 100)
			fail_msg("%s: process %zu was busy for %llu of %llu ms",
			    word, i, (unsigned long long)ms,
			    (unsigned long long)took_ms);
	}
	print_message(" ms busy of %llu\n", (unsigned long long)took_ms);
}

static void
attack_one(struct srv *srv, const struct attack *a, struct crowd *c)
{
	int fd = client_open(srv_addr(srv, "f", 0));
	int slot = srv_slot_of(srv, fd);
	int gone = a->cost == COSTS_SLOT ? slot : 0;
	struct cpu cpu;
	size_t others;

	cpu_begin(srv, &cpu, slot);
	srv_mark(srv);
	client_say(fd, a->word);
	crowd_served(c, slot);		/* at once */
	if (a->cost == COSTS_NOTHING)
		client_expect(fd, a->word);
	else
		expect_end(fd);
	if (a->event != NULL) {
		wait_said(srv, a);
		srv_wait_event(srv, "worker.ready", NULL);
	}
	crowd_served(c, gone);
	cpu_check(&cpu, a->word);
	client_close(&fd);
	others = crowd_close(c, gone);
	/* Who took all descriptors away may have seen its own end first. */
	assert_in_range(srv_audit_count(srv, "lost"), others +
	    (a->cost == COSTS_ONE), others + (a->cost != COSTS_NOTHING));
	assert_int_equal(srv_ready_workers(srv), 2);
	assert_int_equal(srv_count_events(srv, "worker.start", NULL), a->lives);
}

static void
test_attacks(void **state)
{
	struct crowd crowd;
	struct srv *srv;
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(attacks); i++) {
		print_message("%s\n", attacks[i].word);
		srv = srv_new_faulty();
		srv_conf(srv, conf);
		srv_boot(srv);
		crowd_open(srv, &crowd);
		attack_one(srv, &attacks[i], &crowd);
		for (k = 0; k < 2 && attacks[i].errors[k] != NULL; k++)
			srv_expect_error(srv, attacks[i].errors[k]);
		srv_finish(&srv);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_attacks, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
