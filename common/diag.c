/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag - what the kernel knows of our TCP addresses.
 *
 * The kernel filters by port and state; addresses are compared here, with the
 * same functions that compare what people configure.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common/diag.h"
#include "common/diag_dump.h"

enum {
	MASK_ALL = (1 << DIAG_NSTATES) - 2,
	/* TIME_WAIT does not keep a listener with SO_REUSEADDR out. */
	MASK_HOLDERS = (MASK_ALL & ~(1 << TCP_TIME_WAIT)) |
	    1 << DIAG_BOUND_INACTIVE
};

_Static_assert(TCP_CLOSING == DIAG_NSTATES - 1, "one place per TCP state");

const char *const diag_state_name[DIAG_NSTATES] = {
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV",
	[TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2",
	[TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
};

struct listener_search {
	const struct addr *a;
	struct diag_listener found;
};

static void
listener_each(const struct diag_sock *s, void *arg)
{
	struct listener_search *w = arg;

	if (s->msg->idiag_state != TCP_LISTEN || !addr_equal(&s->local, w->a))
		return;
	w->found.queue += s->msg->idiag_rqueue;
	w->found.backlog += s->msg->idiag_wqueue;
	w->found.drops += s->drops;
	w->found.sockets++;
}

int
diag_listener(const struct addr *a, struct diag_listener *out)
{
	struct addr plain = *a;
	struct listener_search w = { .a = &plain };
	uint16_t port = ntohs(a->u.sin.sin_port);
	struct diag_query q = { .family = (uint8_t)a->u.sa.sa_family,
	    .states = 1 << TCP_LISTEN, .ports = &port, .nports = 1 };

	if (q.family != AF_INET && q.family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	plain.mode = -1;		/* whatever the caller left there */
	plain.owner[0] = plain.group[0] = '\0';
	if (diag_dump(&q, listener_each, &w) == -1)
		return -1;
	if (w.found.sockets == 0) {
		errno = ENOENT;
		return -1;
	}
	*out = w.found;
	return 0;
}

struct states_count {
	uint8_t wanted[65536 / 8];
	struct diag_states found;
};

static void
states_each(const struct diag_sock *s, void *arg)
{
	struct states_count *w = arg;
	uint16_t port = ntohs(s->msg->id.idiag_sport);

	/* Asked for too many ports the kernel filters none. */
	if ((w->wanted[port / 8] & (1 << port % 8)) != 0 &&
	    s->msg->idiag_state < DIAG_NSTATES)
		w->found.n[s->msg->idiag_state]++;
}

int
diag_states(const uint16_t *ports, size_t nports, struct diag_states *out)
{
	struct diag_query q = { .states = MASK_ALL, .ports = ports,
	    .nports = nports };
	struct states_count w;
	size_t i;

	memset(&w, 0, sizeof(w));
	for (i = 0; i < nports; i++)
		w.wanted[ports[i] / 8] |= (uint8_t)(1 << ports[i] % 8);
	for (i = 0; i < 2 && nports > 0; i++) {
		q.family = i == 0 ? AF_INET : AF_INET6;
		if (diag_dump(&q, states_each, &w) == -1)
			return -1;
	}
	*out = w.found;
	return 0;
}

struct holder_search {
	const struct addr *a;
	bool v6only;
	struct diag_holder found;
};

static void
holder_each(const struct diag_sock *s, void *arg)
{
	struct holder_search *w = arg;
	bool v6only = w->a->u.sa.sa_family == AF_INET6 ? w->v6only :
	    s->v6only != 0;

	/* No inode: no process has it open, such as a request not yet done. */
	if (s->msg->idiag_inode == 0 || w->found.state == TCP_LISTEN ||
	    !addr_overlap(&s->local, w->a, v6only))
		return;
	w->found.inode = s->msg->idiag_inode;
	w->found.uid = s->msg->idiag_uid;
	w->found.state = s->msg->idiag_state;
	w->found.addr = s->local;
}

int
diag_port_find(const struct addr *a, bool v6only, struct diag_holder *out)
{
	struct holder_search w = { .a = a, .v6only = v6only };
	uint16_t port = ntohs(a->u.sin.sin_port);
	struct diag_query q = { .states = MASK_HOLDERS, .ports = &port,
	    .nports = 1 };
	int i;

	if (a->u.sa.sa_family != AF_INET && a->u.sa.sa_family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	for (i = 0; i < 2; i++) {
		q.family = i == 0 ? AF_INET : AF_INET6;
		if (diag_dump(&q, holder_each, &w) == -1)
			return -1;
	}
	if (w.found.inode == 0) {
		errno = ENOENT;
		return -1;
	}
	*out = w.found;
	return 0;
}
