/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel - telling the master, and being woken by it.
 */
#include <sys/socket.h>
#include <errno.h>

#include "worker/channel.h"

void
channel_tell(struct worker *w, enum msg_type type)
{
	struct msg m = { .version = MSG_VERSION, .type = (uint16_t)type };

	/* Lost when full: the master looks at the slot at its every turn. */
	(void)!send(w->args->channel_fd, &m, sizeof m,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
channel_read(struct worker *w)
{
	struct msg m;
	ssize_t n;

	do
		n = recv(w->args->channel_fd, &m, sizeof m, MSG_DONTWAIT);
	while (n > 0 || (n == -1 && errno == EINTR));
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		w->orphaned = true;
}
