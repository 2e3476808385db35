/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acl - who may talk to a service: allow and deny lists of prefixes.
 */
#ifndef WORKER_ACL_H
#define WORKER_ACL_H

#include <sys/socket.h>
#include <stdbool.h>

#include "common/conf.h"

/* The longest matching prefix decides, deny wins a tie; without a match an
 * empty allow admits.  Unix peers have no address and are admitted. */
bool	acl_admits(const struct conf_service *conf, const struct sockaddr *sa);

#endif
