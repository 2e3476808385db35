/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fd - closing descriptors, and passing them between processes.
 *
 * A receiver never keeps half a message: what was cut is closed, or a
 * connection would stay open in a table that has no row for it.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
};

void
fd_close(int *fd)
{
	int saved = errno, old = *fd;

	/* Forgotten first: whoever finds a number in shared memory after our
	 * death would else close a descriptor that has it by then. */
	*fd = -1;
	atomic_signal_fence(memory_order_seq_cst);
	/* Linux frees the number even on EINTR: a retry could hit another's. */
	if (old != -1)
		close(old);
	errno = saved;
}

int
fd_send(int sock, const void *buf, size_t len, const int *fds, size_t nfds)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
	    .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	union control ctl;
	ssize_t n;

	if (len == 0 || nfds > FD_PASS_MAX) {
		errno = EINVAL;		/* no bytes would look like the end */
		return -1;
	}
	if (nfds > 0) {
		memset(&ctl, 0, CMSG_SPACE(nfds * sizeof(int)));
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do {
		n = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

/* Takes the descriptors out of msg; those beyond max are closed. */
static size_t
take_fds(struct msghdr *msg, int *fds, size_t max)
{
	struct cmsghdr *c;
	size_t i, n, got = 0;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			if (got < max) {
				fds[got++] = fd;
				continue;
			}
			fd_close(&fd);
			msg->msg_flags |= MSG_CTRUNC;
		}
	}
	return got;
}

ssize_t
fd_recv(int sock, void *buf, size_t len, int *fds, size_t max, size_t *nfds)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control ctl;
	size_t got;
	ssize_t n;

	*nfds = 0;
	if (max > FD_PASS_MAX)
		max = FD_PASS_MAX;
	do {
		/* LEN, not SPACE: its padding would let one more in. */
		msg.msg_control = max > 0 ? ctl.buf : NULL;
		msg.msg_controllen = max > 0 ? CMSG_LEN(max * sizeof(int)) : 0;
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	got = take_fds(&msg, fds, max);
	if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		while (got > 0)
			fd_close(&fds[--got]);
		errno = EMSGSIZE;
		return -1;
	}
	*nfds = got;
	return n;
}
