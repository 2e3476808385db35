/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_log - conn.open, conn.close, conn.reject and services' own records.
 */
#include "common/addr.h"
#include "worker/conn_log.h"
#include "worker/state.h"

void
conn_log_begin(const struct conn *c, struct log_rec *r, enum log_level level,
    enum log_event ev, const char *msg)
{
	char client[ADDR_TEXT_MAX];

	log_begin(r, level, ev, "%s", msg);
	if (r->off)
		return;
	log_str(r, "service", c->conf->name);
	log_uint(r, "conn", c->row->id);
	log_str(r, "client", row_client(c->row, client));
}

void
conn_log_open(const struct conn *c)
{
	struct log_rec r;

	if (!c->w->conf->log.connections || !log_on(LOG_L_INFO))
		return;
	conn_log_begin(c, &r, LOG_L_INFO, LOG_CONN_OPEN, "client connected");
	log_end(&r);
}

void
conn_log_close(const struct conn *c)
{
	struct row *row = c->row;
	enum reason_class class = reasons[row->reason].class;
	bool rejected = class == REASON_C_REJECTED;
	bool lost = class == REASON_C_LOST;
	enum log_level level = lost ? LOG_L_WARN : LOG_L_INFO;
	struct log_rec r;

	if ((!c->w->conf->log.connections && !lost) || !log_on(level) ||
	    (row->flags & ROW_F_LOGGED))
		return;
	conn_log_begin(c, &r, level,
	    rejected ? LOG_CONN_REJECT : LOG_CONN_CLOSE,
	    rejected ? "client refused" : "connection ended");
	log_uint(&r, "bytes_in", row->rx);
	log_uint(&r, "bytes_out", row->tx);
	log_uint(&r, "requests", row->requests);
	log_int(&r, "duration_ms", c->w->now_ms - row->opened_ms);
	log_str(&r, "reason", reasons[row->reason].name);
	log_end(&r);
	row->flags |= ROW_F_LOGGED;
}
