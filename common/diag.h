/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag - what the kernel knows of our TCP addresses.
 *
 * Queue, backlog and drops of a listener, connections by state, and who holds
 * an address.  Each call asks afresh, needs no privilege and ends within a few
 * seconds; none belongs in a hot path.  Numbers are those of a moving target.
 * Errors are those of diag_dump().
 */
#ifndef COMMON_DIAG_H
#define COMMON_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum { DIAG_NSTATES = 12 };	/* index: TCP_ESTABLISHED (1) to TCP_CLOSING */

/* "ESTABLISHED" ... "CLOSING"; [0] is NULL. */
extern const char *const diag_state_name[DIAG_NSTATES];

struct diag_listener {
	uint32_t queue;			/* connections that wait for accept */
	uint32_t backlog;		/* how many may */
	uint32_t drops;			/* since it was opened */
	uint32_t sockets;		/* that listen there (SO_REUSEPORT) */
};

/* SYN_RECV includes what the kernel calls NEW_SYN_RECV. */
struct diag_states {
	uint64_t n[DIAG_NSTATES];
};

struct diag_holder {
	uint32_t inode, uid;		/* of the socket */
	uint8_t state;			/* TCP_LISTEN; TCP_CLOSE: bound only */
	struct addr addr;		/* which it is bound to */
};

/*
 * The numbers of the listener on exactly a; summed if several sockets share
 * it.  0, or -1 with errno: ENOENT when nothing listens there.
 */
int	diag_listener(const struct addr *a, struct diag_listener *out);

/* Counts the sockets, v4 and v6, whose local port is one of ports (host
 * order; borrowed; twice the same counts once).  0, or -1 with errno. */
int	diag_states(const uint16_t *ports, size_t nports,
	    struct diag_states *out);

/*
 * Who keeps us from binding a: the listener on it or on an address that
 * overlaps, else a connected or (since Linux 6.8) merely bound socket.  0, or
 * -1 with errno: ENOENT when there is none.
 */
int	diag_port_find(const struct addr *a, bool v6only,
	    struct diag_holder *out);

#endif
