/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * addr - parses and compares addresses.
 *
 * Nothing here asks a resolver, so a configuration means the same on every
 * start and a dead name server cannot hold one up.  A mistake is refused with
 * one static sentence that says what would be right.  A result is written only
 * when all of it is good.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "common/addr.h"

enum { HOST_MAX = INET6_ADDRSTRLEN + IF_NAMESIZE, UNIX_PREFIX = 5 };

static const char why_form[] =
    "an address is written 127.0.0.1:80, [::1]:80, *:80 or unix:/path";
static const char why_port_alone[] =
    "a port alone does not say where: *:80 is every v4 address, [::]:80 every "
    "v6 address, 127.0.0.1:80 this machine only";
static const char why_port[] = "a port is a number from 1 to 65535 "
    "(0: the kernel chooses)";
static const char why_no_port[] = "the port is missing: 127.0.0.1:80, [::1]:80";
static const char why_name[] =
    "use a numeric address such as 127.0.0.1 or [::1]; names are not looked up";
static const char why_brackets[] = "a v6 address goes in brackets: [::1]:80";
static const char why_mapped[] =
    "write a v4 address plainly, 127.0.0.1, without ::ffff:";
static const char why_multicast[] = "TCP has no multicast; use an address of "
    "this machine";
static const char why_scope_missing[] =
    "a link-local address needs its interface: [fe80::1%eth0]:80";
static const char why_scope_extra[] =
    "only a link-local address has an interface: [fe80::1%eth0]:80";
static const char why_scope_unknown[] =
    "no such interface here; `ip link` shows their names";
static const char why_spaces[] = "an address has no spaces";
static const char why_unix_only[] =
    "mode=, owner= and group= are for unix: addresses only";
static const char why_unix_prefix[] = "a unix socket is written unix:/path";
static const char why_path[] =
    "a unix socket has an absolute path: unix:/run/belay/x.sock";
static const char why_path_dir[] =
    "a unix socket's path ends in a file name: unix:/run/belay/x.sock";
static const char why_path_long[] =
    "a unix socket's path is at most 107 bytes";
static const char why_option[] =
    "after the path may follow mode=0660 owner=NAME group=NAME (a path has no "
    "spaces)";
static const char why_twice[] = "mode=, owner= and group= stand once each";
static const char why_mode[] = "a mode is octal, 0000 to 0777: mode=0660";
static const char why_who[] =
    "owner= and group= take a name or number of 1 to 32 bytes";

/* "0" to max, no sign, no leading zero, nothing behind. */
static bool
parse_number(const char *s, unsigned max, unsigned *out)
{
	unsigned v = 0;
	size_t i;

	if (s[0] == '\0' || (s[0] == '0' && s[1] != '\0'))
		return false;
	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] < '0' || s[i] > '9' || i == 6)
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	*out = v;
	return v <= max;
}

/* A v6 scope: an interface by name or by number. */
static const char *
parse_scope(const char *zone, struct sockaddr_in6 *sin6)
{
	unsigned n = 0;

	if (!IN6_IS_ADDR_LINKLOCAL(&sin6->sin6_addr))
		return zone == NULL ? NULL : why_scope_extra;
	if (zone == NULL)
		return why_scope_missing;
	if ((!parse_number(zone, 999999, &n) || n == 0) &&
	    (n = if_nametoindex(zone)) == 0)
		return why_scope_unknown;
	sin6->sin6_scope_id = n;
	return NULL;
}

static const char *
parse_host6(char *host, struct addr *a)
{
	struct sockaddr_in6 *sin6 = &a->u.sin6;
	char *zone = strchr(host, '%');

	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1)
		return why_name;
	if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr))
		return why_mapped;
	if (IN6_IS_ADDR_MULTICAST(&sin6->sin6_addr))
		return why_multicast;
	sin6->sin6_family = AF_INET6;
	a->len = sizeof(*sin6);
	return parse_scope(zone, sin6);
}

/* "" and "*" are 0.0.0.0: what people mean by them, and what ss(8) shows. */
static const char *
parse_host4(const char *host, struct addr *a)
{
	struct sockaddr_in *sin = &a->u.sin;

	if (host[0] == '\0' || strcmp(host, "*") == 0)
		sin->sin_addr.s_addr = htonl(INADDR_ANY);
	else if (inet_pton(AF_INET, host, &sin->sin_addr) != 1)
		return why_name;
	if (IN_MULTICAST(ntohl(sin->sin_addr.s_addr)))
		return why_multicast;
	sin->sin_family = AF_INET;
	a->len = sizeof(*sin);
	return NULL;
}

/* Finds the colon before the port; NULL and *why when there is none. */
static const char *
find_port(const char *text, const char **why)
{
	const char *colon = strrchr(text, ':');
	struct in_addr in;
	unsigned n;

	if (text[0] == '[') {
		colon = strchr(text, ']');
		*why = colon == NULL ? why_brackets : why_no_port;
		return colon == NULL || colon[1] != ':' ? NULL : colon + 1;
	}
	if (colon == NULL) {
		if (parse_number(text, 999999, &n))
			*why = why_port_alone;
		else
			*why = inet_pton(AF_INET, text, &in) == 1 ?
			    why_no_port : why_form;
	} else if (colon != strchr(text, ':')) {
		*why = why_brackets;
		colon = NULL;
	}
	return colon;
}

static const char *
parse_inet(const char *text, struct addr *a)
{
	const char *colon, *why = why_form;
	char host[HOST_MAX];
	bool is_v6 = text[0] == '[';
	size_t n;
	unsigned port;

	if (strpbrk(text, " \t\r\n") != NULL)
		return strchr(text, '=') != NULL ? why_unix_only : why_spaces;
	if (text[0] == '/')
		return why_unix_prefix;
	if ((colon = find_port(text, &why)) == NULL)
		return why;
	n = (size_t)(colon - text) - (is_v6 ? 2 : 0);
	if (n >= sizeof(host))
		return why_name;
	memcpy(host, text + (is_v6 ? 1 : 0), n);
	host[n] = '\0';
	why = is_v6 ? parse_host6(host, a) : parse_host4(host, a);
	if (why != NULL)
		return why;
	if (!parse_number(colon + 1, 65535, &port))
		return why_port;
	/* sin_port and sin6_port lie at the same place. */
	a->u.sin.sin_port = htons((uint16_t)port);
	return NULL;
}

static const char *
parse_mode(const char *s, size_t n, int *mode)
{
	int v = 0;
	size_t i;

	if (*mode != -1)
		return why_twice;
	if (n < 3 || n > 4)
		return why_mode;
	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '7')
			return why_mode;
		v = v * 8 + (s[i] - '0');
	}
	if (v > 0777)
		return why_mode;
	*mode = v;
	return NULL;
}

static const char *
parse_who(const char *s, size_t n, char who[static 33])
{
	if (who[0] != '\0')
		return why_twice;
	if (n < 1 || n > 32)
		return why_who;
	memcpy(who, s, n);
	who[n] = '\0';
	return NULL;
}

static const char *
parse_unix_option(const char *s, size_t n, struct addr *a)
{
	if (n >= 5 && strncmp(s, "mode=", 5) == 0)
		return parse_mode(s + 5, n - 5, &a->mode);
	if (n >= 6 && strncmp(s, "owner=", 6) == 0)
		return parse_who(s + 6, n - 6, a->owner);
	if (n >= 6 && strncmp(s, "group=", 6) == 0)
		return parse_who(s + 6, n - 6, a->group);
	return why_option;
}

static const char *
parse_unix(const char *text, struct addr *a)
{
	struct sockaddr_un *sun = &a->u.sun;
	size_t n = strcspn(text, " \t");
	const char *why = NULL;

	if (text[0] != '/')
		return why_path;
	if (n >= sizeof(sun->sun_path))
		return why_path_long;
	if (text[n - 1] == '/')
		return why_path_dir;
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, text, n);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	for (text += n; why == NULL; text += n) {
		text += strspn(text, " \t");
		if ((n = strcspn(text, " \t")) == 0)
			break;
		why = parse_unix_option(text, n, a);
	}
	return why;
}

int
addr_parse(const char *text, struct addr *a, const char **why)
{
	struct addr tmp;
	const char *wrong;

	memset(&tmp, 0, sizeof(tmp));
	tmp.mode = -1;
	if (strncmp(text, "unix:", UNIX_PREFIX) == 0)
		wrong = parse_unix(text + UNIX_PREFIX, &tmp);
	else
		wrong = parse_inet(text, &tmp);
	if (wrong != NULL) {
		*why = wrong;
		return -1;
	}
	*a = tmp;
	return 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->u.sa.sa_family != b->u.sa.sa_family || a->mode != b->mode ||
	    strcmp(a->owner, b->owner) != 0 || strcmp(a->group, b->group) != 0)
		return false;
	switch (a->u.sa.sa_family) {
	case AF_INET:
		return a->u.sin.sin_port == b->u.sin.sin_port &&
		    a->u.sin.sin_addr.s_addr == b->u.sin.sin_addr.s_addr;
	case AF_INET6:
		return a->u.sin6.sin6_port == b->u.sin6.sin6_port &&
		    a->u.sin6.sin6_scope_id == b->u.sin6.sin6_scope_id &&
		    IN6_ARE_ADDR_EQUAL(&a->u.sin6.sin6_addr,
		    &b->u.sin6.sin6_addr);
	case AF_UNIX:
		return strcmp(a->u.sun.sun_path, b->u.sun.sun_path) == 0;
	default:
		return false;
	}
}

/* The wildcard of its family. */
static bool
is_any(const struct addr *a)
{
	return a->u.sa.sa_family == AF_INET ?
	    a->u.sin.sin_addr.s_addr == htonl(INADDR_ANY) :
	    IN6_IS_ADDR_UNSPECIFIED(&a->u.sin6.sin6_addr);
}

static bool
is_same_host(const struct addr *a, const struct addr *b)
{
	if (a->u.sa.sa_family == AF_INET)
		return a->u.sin.sin_addr.s_addr == b->u.sin.sin_addr.s_addr;
	return a->u.sin6.sin6_scope_id == b->u.sin6.sin6_scope_id &&
	    IN6_ARE_ADDR_EQUAL(&a->u.sin6.sin6_addr, &b->u.sin6.sin6_addr);
}

bool
addr_overlap(const struct addr *a, const struct addr *b, bool v6only)
{
	sa_family_t fa = a->u.sa.sa_family, fb = b->u.sa.sa_family;

	if (fa == AF_UNIX || fb == AF_UNIX)
		return fa == fb &&
		    strcmp(a->u.sun.sun_path, b->u.sun.sun_path) == 0;
	if (a->u.sin.sin_port != b->u.sin.sin_port || a->u.sin.sin_port == 0)
		return false;	/* port 0: the kernel chooses two different */
	if (fa == fb)
		return is_any(a) || is_any(b) || is_same_host(a, b);
	/* One of each family: only :: can reach into v4. */
	return !v6only && is_any(fa == AF_INET6 ? a : b);
}
