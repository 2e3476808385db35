/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_log - the records of a connection's life.
 */
#ifndef WORKER_CONN_LOG_H
#define WORKER_CONN_LOG_H

#include "worker/conn.h"

void	conn_log_open(const struct conn *c);
/* conn.close, or conn.reject if its reason is of that class; once a row. */
void	conn_log_close(const struct conn *c);

#endif
