/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A storm: under clients of all kinds, whose every byte is checked, whatever
 * can happen to a server happens in random order.  No byte is wrong, nobody is
 * lost but who crashed a worker by content, no newcomer is refused.
 *
 * STORM_SECONDS says how long, STORM_SEED replays one, STORM_ACTIONS (names
 * with commas) and STORM_STEPS make one smaller, and the directory STORM_LOG
 * keeps its logs.
 *
 * alone: the instants are random only where the processors are free.
 */
#include <sys/socket.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/system/lib/look.h"
#include "tests/system/lib/storm.h"

enum {
	SECONDS = 20,			/* in `make check` */
	STREAMS = 48, WINDOW = 150000, VISITORS = 8,
	PAUSE_MS = 60,			/* the longest between two actions */
	STOP_MS = 80,			/* the longest of a stopped worker */
	WORKERS_MAX = 4,
	DOORS_MAX = 12			/* they get guests of their own */
};

static const struct crowd_manner manners[] = {
	{ .name = "idle", .service = "e", .n = 560, .len_max = 300,
	    .pause_ms = 8000 },
	/* No pattern: in enough of it there is a word that crashes. */
	{ .name = "chatty", .service = "f", .n = 40, .ask = "and so on",
	    .answer = "and so on", .pause_ms = 20 },
	{ .name = "short", .service = "e", .n = 40, .len_max = 3000,
	    .pause_ms = 20 },
	{ .name = "slow", .service = "e", .n = 40, .len_max = 120000,
	    .read_max = 1500, .tight = true },
	{ .name = "half-closer", .service = "e", .n = 40, .len_max = 60000,
	    .read_max = 6000, .tight = true, .fin = true, .pause_ms = 30 },
	{ .name = "delayed", .service = "d", .n = 60, .len_max = 2000,
	    .pause_ms = 100 },
	{ .name = "delayed half-closer", .service = "d", .n = 20,
	    .len_max = 2000, .pause_ms = 100, .fin = true },
	{ .name = "browser", .service = "h", .n = 8, .leaves = true,
	    .ask = "GET / HTTP/1.0\r\nHost: storm\r\n\r\n",
	    .answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain; "
	    "charset=utf-8\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"
	    "thank you", .pause_ms = 20 },
	{ .name = "asker", .service = "r", .n = 40, .ask = "?",
	    .answer = "yes, indeed", .pause_ms = 50 },
};

/* Those who came by an address that may be gone by now. */
static const struct crowd_manner by_door = {
	.name = "by the door", .service = "e", .n = 4, .len_max = 5000,
	.pause_ms = 50
};

/* ------------------------------------------------------------ actions ---- */

static void
conf_write(struct storm *st)
{
	srv_conf(st->srv, "workers = %u\n"
	    "restart_backoff_min = 1ms  restart_backoff_max = 1ms\n"
	    "log { target = \"${DIR}/log.json\"  connections = false }\n"
	    "service \"e\" { handler = \"echo\" listen = {\"127.0.0.1:0\"%s}\n"
	    "	idle_timeout = %us  backlog = %u }\n"
	    "service \"f\" { handler = \"faulty\"\n"
	    "	listen = {\"127.0.0.1:0\"} }\n"
	    "service \"d\" { handler = \"echo\" listen = {\"127.0.0.1:0\"}\n"
	    "	echo { delay = %ums } }\n"
	    "service \"h\" { handler = \"reply\" listen = {\"127.0.0.1:0\"}\n"
	    "	reply { text = \"thank you\"  http = true } }\n"
	    "service \"r\" { handler = \"reply\" listen = {\"127.0.0.1:0\"}\n"
	    "	reply { text = \"yes, indeed\"  close = false } }\n",
	    st->workers, st->door ? ", \"127.0.0.2:0\"" : "",
	    300 + st->variant, 512 + st->variant, 20 + st->variant % 80);
}

static void
kill_worker(struct storm *st)
{
	storm_kill(st, storm_pick(st, "worker"));
}

/* A slot that loses keeper and worker at once loses its connections: so its
 * worker has to live, and to give them away in peace. */
static void
kill_keeper(struct storm *st)
{
	storm_settle(st);
	storm_kill(st, storm_pick(st, "keeper"));
	storm_settle(st);
}

static void
kill_master(struct storm *st)
{
	storm_kill(st, "master");
}

/* It costs this connection, and no other. */
static void
crash(struct storm *st)
{
	int fd = client_open(srv_addr(st->srv, "f", 0));
	char byte;

	client_say(fd, "CRASH");
	if (!storm_serve(st, fd, test_deadline_ms()) ||
	    recv(fd, &byte, 1, 0) > 0)
		fail_msg("who crashed a worker is served on");
	client_close(&fd);
	st->crashes++;
}

/* What the others do with it meanwhile must hold when it goes on. */
static void
stop_worker(struct storm *st)
{
	pid_t pid = srv_process(st->srv, storm_pick(st, "worker"));

	if (pid == 0 || kill(pid, SIGSTOP) == -1)
		return;
	storm_serve_for(st, (int64_t)storm_below(st, STOP_MS));
	if (storm_below(st, 2) == 0) {
		storm_kill(st, storm_pick(st, "worker"));
		storm_serve_for(st, (int64_t)storm_below(st, STOP_MS));
	}
	kill(pid, SIGCONT);
}

static void
scale(struct storm *st)
{
	char to[16];

	snprintf(to, sizeof to, "%u", 1 + (unsigned)storm_below(st,
	    WORKERS_MAX));
	storm_change(st, "scale", to, 0);
}

static void
scale_signal(struct storm *st)
{
	srv_signal(st->srv, storm_below(st, 2) == 0 ? SIGTTIN : SIGTTOU);
}

static void
reload(struct storm *st)
{
	st->workers = 1 + (unsigned)storm_below(st, WORKERS_MAX);
	st->variant = (unsigned)storm_below(st, 100);
	conf_write(st);
	storm_change(st, "reload", NULL, 0);
}

static void
reload_signal(struct storm *st)
{
	srv_signal(st->srv, SIGHUP);
}

/* By the signal: a verb finds the control socket by the file. */
static void
reload_bad(struct storm *st)
{
	static const char *const bad[] = {
		"", "servce", "service \"e\" {", "workers = -1\n",
		"service \"x\" { handler = \"echo\" listen = {\"8.8.8.8:1\"} }\n"
	};

	srv_conf(st->srv, "%s\n", bad[storm_below(st, nitems(bad))]);
	srv_signal(st->srv, SIGHUP);
	storm_serve_for(st, PAUSE_MS);
	conf_write(st);
}

/* An address comes, with guests, or goes, and they stay. */
static void
door(struct storm *st)
{
	size_t opened = srv_count_events(st->srv, "listener.open",
	    "{s:s}", "service", "e");

	storm_settle(st);
	st->door = !st->door;
	conf_write(st);
	storm_change(st, "reload", NULL, 0);
	if (srv_count_events(st->srv, "listener.open", "{s:s}", "service",
	    "e") > opened && st->doors < DOORS_MAX) {
		crowd_add(st->crowd, &by_door, srv_addr(st->srv, "e",
		    opened));
		st->doors++;
	}
}

static void
rotate(struct storm *st)
{
	size_t mark = st->srv->mark;

	srv_mark(st->srv);
	srv_file(st->srv, "log.json.1", "");
	assert_int_equal(rename(srv_path(st->srv, "log.json"),
	    srv_path(st->srv, "log.json.1")), 0);
	if (storm_below(st, 2) == 0)
		srv_signal(st->srv, SIGUSR1);
	else
		storm_change(st, "reopen", NULL, 0);
	srv_wait_event(st->srv, "log.reopen", NULL);
	storm_keep_log(st);
	st->srv->mark = mark;
}

static void
upgrade(struct storm *st)
{
	storm_change(st, "upgrade", NULL, 0);
}

static void
upgrade_signal(struct storm *st)
{
	srv_signal(st->srv, SIGUSR2);
}

static void
upgrade_bad(struct storm *st)
{
	static const char *const bad[] = { "/bin/true", "/etc/passwd",
	    "/bin/cat", "/nowhere" };

	storm_change(st, "upgrade", bad[storm_below(st, nitems(bad))], 1);
}

static const struct action {
	const char *name;
	unsigned weight;
	void (*act)(struct storm *st);
} actions[] = {
	{ "kill_worker",	20,	kill_worker },
	{ "kill_master",	10,	kill_master },
	{ "kill_keeper",	4,	kill_keeper },
	{ "crash",		6,	crash },
	{ "stop_worker",	6,	stop_worker },
	{ "scale",		6,	scale },
	{ "scale_signal",	4,	scale_signal },
	{ "reload",		4,	reload },
	{ "reload_signal",	6,	reload_signal },
	{ "reload_bad",		3,	reload_bad },
	{ "door",		3,	door },
	{ "rotate",		3,	rotate },
	{ "upgrade",		2,	upgrade },
	{ "upgrade_signal",	2,	upgrade_signal },
	{ "upgrade_bad",	2,	upgrade_bad },
};

/* -------------------------------------------------------------- a run ---- */

/* Whether STORM_ACTIONS, if there is any, names it. */
static bool
is_wanted(const struct action *a)
{
	const char *names = getenv("STORM_ACTIONS"), *at = names;
	size_t len = strlen(a->name);

	while (at != NULL && (at = strstr(at, a->name)) != NULL) {
		if ((at == names || at[-1] == ',') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
		at += len;
	}
	return names == NULL;
}

static const struct action *
choose(struct storm *st)
{
	uint64_t all = 0, at;
	size_t i;

	for (i = 0; i < nitems(actions); i++)
		all += is_wanted(&actions[i]) ? actions[i].weight : 0;
	if (all == 0)
		fail_msg("STORM_ACTIONS names none");
	at = storm_below(st, all);
	for (i = 0; i < nitems(actions); i++) {
		if (!is_wanted(&actions[i]))
			continue;
		if (at < actions[i].weight)
			break;
		at -= actions[i].weight;
	}
	return &actions[i];
}

static void
storm_begin(struct storm *st)
{
	size_t i;

	*st = (struct storm){ .workers = 2, .random = storm_number("STORM_SEED",
	    (unsigned long)clock_real_us()) };
	print_message("STORM_SEED=%llu\n", (unsigned long long)st->random);
	st->srv = srv_new_faulty();
	conf_write(st);
	srv_boot(st->srv);
	storm_keep_log(st);
	st->streams = streams_open(test_scale(STREAMS, 4),
	    srv_addr(st->srv, "e", 0), WINDOW);
	st->churn = churn_open(VISITORS, srv_addr(st->srv, "e", 0),
	    storm_below(st, 1000));
	st->crowd = crowd_open(storm_below(st, 1000));
	for (i = 0; i < nitems(manners); i++)
		crowd_add(st->crowd, &manners[i], srv_addr(st->srv,
		    manners[i].service, 0));
}

/* The errors that such a storm may leave in the log, where they are there. */
static void
expect_errors(struct storm *st)
{
	if (srv_count_events(st->srv, "worker.crash", "{s:s}", "level",
	    "error") > 0)
		srv_expect_error(st->srv, "worker.crash");
}

static void
storm_end(struct storm *st)
{
	struct streams_sum s;
	struct churn_sum v;
	struct crowd_sum c;

	storm_settle(st);
	streams_flow(st->streams, WINDOW);
	c = crowd_finish(&st->crowd);
	s = streams_finish(&st->streams);
	v = churn_finish(&st->churn);
	print_message("streams: %llu MB; visits: %zu; guests: %zu, %zu rounds, "
	    "%llu MB; wrong %zu, lost %zu; %zu crashed by content, %zu "
	    "changes refused\n", (unsigned long long)(s.bytes >> 20), v.done,
	    c.guests, c.rounds, (unsigned long long)(c.bytes >> 20),
	    s.wrong + v.wrong + c.wrong, s.lost + v.lost + c.lost, st->crashes,
	    st->refused);
	assert_int_equal(s.wrong + v.wrong + c.wrong, 0);
	assert_int_equal(s.lost + v.lost + c.lost, 0);
	assert_int_equal(srv_audit_count(st->srv, "lost"), st->crashes);
	expect_errors(st);
	srv_finish(&st->srv);
}

static void
test_storm(void **state)
{
	unsigned long steps = storm_number("STORM_STEPS", 0), done;
	int64_t began_ms, until_ms;
	const struct action *a;
	struct storm st;

	(void)state;
	storm_begin(&st);
	streams_flow(st.streams, 1);
	began_ms = clock_mono_ms();
	until_ms = began_ms + 1000 * (int64_t)storm_number("STORM_SECONDS",
	    SECONDS);
	for (done = 0; clock_mono_ms() < until_ms &&
	    (steps == 0 || done < steps); done++) {
		a = choose(&st);
		print_message("%8.3f %s\n",
		    (double)(clock_mono_ms() - began_ms) / 1000, a->name);
		a->act(&st);
		storm_serve_for(&st, (int64_t)storm_below(&st, PAUSE_MS));
		storm_check(&st);
	}
	print_message("%lu actions\n", done);
	storm_end(&st);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_storm, test_end),
	};

	return cmocka_run_group_tests(tests, test_begin, NULL);
}
