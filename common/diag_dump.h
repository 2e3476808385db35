/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag_dump - one question to the kernel's socket tables, one call per answer.
 *
 * NETLINK_SOCK_DIAG, sock_diag(7).  Needs no privilege.  A dump takes at most
 * two seconds, whatever the kernel does.
 */
#ifndef COMMON_DIAG_DUMP_H
#define COMMON_DIAG_DUMP_H

#include <linux/inet_diag.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum {
	DIAG_BC_PORTS_MAX = 64,		/* ports the kernel filters itself */
	/* To ask for those merely bound (Linux 6.8); they come as TCP_CLOSE. */
	DIAG_BOUND_INACTIVE = 13
};

struct diag_query {
	uint8_t family;			/* AF_INET or AF_INET6 */
	uint32_t states;		/* 1 << TCP_LISTEN ... */
	const uint16_t *ports;		/* local ports, host order; borrowed */
	size_t nports;			/* 0, or too many: every port comes */
};

/* One socket of the answer; lives as long as the call. */
struct diag_sock {
	const struct inet_diag_msg *msg;
	struct addr local;		/* a v4-mapped address as v4 */
	uint32_t drops;
	uint8_t v6only;
};

/*
 * Calls each(sock, arg) for every TCP socket that fits q.  0, or -1 with errno:
 * ETIMEDOUT, ENOENT (a kernel without inet_diag), or what socket(2), send(2)
 * and recv(2) say; then some sockets may have been reported already.
 */
int	diag_dump(const struct diag_query *q,
	    void (*each)(const struct diag_sock *, void *), void *arg);

#endif
