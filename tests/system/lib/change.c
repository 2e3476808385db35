/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change - planned changes of a server while byte-checked streams go on.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "tests/system/lib/change.h"
#include "tests/system/lib/look.h"

enum { STEP_MS = 5, EVEN_FROM = 30 };

int
change_verb(struct srv *srv, struct streams *s, struct proc *p,
    const char *verb, const char *word)
{
	srv_verb_start(srv, p, verb, word, NULL);
	if (s != NULL) {
		struct pollfd ended = { .fd = p->pid_fd, .events = POLLIN };

		while (poll(&ended, 1, 0) == 0)
			streams_step(s, STEP_MS);
	}
	return proc_wait(p);
}

static void
must(struct srv *srv, struct streams *s, const char *verb, const char *word,
    const char *says, bool ok)
{
	struct proc p;

	if (change_verb(srv, s, &p, verb, word) != (ok ? 0 : 1))
		fail_msg("%s %s: %d: %s%s", verb, word != NULL ? word : "",
		    p.status, p.out, p.err);
	look_holds(ok ? p.out : p.err, says);
	assert_string_equal(ok ? p.err : p.out, "");
	proc_end(&p);
}

void
change_must(struct srv *srv, struct streams *s, const char *verb,
    const char *word, const char *says)
{
	must(srv, s, verb, word, says, true);
}

void
change_must_not(struct srv *srv, struct streams *s, const char *verb,
    const char *word, const char *says)
{
	must(srv, s, verb, word, says, false);
}

json_t *
change_wait_event(struct srv *srv, struct streams *s, const char *event)
{
	int64_t deadline = test_deadline_ms();

	while (s != NULL && test_left_ms(deadline) > 0) {
		srv_log_read(srv);
		if (srv_count_events(srv, event, NULL) > 0)
			break;
		streams_step(s, STEP_MS);
	}
	return srv_wait_event(srv, event, NULL);
}

struct change_slots
change_slots(struct srv *srv)
{
	json_t *status = look_status(srv), *w;
	struct change_slots sum = { 0 };
	size_t i;

	json_array_foreach(json_object_get(status, "workers"), i, w) {
		const char *role = json_string_value(json_object_get(w,
		    "role"));
		int64_t open = look_number(w, "connections");

		assert_non_null(role);
		if (strcmp(role, "serving") == 0)
			sum.serving++;
		else
			sum.others++;
		sum.open += open;
		sum.most = open > sum.most ? open : sum.most;
	}
	json_decref(status);
	return sum;
}

void
change_wait_slots(struct srv *srv, size_t serving, size_t others)
{
	int64_t deadline = test_deadline_ms();
	struct change_slots c;

	do {
		c = change_slots(srv);
		if (c.serving == serving && c.others == others)
			return;
	} while (test_left_ms(deadline) > 0);
	fail_msg("%zu serve, %zu others", c.serving, c.others);
}

static bool
is_even(const struct change_slots *c, size_t workers)
{
	int64_t mean = workers > 0 ? c->open / (int64_t)workers : 0;

	if (c->serving != workers || c->others != 0)
		return false;
	return mean < EVEN_FROM || c->most * 10 <= mean * 13;
}

void
change_wait_even(struct srv *srv, struct streams *s, size_t workers)
{
	int64_t deadline = test_deadline_ms();
	struct change_slots c = change_slots(srv);

	for (; !is_even(&c, workers); c = change_slots(srv)) {
		if (test_left_ms(deadline) == 0)
			fail_msg("%zu serve, not %zu; %zu others; %lld open, "
			    "%lld in one", c.serving, workers, c.others,
			    (long long)c.open, (long long)c.most);
		if (s != NULL)
			streams_step(s, STEP_MS);
	}
}

int
change_taken_port(int *fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sin;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(*fd, 1), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&sin, &len), 0);
	return ntohs(sin.sin_port);
}

int
change_free_port(void)
{
	int fd, port = change_taken_port(&fd);

	fd_close(&fd);
	return port;
}

void
change_none_lost(struct streams **s)
{
	struct streams_sum sum = streams_finish(s);

	assert_int_equal(sum.lost, 0);
	assert_int_equal(sum.wrong, 0);
}
