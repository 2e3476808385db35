/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quarantine - clients that are refused for having crashed workers.
 *
 * The master decides and writes the list (common/commons.h); at accept it costs
 * one load as long as it is empty.  Connections that were there before go on.
 */
#ifndef WORKER_QUARANTINE_H
#define WORKER_QUARANTINE_H

#include <sys/socket.h>
#include <stdbool.h>

#include "common/commons.h"

/* True if a client at that address is on the list.  While the list is being
 * written, by a master that died of it too, nobody is. */
bool	quarantine_holds(const struct quarantine_list *list,
	    const struct sockaddr *sa);

#endif
