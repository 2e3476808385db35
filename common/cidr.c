/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cidr - prefixes for allow and deny lists.
 *
 * A prefix without /bits is one address.  Host bits must be zero: 10.1.2.3/8
 * is more often a mistake than a wish, and a list that lets in more than it
 * seems to is worse than an error.  A v4 client is matched by v4 prefixes only,
 * also when it came through a v6 listener.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"

static const char why_form[] =
    "a prefix is written 10.0.0.0/8, 2001:db8::/32, or as one address";
static const char why_bits4[] = "a v4 prefix has 0 to 32 bits: 10.0.0.0/8";
static const char why_bits6[] = "a v6 prefix has 0 to 128 bits: 2001:db8::/32";
static const char why_host4[] =
    "bits behind the prefix are set: 10.0.0.0/8, not 10.1.2.3/8";
static const char why_host6[] =
    "bits behind the prefix are set: 2001:db8::/32, not 2001:db8::1/32";
static const char why_brackets[] =
    "a prefix has no brackets: 2001:db8::/32";
static const char why_mapped[] =
    "write a v4 prefix plainly, 10.0.0.0/8, without ::ffff:";

static bool
parse_bits(const char *s, unsigned max, uint8_t *bits)
{
	unsigned v = 0;
	size_t i;

	if (s[0] == '\0' || (s[0] == '0' && s[1] != '\0'))
		return false;
	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] < '0' || s[i] > '9' || i == 3)
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	if (v > max)
		return false;
	*bits = (uint8_t)v;
	return true;
}

/* True if the first n bits of x and y agree. */
static bool
is_same_prefix(const uint8_t *x, const uint8_t *y, unsigned n)
{
	unsigned rest = n % 8;

	if (memcmp(x, y, n / 8) != 0)
		return false;
	return rest == 0 || ((x[n / 8] ^ y[n / 8]) >> (8 - rest)) == 0;
}

static bool
has_host_bits(const struct cidr *c)
{
	unsigned i, n = c->family == AF_INET ? 32 : 128;

	for (i = c->bits; i < n; i++)
		if (c->ip[i / 8] & (0x80 >> (i % 8)))
			return true;
	return false;
}

static const char *
parse_prefix(const char *ip, const char *bits, struct cidr *c)
{
	bool is_v6 = strchr(ip, ':') != NULL;
	unsigned max = is_v6 ? 128 : 32;
	struct in6_addr in6;

	if (strchr(ip, '[') != NULL)
		return why_brackets;
	c->family = is_v6 ? AF_INET6 : AF_INET;
	if (inet_pton(c->family, ip, c->ip) != 1)
		return why_form;
	memcpy(&in6, c->ip, sizeof(in6));
	if (is_v6 && IN6_IS_ADDR_V4MAPPED(&in6))
		return why_mapped;
	c->bits = (uint8_t)max;
	if (bits != NULL && !parse_bits(bits, max, &c->bits))
		return is_v6 ? why_bits6 : why_bits4;
	if (has_host_bits(c))
		return is_v6 ? why_host6 : why_host4;
	return NULL;
}

int
cidr_parse(const char *text, struct cidr *c, const char **why)
{
	char ip[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/");
	const char *wrong = why_form;
	struct cidr tmp;

	memset(&tmp, 0, sizeof(tmp));
	if (n < sizeof(ip)) {
		memcpy(ip, text, n);
		ip[n] = '\0';
		wrong = parse_prefix(ip, text[n] == '/' ? text + n + 1 : NULL,
		    &tmp);
	}
	if (wrong != NULL) {
		*why = wrong;
		return -1;
	}
	*c = tmp;
	return 0;
}

const char *
cidr_print(const struct cidr *c, char buf[static ADDR_TEXT_MAX])
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(c->family, c->ip, ip, sizeof(ip));
	snprintf(buf, ADDR_TEXT_MAX, "%s/%u", ip, c->bits);
	return buf;
}

/* The bytes of an address, NULL: a unix peer has none. */
static const uint8_t *
address_of(const struct sockaddr *sa, uint8_t *family)
{
	const struct sockaddr_in *sin = (const void *)sa;
	const struct sockaddr_in6 *sin6 = (const void *)sa;

	*family = AF_INET;
	if (sa->sa_family == AF_INET)
		return (const uint8_t *)&sin->sin_addr;
	if (sa->sa_family != AF_INET6)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr))
		return sin6->sin6_addr.s6_addr + 12;
	*family = AF_INET6;
	return sin6->sin6_addr.s6_addr;
}

bool
cidr_match(const struct cidr *c, const struct sockaddr *sa)
{
	uint8_t family;
	const uint8_t *ip = address_of(sa, &family);

	return ip != NULL && family == c->family &&
	    is_same_prefix(c->ip, ip, c->bits);
}

bool
cidr_overlap(const struct cidr *a, const struct cidr *b)
{
	return a->family == b->family && is_same_prefix(a->ip, b->ip,
	    a->bits < b->bits ? a->bits : b->bits);
}

bool
cidr_of(const struct sockaddr *sa, unsigned bits4, unsigned bits6,
    struct cidr *c)
{
	uint8_t family;
	const uint8_t *ip = address_of(sa, &family);
	unsigned bits;

	if (ip == NULL)
		return false;
	bits = family == AF_INET ? bits4 : bits6;
	*c = (struct cidr){ .family = family, .bits = (uint8_t)bits };
	memcpy(c->ip, ip, (bits + 7) / 8);
	if (bits % 8 != 0)
		c->ip[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
	return true;
}
