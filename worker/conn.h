/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn - a connection as its service sees it.
 *
 * Lives on the stack of one event; what lasts is the row.  None of these makes
 * a system call: bytes were received before a service is called, and leave
 * after it has returned, several writes of a turn as one.
 */
#ifndef WORKER_CONN_H
#define WORKER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/log.h"
#include "common/slot.h"

struct worker;
struct service;

struct conn {
	struct worker *w;
	struct row *row;
	int fd;
	const struct conf_service *conf;
	const struct service *service;
};

enum { CONN_HIGH_WATER = 4 * SLOT_BUF_SIZE };	/* output that may wait */

/* The service's state in the row; zero when the connection opens. */
static inline void *
conn_state(const struct conn *c)
{
	return c->row->svc;
}

/* The handler's section of the config; borrowed. */
static inline const void *
conn_section(const struct conn *c)
{
	return c->conf->section;
}

/* What configure() returned for this service. */
const void *conn_shared(const struct conn *c);

/* Bytes received and not yet eaten; *p is valid until the service returns. */
size_t	conn_input(const struct conn *c, const char **p);
void	conn_eat(struct conn *c, size_t n);
/* The client has ended its side; conn_input() is all there will be. */
bool	conn_ended(const struct conn *c);

/* False: more than CONN_HIGH_WATER waits to leave.  The service stops eating
 * and is called again when there is room. */
bool	conn_room(const struct conn *c);
/* Copies n bytes behind the output.  0, or -1 with ENOBUFS: the pool is empty
 * (more than POOL_RESERVE buffers in one call), the connection is ended. */
int	conn_write(struct conn *c, const void *p, size_t n);

/* Holds back input, and the news of the client's end, until released. */
void	conn_hold(struct conn *c, bool hold);
/* Calls timer() in ms from now; 0 takes it back. */
void	conn_timer(struct conn *c, int64_t ms);
/* One message was answered; the one that reaches max_requests ends it. */
void	conn_request(struct conn *c);
/* The service has said its last: output leaves, then the end.  The first
 * reason stays. */
void	conn_finish(struct conn *c, enum reason why);

/* Begins a log record about this connection: service, conn, client. */
void	conn_log_begin(const struct conn *c, struct log_rec *r,
	    enum log_level level, enum log_event ev, const char *msg);

#endif
