/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * addr_print - addresses as text.
 *
 * Pure: no system call, so that a sandboxed worker may print any client; a
 * scope is therefore shown by number.  A v4 client of a v6 listener is shown
 * as the v4 client it is.  The bytes of a unix path come from a stranger:
 * what is not printable ASCII becomes '?'.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"

static void
print_v4(const void *ip4, in_port_t port, char *buf)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, ip4, ip, sizeof(ip));
	snprintf(buf, ADDR_TEXT_MAX, "%s:%u", ip, ntohs(port));
}

static void
print_v6(const struct sockaddr_in6 *sin6, char *buf)
{
	char ip[INET6_ADDRSTRLEN], scope[12] = "";

	inet_ntop(AF_INET6, &sin6->sin6_addr, ip, sizeof(ip));
	if (sin6->sin6_scope_id != 0)
		snprintf(scope, sizeof(scope), "%%%u", sin6->sin6_scope_id);
	snprintf(buf, ADDR_TEXT_MAX, "[%s%s]:%u", ip, scope,
	    ntohs(sin6->sin6_port));
}

static void
print_unix(const char *path, size_t n, char *buf)
{
	size_t i;

	if (n > 0 && path[0] != '\0')
		n = strnlen(path, n);
	memcpy(buf, "unix:", 5);
	buf += 5;
	for (i = 0; i < n; i++)
		buf[i] = path[i] >= 0x20 && path[i] < 0x7f ? path[i] : '?';
	if (n > 0 && path[0] == '\0')
		buf[0] = '@';		/* abstract, as ss(8) writes it */
	buf[n] = '\0';
}

const char *
addr_print(const struct sockaddr *sa, socklen_t len,
    char buf[static ADDR_TEXT_MAX])
{
	const size_t path_off = offsetof(struct sockaddr_un, sun_path);
	struct addr a;

	memset(&a.u, 0, sizeof(a.u));
	if (len > sizeof(a.u))
		len = sizeof(a.u);
	memcpy(&a.u, sa, len);
	if (a.u.sa.sa_family == AF_INET)
		print_v4(&a.u.sin.sin_addr, a.u.sin.sin_port, buf);
	else if (a.u.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&a.u.sin6.sin6_addr))
		print_v4(a.u.sin6.sin6_addr.s6_addr + 12, a.u.sin6.sin6_port,
		    buf);
	else if (a.u.sa.sa_family == AF_INET6)
		print_v6(&a.u.sin6, buf);
	else if (a.u.sa.sa_family == AF_UNIX || len == 0)
		print_unix(a.u.sun.sun_path, len > path_off ? len - path_off :
		    0, buf);
	else
		snprintf(buf, ADDR_TEXT_MAX, "family %u", a.u.sa.sa_family);
	return buf;
}
