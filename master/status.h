/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - the object of INTERFACE section 5.
 */
#ifndef MASTER_STATUS_H
#define MASTER_STATUS_H

#include "common/json.h"
#include "master/master.h"

/* Borrows m; writes one object.  Fields of parts that are not in this version
 * (latency, queue wait, the status slot) are left out. */
void	status_write(const struct master *m, struct json *j);

#endif
