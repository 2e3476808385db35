/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp_pos - what the kernel knows of a stream: how far it was read and how
 * much it took to send.  What a process forgot by dying is in there.
 */
#ifndef WORKER_TCP_POS_H
#define WORKER_TCP_POS_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_pos {
	uint64_t consumed;		/* bytes read from the socket, ever */
	uint64_t taken;			/* bytes it accepted for sending, our
					   FIN counted as one */
	bool dead;			/* reset: the positions mean nothing */
};

/*
 * Positions of a TCP connection since it was accepted: RFC 4898's
 * tcpEStatsAppHCThruOctetsReceived as Linux has it, tcp(7) SIOCINQ, SIOCOUTQ.
 * 0, or -1 with errno (EAGAIN: they would not stand still; ENOTSOCK ...).
 */
int	tcp_pos_get(int fd, struct tcp_pos *pos);

#endif
