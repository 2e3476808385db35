/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sink - logs each message with the client's address, escaped.
 *
 * A message is what came in one piece; at most max_bytes of it are shown.
 */
#include "worker/service/service.h"

struct sink_section {
	uint64_t max_bytes;
};

static const struct conf_option sink_options[] = {
	{ .key = "max_bytes", .type = CONF_SIZE, .dflt = "1k",
	  .off = offsetof(struct sink_section, max_bytes),
	  .min = 1, .max = 3072, .when = CONF_NEW_CONNECTIONS,
	  .doc = "how much of a message the log shows" },
	{ .key = NULL }
};

static void
sink_input(struct conn *c)
{
	const struct sink_section *s = conn_section(c);
	struct log_rec r;
	const char *p;
	size_t n = conn_input(c, &p);

	if (n > 0) {
		conn_log_begin(c, &r, LOG_L_INFO, LOG_SERVICE_MESSAGE,
		    "message");
		log_uint(&r, "bytes_in", n);
		log_bytes(&r, "data", p, n, s->max_bytes);
		log_end(&r);
		conn_eat(c, n);
		conn_request(c);
	}
	if (conn_ended(c))
		conn_finish(c, REASON_CLIENT);
}

const struct service service_sink = {
	.section = { .handler = "sink", .options = sink_options,
	    .size = sizeof(struct sink_section) },
	.configure = service_no_configure,
	.open = service_nothing,
	.input = sink_input,
	.timer = service_nothing,
	.at_rest = service_always_at_rest,
};
