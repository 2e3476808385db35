/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen_filter - closes a listener to newcomers without losing the queue.
 *
 * close(2) resets who is queued or in the middle of the handshake.  A filter
 * that drops SYN without ACK stops the inflow first, so that the queue can be
 * served to its end.  The client it leaves unanswered tries again after 1 s.
 */
#include <linux/filter.h>
#include <sys/socket.h>
#include <stdint.h>

#include "master/listen.h"

int
listen_filter_syn(int fd)
{
	/* The packet begins at its TCP header; byte 13 has the flags. */
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),	/* SYN, ACK */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),		/* a fresh SYN */
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	const struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]),
	    .filter = (struct sock_filter *)(uintptr_t)code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
	    sizeof(prog));
}

int
listen_filter_detach(int fd)
{
	int unused = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
	    sizeof(unused));
}
