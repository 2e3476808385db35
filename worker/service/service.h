/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service - what the bytes of a connection mean.
 *
 * One const struct, one small file, one row in the table.  A service never
 * touches the client's socket: it reads and writes through conn.h.  Each call
 * is a transaction on the row: if the worker dies in it, the successor undoes
 * it and calls again with the same input, so a service keeps what it must not
 * lose in conn_state() and has no other side effects but its writes.
 */
#ifndef WORKER_SERVICE_SERVICE_H
#define WORKER_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/conf.h"
#include "worker/conn.h"

struct service {
	struct conf_section section;	/* handler name and option rows */
	size_t state_size;		/* of conn_state(), <= SLOT_STATE_MAX */
	/* Derives what every connection shares; once a worker, for each service
	 * of the config.  Returns it (kept for life), or NULL: nothing. */
	const void *(*configure)(const struct conf_service *conf);
	void	(*open)(struct conn *c);	/* state is zeroed */
	/* Bytes came, or the client's end, or there is room again; may be
	 * called with nothing new. */
	void	(*input)(struct conn *c);
	void	(*timer)(struct conn *c);	/* conn_timer() has come due */
	/* Nothing is owed to the client: it may be closed or moved now. */
	bool	(*at_rest)(const struct conn *c);
};

/* Ends with NULL. */
extern const struct service *const services[];
const struct service *service_find(const char *handler);	/* NULL: none */

/* For services with nothing to do there. */
void	service_nothing(struct conn *c);
bool	service_always_at_rest(const struct conn *c);
const void *service_no_configure(const struct conf_service *conf);

extern const struct service service_echo, service_reply, service_sink,
    service_discard;

#endif
