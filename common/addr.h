/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * addr - addresses as people write them: 127.0.0.1:80, [::1]:80, *:80, :80,
 * unix:/run/x.sock mode=0660 owner=www group=www; CIDR prefixes.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDR_TEXT_MAX = 160 };

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in sin;
		struct sockaddr_in6 sin6;
		struct sockaddr_un sun;
	} u;
	socklen_t len;
	int mode;			/* unix only: -1 when not given */
	char owner[33], group[33];	/* unix only: "" when not given */
};

struct cidr {
	uint8_t family;			/* AF_INET or AF_INET6 */
	uint8_t bits;
	uint8_t ip[16];			/* network order, host bits zero */
};

/*
 * Parses a listen address.  0, or -1 with *why set to a static text that says
 * what would be right ("a port is a number from 1 to 65535").  Port 0 is
 * allowed (the kernel chooses).  Never resolves names.  *:80 and :80 mean
 * 0.0.0.0:80.  A link-local address needs its interface, by name or number:
 * [fe80::1%eth0]:80.  A unix path has no spaces; behind it may follow, in any
 * order, mode=0660 owner=NAME group=NAME.  On failure *a is untouched.
 */
int	addr_parse(const char *text, struct addr *a, const char **why);
/* A prefix, or one address; 0 or -1 as above.  Host bits must be zero. */
int	cidr_parse(const char *text, struct cidr *c, const char **why);

/* "127.0.0.1:80", "[::1]:80", "unix:/path", "unix:" for an unnamed peer;
 * always NUL-terminated; returns buf.  Makes no system call: a scope is shown
 * by number.  A v4-mapped address is shown as v4; "unix:@x" is abstract; bytes
 * that are not printable ASCII become '?'. */
const char *addr_print(const struct sockaddr *sa, socklen_t len,
	    char buf[static ADDR_TEXT_MAX]);
const char *cidr_print(const struct cidr *c, char buf[static ADDR_TEXT_MAX]);
/* Same address and, of a unix socket, same mode, owner and group. */
bool	addr_equal(const struct addr *a, const struct addr *b);
/* True if binding one while the other is bound fails: same port and one
 * address covers the other (0.0.0.0 and ::, with v6only said). */
bool	addr_overlap(const struct addr *a, const struct addr *b, bool v6only);
/* A v4-mapped v6 address matches v4 prefixes. */
bool	cidr_match(const struct cidr *c, const struct sockaddr *sa);
/* One covers the other, or they are equal. */
bool	cidr_overlap(const struct cidr *a, const struct cidr *b);
/* The prefix of so many bits that an address lies in; a v4-mapped one is v4.
 * False: it has none (unix). */
bool	cidr_of(const struct sockaddr *sa, unsigned bits4, unsigned bits6,
	    struct cidr *c);

#endif
