/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag_dump - one question to the kernel's socket tables, one call per answer.
 *
 * The ports are given to the kernel as a filter program, so that a host with a
 * hundred thousand other connections does not have to copy them to us.  What
 * comes is checked as if a stranger had sent it.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/clock.h"
#include "common/diag_dump.h"
#include "common/fd.h"

enum {
	DUMP_SEQ = 1,
	DUMP_MAX_MS = 2000,		/* for the whole of it */
	DUMP_BUF = 16384,
	BC_PORT_OPS = 5,		/* S_GE, port, S_LE, port, JMP */
	BC_OP = sizeof(struct inet_diag_bc_op)
};

struct request {
	struct nlmsghdr nlh;
	struct inet_diag_req_v2 req;
	struct rtattr attr;
	struct inet_diag_bc_op bc[DIAG_BC_PORTS_MAX * BC_PORT_OPS];
};

/*
 * port == p[0] or port == p[1] ...: .yes and .no are jumps in bytes; ending
 * exactly at the end accepts, 4 bytes behind it refuses.
 */
static size_t
filter_ports(struct inet_diag_bc_op *op, const uint16_t *ports, size_t n)
{
	size_t i, k, left;

	for (i = 0; i < n; i++, op += BC_PORT_OPS) {
		/* From this port's first op to the end of the program. */
		left = (n - i) * BC_PORT_OPS * BC_OP;
		for (k = 0; k < 4; k += 2) {
			op[k].code = k == 0 ? INET_DIAG_BC_S_GE :
			    INET_DIAG_BC_S_LE;
			op[k].yes = 2 * BC_OP;
			/* The next port, or for the last one the refusal. */
			op[k].no = (uint16_t)((BC_PORT_OPS - k) * BC_OP +
			    (i == n - 1 ? BC_OP : 0));
			op[k + 1].no = ports[i];
		}
		op[4].code = INET_DIAG_BC_JMP;
		op[4].yes = BC_OP;
		op[4].no = (uint16_t)(left - 4 * BC_OP);
	}
	return n * BC_PORT_OPS * BC_OP;
}

static int
dump_send(int sock, const struct diag_query *q)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	struct request r;
	size_t len = offsetof(struct request, attr), bclen;
	ssize_t n;

	memset(&r, 0, sizeof(r));
	r.req.sdiag_family = q->family;
	r.req.sdiag_protocol = IPPROTO_TCP;
	r.req.idiag_states = q->states;
	r.req.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
	if (q->nports > 0 && q->nports <= DIAG_BC_PORTS_MAX) {
		bclen = filter_ports(r.bc, q->ports, q->nports);
		r.attr.rta_type = INET_DIAG_REQ_BYTECODE;
		r.attr.rta_len = (unsigned short)RTA_LENGTH(bclen);
		len += RTA_LENGTH(bclen);
	}
	r.nlh.nlmsg_len = (uint32_t)len;
	r.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	r.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	r.nlh.nlmsg_seq = DUMP_SEQ;
	do {
		n = sendto(sock, &r, len, 0, (struct sockaddr *)&nl,
		    sizeof(nl));
	} while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

static void
local_fill(const struct inet_diag_msg *m, struct addr *a)
{
	const uint8_t *src = (const uint8_t *)m->id.idiag_src;
	struct in6_addr in6;

	memset(a, 0, sizeof(*a));
	a->mode = -1;
	memcpy(&in6, src, sizeof(in6));
	if (m->idiag_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&in6)) {
		a->u.sin6.sin6_family = AF_INET6;
		a->u.sin6.sin6_addr = in6;
		if (IN6_IS_ADDR_LINKLOCAL(&in6))
			a->u.sin6.sin6_scope_id = m->id.idiag_if;
		a->len = sizeof(a->u.sin6);
	} else {
		a->u.sin.sin_family = AF_INET;
		memcpy(&a->u.sin.sin_addr, m->idiag_family == AF_INET6 ?
		    src + 12 : src, sizeof(a->u.sin.sin_addr));
		a->len = sizeof(a->u.sin);
	}
	a->u.sin.sin_port = m->id.idiag_sport;	/* one place in both */
}

static void
sock_fill(const struct nlmsghdr *nlh, struct diag_sock *s)
{
	const struct inet_diag_msg *m = NLMSG_DATA(nlh);
	const struct rtattr *a = (const void *)(m + 1);
	const size_t drops_off = SK_MEMINFO_DROPS * sizeof(uint32_t);
	size_t n, left = nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*m));

	memset(s, 0, sizeof(*s));
	s->msg = m;
	local_fill(m, &s->local);
	while (left >= sizeof(*a) && a->rta_len >= sizeof(*a) &&
	    a->rta_len <= left) {
		n = RTA_PAYLOAD(a);
		if (a->rta_type == INET_DIAG_SKMEMINFO &&
		    n >= drops_off + sizeof(s->drops))
			memcpy(&s->drops, (const char *)RTA_DATA(a) +
			    drops_off, sizeof(s->drops));
		else if (a->rta_type == INET_DIAG_SKV6ONLY && n >= 1)
			memcpy(&s->v6only, RTA_DATA(a), 1);
		n = RTA_ALIGN(a->rta_len);
		if (n > left)
			break;
		left -= n;
		a = (const void *)((const char *)a + n);
	}
}

/* 1: more to come, 0: done, -1 with errno. */
static int
dump_message(const struct nlmsghdr *nlh,
    void (*each)(const struct diag_sock *, void *), void *arg)
{
	struct diag_sock s;
	int32_t err;

	switch (nlh->nlmsg_type) {
	case NLMSG_DONE:
	case NLMSG_ERROR:
		/* Both begin with an error number, 0 or negative. */
		if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(err)))
			return 0;
		memcpy(&err, NLMSG_DATA(nlh), sizeof(err));
		if (err < 0)
			errno = -err;
		return err < 0 ? -1 : 0;
	case SOCK_DIAG_BY_FAMILY:
		if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*s.msg)))
			break;
		sock_fill(nlh, &s);
		each(&s, arg);
		break;
	}
	return 1;
}

/* One datagram of several messages; as dump_message(). */
static int
dump_recv(int sock, void (*each)(const struct diag_sock *, void *), void *arg)
{
	_Alignas(struct nlmsghdr) char buf[DUMP_BUF];
	const struct nlmsghdr *nlh = (const void *)buf;
	size_t left, n;
	ssize_t got;
	int more = 1;

	do {
		got = recv(sock, buf, sizeof(buf), MSG_TRUNC);
	} while (got == -1 && errno == EINTR);
	if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		errno = ETIMEDOUT;
	if (got == -1)
		return -1;
	if ((size_t)got > sizeof(buf)) {
		errno = EMSGSIZE;
		return -1;
	}
	for (left = (size_t)got; more == 1 && left >= sizeof(*nlh) &&
	    nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= left;
	    left -= n, nlh = (const void *)((const char *)nlh + n)) {
		if (nlh->nlmsg_seq == DUMP_SEQ)
			more = dump_message(nlh, each, arg);
		n = NLMSG_ALIGN(nlh->nlmsg_len);
		if (n > left)
			break;
	}
	return more;
}

int
diag_dump(const struct diag_query *q,
    void (*each)(const struct diag_sock *, void *), void *arg)
{
	const struct timeval tv = { .tv_sec = 1 };
	int64_t end_ms = clock_mono_ms() + DUMP_MAX_MS;
	int more = -1, sock;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (sock == -1)
		return -1;
	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1 ||
	    dump_send(sock, q) == -1)
		goto out;
	do {
		more = dump_recv(sock, each, arg);
		if (more == 1 && clock_mono_ms() > end_ms) {
			errno = ETIMEDOUT;
			more = -1;
		}
	} while (more == 1);
out:
	fd_close(&sock);
	return more;
}
