/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * discard - reads and drops (RFC 863).
 */
#include "worker/service/service.h"

static const struct conf_option discard_options[] = { { .key = NULL } };

static void
discard_input(struct conn *c)
{
	const char *p;

	conn_eat(c, conn_input(c, &p));
	if (conn_ended(c))
		conn_finish(c, REASON_CLIENT);
}

const struct service service_discard = {
	.section = { .handler = "discard", .options = discard_options },
	.configure = service_no_configure,
	.open = service_nothing,
	.input = discard_input,
	.timer = service_nothing,
	.at_rest = service_always_at_rest,
};
