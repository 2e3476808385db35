/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel - telling the master, and being told by it.
 *
 * Most messages only wake; orders to move bring a descriptor.  Neither end
 * blocks (the master made them so).
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "worker/channel.h"
#include "worker/move.h"

struct order {				/* the longest message */
	struct msg msg;
	struct move_order what;
};

void
channel_tell(struct worker *w, enum msg_type type)
{
	struct msg m = { .version = MSG_VERSION, .type = (uint16_t)type };

	/* Lost when full: the master looks at the slot at its every turn. */
	(void)!send(w->args->channel_fd, &m, sizeof m,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Takes fd, -1: none came. */
static void
obey(struct worker *w, const struct order *o, size_t len, int fd)
{
	bool known = len >= sizeof o->msg && o->msg.version == MSG_VERSION;

	if (known && o->msg.type == MSG_TAKE && fd != -1) {
		take_begin(w, o->msg.kind, o->msg.number, fd);
	} else if (known && o->msg.type == MSG_GIVE && fd != -1 &&
	    len == sizeof *o) {
		give_begin(w, o->msg.number, fd, &o->what);
	} else {
		w->look |= known && o->msg.type == MSG_LOOK;
		if (known && o->msg.type == MSG_SETTLE)
			give_settle(w, o->msg.number, o->msg.seq);
		fd_close(&fd);
	}
}

/* Readable for ever from now on: out of the engine. */
static void
orphaned(struct worker *w)
{
	w->orphaned = true;
	w->engine->forget(w, w->args->channel_fd);
	w->watch[w->args->channel_fd].what = WATCH_NONE;
}

void
channel_read(struct worker *w)
{
	struct order o;
	size_t nfds;
	ssize_t n;
	int fd;

	do {
		fd = -1;
		n = fd_recv(w->args->channel_fd, &o, sizeof o, &fd, 1, &nfds);
		if (n > 0)
			obey(w, &o, (size_t)n, nfds == 1 ? fd : -1);
	} while (n > 0 || (n == -1 && errno == EMSGSIZE));
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		orphaned(w);
}
