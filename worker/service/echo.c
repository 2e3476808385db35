/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo - sends back what comes, in order.
 *
 * With `delay` a message (what has come so far) waits that long; with
 * `delay_if` only one that holds this text.  Meanwhile the connection is held,
 * others go on: one client is served serially.
 */
#include <string.h>

#include "worker/service/service.h"

struct echo_section {
	int64_t delay_ms;
	char *delay_if;
};

struct echo_state {
	uint32_t held;			/* bytes that wait for the timer */
};

static const struct conf_option echo_options[] = {
	{ .key = "delay", .type = CONF_MSEC, .dflt = "0s",
	  .off = offsetof(struct echo_section, delay_ms), .max = 3600000,
	  .when = CONF_NEW_CONNECTIONS,
	  .doc = "how long a message waits before it is sent back" },
	{ .key = "delay_if", .type = CONF_STRING, .dflt = "",
	  .off = offsetof(struct echo_section, delay_if),
	  .when = CONF_NEW_CONNECTIONS,
	  .doc = "only messages that hold this text wait" },
	{ .key = NULL }
};

static const char *
echo_check(const void *section)
{
	const struct echo_section *e = section;

	if (e->delay_if[0] != '\0' && e->delay_ms == 0)
		return "delay_if needs a delay, such as delay = 1s";
	return NULL;
}

static void
echo_back(struct conn *c, const char *p, size_t n)
{
	if (conn_write(c, p, n) == -1)
		return;
	conn_eat(c, n);
	conn_request(c);
}

static bool
must_wait(const struct conn *c, const char *p, size_t n)
{
	const struct echo_section *e = conn_section(c);

	return e->delay_ms > 0 && (e->delay_if[0] == '\0' ||
	    memmem(p, n, e->delay_if, strlen(e->delay_if)) != NULL);
}

static void
echo_input(struct conn *c)
{
	const struct echo_section *e = conn_section(c);
	struct echo_state *st = conn_state(c);
	const char *p;
	size_t n = conn_input(c, &p);

	if (n == 0) {
		if (conn_ended(c))
			conn_finish(c, REASON_CLIENT);
	} else if (must_wait(c, p, n)) {
		st->held = (uint32_t)n;
		conn_hold(c, true);
		conn_timer(c, e->delay_ms);
	} else if (conn_room(c)) {
		echo_back(c, p, n);
		if (conn_ended(c))
			conn_finish(c, REASON_CLIENT);
	}
}

static void
echo_timer(struct conn *c)
{
	struct echo_state *st = conn_state(c);
	const char *p;
	size_t n = conn_input(c, &p);

	conn_hold(c, false);
	echo_back(c, p, st->held < n ? st->held : n);
	st->held = 0;
}

const struct service service_echo = {
	.section = { .handler = "echo", .options = echo_options,
	    .size = sizeof(struct echo_section), .check = echo_check },
	.state_size = sizeof(struct echo_state),
	.configure = service_no_configure,
	.open = service_nothing,
	.input = echo_input,
	.timer = echo_timer,
	.at_rest = service_always_at_rest,
};
