/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp_pos - TCP_INFO and the queue lengths, read until they agree.
 *
 * consumed = bytes_received - SIOCINQ and taken = bytes_acked + SIOCOUTQ; the
 * client's FIN counts one in bytes_received and none in SIOCINQ.  Segments may
 * come between the calls, so both are read again until nothing moved.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <errno.h>

#include "worker/tcp_pos.h"

enum { TRIES = 1000 };

/* Of include/net/tcp_states.h: those behind the client's FIN. */
enum {
	STATE_SYN_RECV = 3, STATE_TIME_WAIT = 6, STATE_CLOSE = 7,
	STATE_CLOSE_WAIT = 8,
	STATE_LAST_ACK = 9, STATE_CLOSING = 11
};

static bool
fin_received(int state)
{
	return state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK ||
	    state == STATE_CLOSING || state == STATE_TIME_WAIT;
}

static int
tcp_info_get(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof *ti;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &len);
}

int
tcp_pos_get(int fd, struct tcp_pos *pos)
{
	struct tcp_info a, b;
	int in, out;

	for (int i = 0; i < TRIES; i++) {
		if (tcp_info_get(fd, &a) == -1 ||
		    ioctl(fd, SIOCINQ, &in) == -1 ||
		    ioctl(fd, SIOCOUTQ, &out) == -1 ||
		    tcp_info_get(fd, &b) == -1)
			return -1;
		if (a.tcpi_bytes_received != b.tcpi_bytes_received ||
		    a.tcpi_bytes_acked != b.tcpi_bytes_acked ||
		    a.tcpi_state != b.tcpi_state)
			continue;
		/* Fast open, before the handshake's end: SIOCINQ says 0. */
		if (a.tcpi_state == STATE_SYN_RECV)
			break;
		pos->dead = a.tcpi_state == STATE_CLOSE;
		pos->consumed = a.tcpi_bytes_received -
		    fin_received(a.tcpi_state) - (uint64_t)in;
		pos->taken = a.tcpi_bytes_acked + (uint64_t)out;
		return 0;
	}
	errno = EAGAIN;
	return -1;
}
