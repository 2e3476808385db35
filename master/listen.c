/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen - opens the listeners.
 *
 * Options are set on the listener, because an accepted socket is a copy of it:
 * on Linux it inherits TCP_NODELAY, SO_KEEPALIVE with its three times,
 * TCP_USER_TIMEOUT, IP_TTL and IPV6_UNICAST_HOPS (measured by the test of this
 * file), so a worker pays no system call for them.  O_NONBLOCK and
 * close-on-exec are not inherited: accept4(2) has flags for them.
 *
 * SO_REUSEADDR lets us back onto a port whose old connections sit in
 * TIME_WAIT; two listeners on one port still exclude each other.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/listen.h"
#include "master/listen_unix.h"
#include "master/portholder.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum {
	KEEP_MAX_S = 32767,		/* the kernel's own limit */
	KEEP_COUNT = 3,			/* unanswered probes: dead */
	KEEP_INTVL_MAX_S = 75
};

struct sockopt {
	const char *key;		/* in the configuration */
	int level, name, value;
};

static int
clamp(int64_t v, int max)
{
	return v > max ? max : (int)v;
}

static int
seconds(int64_t ms, int max)
{
	return clamp((ms + 999) / 1000, max);
}

static int
opts_set(int fd, const struct sockopt *o, size_t n, char *why, size_t whylen)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		if (setsockopt(fd, o[i].level, o[i].name, &o[i].value,
		    sizeof(o[i].value)) == 0)
			continue;
		err = errno;
		snprintf(why, whylen, "this kernel refuses the option %s: %s",
		    o[i].key, strerror(err));
		errno = err;
		return -1;
	}
	return 0;
}

/* First probe after the time asked for, then three, three times as often. */
static int
keepalive_set(int fd, int64_t ms, char *why, size_t whylen)
{
	int intvl_s = seconds(ms / KEEP_COUNT, KEEP_INTVL_MAX_S);
	const struct sockopt on[] = {
		{ "keepalive", SOL_SOCKET, SO_KEEPALIVE, ms > 0 },
		{ "keepalive", IPPROTO_TCP, TCP_KEEPIDLE,
		    seconds(ms, KEEP_MAX_S) },
		{ "keepalive", IPPROTO_TCP, TCP_KEEPINTVL,
		    intvl_s > 0 ? intvl_s : 1 },
		{ "keepalive", IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT },
	};

	return opts_set(fd, on, ms > 0 ? NITEMS(on) : 1, why, whylen);
}

int
listen_options(int fd, const struct conf_service *s, char *why, size_t whylen)
{
	int ttl = s->ttl == 0 ? -1 : clamp((int64_t)s->ttl, 255);
	const struct sockopt opts[] = {
		{ "nodelay", IPPROTO_TCP, TCP_NODELAY, s->nodelay },
		/* Else a byte of urgent data is counted, but never read. */
		{ "urgent data in line", SOL_SOCKET, SO_OOBINLINE, 1 },
		{ "user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT,
		    clamp(s->user_timeout_ms, INT_MAX) },
		{ "defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT,
		    seconds(s->defer_accept_ms, INT_MAX) },
		{ "fastopen", IPPROTO_TCP, TCP_FASTOPEN,
		    clamp((int64_t)s->fastopen, INT_MAX) },
		/* Of a v6 listener too: its v4 clients' packets have a TTL. */
		{ "ttl", IPPROTO_IP, IP_TTL, ttl },
		{ "ttl", IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl },
	};
	int family;
	socklen_t len = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == -1) {
		snprintf(why, whylen, "not a socket");
		return -1;
	}
	if (keepalive_set(fd, s->keepalive_ms, why, whylen) == -1)
		return -1;
	return opts_set(fd, opts, NITEMS(opts) - (family == AF_INET6 ? 0 : 1),
	    why, whylen);
}

/* Why bind(2) or listen(2) failed with err, and what would help. */
static void
bind_explain(const struct addr *a, bool v6only, int err, char *why,
    size_t whylen)
{
	char holder[PORTHOLDER_TEXT_MAX];

	switch (err) {
	case EADDRINUSE:
		if (!portholder_text(a, v6only, holder))
			snprintf(holder, sizeof(holder),
			    "`ss -tlnp` may show by whom");
		snprintf(why, whylen, "the port is in use, %s; stop that or "
		    "choose another", holder);
		break;
	case EACCES:
		snprintf(why, whylen, "not permitted; a port below 1024 needs "
		    "root or CAP_NET_BIND_SERVICE");
		break;
	case EADDRNOTAVAIL:
		snprintf(why, whylen, "not an address of this machine; "
		    "`ip address` shows those");
		break;
	case EAFNOSUPPORT:
		snprintf(why, whylen, "this kernel has no %s; leave the "
		    "address out", a->u.sa.sa_family == AF_INET6 ? "IPv6" :
		    "IPv4");
		break;
	default:
		snprintf(why, whylen, "%s", strerror(err));
	}
	errno = err;
}

static int
tcp_bind(int fd, const struct addr *a, const struct conf_service *s,
    bool beside, char *why, size_t whylen)
{
	const struct sockopt opts[] = {
		{ "listen", SOL_SOCKET, SO_REUSEADDR, 1 },
		{ "v6only", IPPROTO_IPV6, IPV6_V6ONLY, s->v6only },
	};
	bool is_v6 = a->u.sa.sa_family == AF_INET6;
	const int on = 1, off = 0;

	if (opts_set(fd, opts, is_v6 ? 2 : 1, why, whylen) == -1 ||
	    listen_options(fd, s, why, whylen) == -1)
		return -1;
	if (beside)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (bind(fd, &a->u.sa, a->len) == -1 ||
	    listen(fd, clamp((int64_t)s->backlog, INT_MAX)) == -1) {
		bind_explain(a, s->v6only, errno, why, whylen);
		return -1;
	}
	/* From here on nobody else may bind beside it. */
	if (beside)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &off, sizeof off);
	return 0;
}

int
listen_open(const struct addr *a, const struct conf_service *s, int *fd,
    char *why, size_t whylen)
{
	return listen_open_beside(a, s, false, fd, why, whylen);
}

int
listen_open_beside(const struct addr *a, const struct conf_service *s,
    bool beside, int *fd, char *why, size_t whylen)
{
	int r, sock;

	sock = socket(a->u.sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock == -1) {
		bind_explain(a, s->v6only, errno, why, whylen);
		return -1;
	}
	if (a->u.sa.sa_family == AF_UNIX)
		r = listen_unix_bind(sock, a,
		    clamp((int64_t)s->backlog, INT_MAX), why, whylen);
	else
		r = tcp_bind(sock, a, s, beside, why, whylen);
	if (r == -1) {
		fd_close(&sock);
		return -1;
	}
	*fd = sock;
	return 0;
}

int
listen_file(const struct addr *a, struct listen_file *file)
{
	struct stat st;

	if (lstat(a->u.sun.sun_path, &st) == -1)
		return -1;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	return 0;
}

bool
listen_unlink(const struct addr *a, const struct listen_file *file)
{
	struct listen_file now;

	if (a->u.sa.sa_family != AF_UNIX || listen_file(a, &now) == -1 ||
	    now.dev != file->dev || now.ino != file->ino)
		return false;
	return unlink(a->u.sun.sun_path) == 0;
}

int64_t
listen_somaxconn(void)
{
	char buf[32];
	ssize_t n;
	int fd;

	fd = open("/proc/sys/net/core/somaxconn", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	fd_close(&fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	return strtoll(buf, NULL, 10);
}
