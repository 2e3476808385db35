/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target - where a tool connects to or listens, resolved.
 */
#include <sys/types.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/cli/target.h"

enum { HOST_MAX = 256, PORT_MAX = 65535 };

static const char why_form[] =
    "write HOST:PORT, [V6]:PORT or unix:/path";
static const char why_brackets[] = "a v6 address goes in brackets: [::1]:80";
static const char why_port[] = "a port is a number from 1 to 65535";
static const char why_host[] = "the name is too long";
static const char why_memory[] = "out of memory";

/* "host:port", "[v6]:port", and to listen "port": host is a copy, port points
 * into text. */
static const char *
split(const char *text, enum target_for use, char host[static HOST_MAX],
    const char **port)
{
	const char *colon = strrchr(text, ':'), *begin = text;
	size_t n;

	host[0] = '\0';
	if (colon == NULL) {
		*port = text;
		return use == TARGET_LISTEN ? NULL : why_form;
	}
	n = (size_t)(colon - text);
	if (text[0] == '[') {
		if (n < 2 || text[n - 1] != ']')
			return why_form;
		begin++;
		n -= 2;
	} else if (memchr(text, ':', n) != NULL) {
		return why_brackets;
	}
	if (n >= HOST_MAX)
		return why_host;
	memcpy(host, begin, n);
	host[n] = '\0';
	*port = colon + 1;
	return NULL;
}

static bool
is_port(const char *port, enum target_for use)
{
	char *end;
	long value;

	if (*port < '0' || *port > '9')
		return false;
	value = strtol(port, &end, 10);
	return *end == '\0' && value <= PORT_MAX &&
	    (value > 0 || use == TARGET_LISTEN);
}

static const char *
copy_list(const struct addrinfo *list, struct target *t)
{
	const struct addrinfo *ai;
	size_t n = 0;

	for (ai = list; ai != NULL; ai = ai->ai_next)
		n++;
	t->v = calloc(n, sizeof(*t->v));
	if (t->v == NULL)
		return why_memory;
	for (ai = list; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(t->v->u))
			continue;
		memcpy(&t->v[t->n].u, ai->ai_addr, ai->ai_addrlen);
		t->v[t->n++].len = ai->ai_addrlen;
	}
	return NULL;
}

static const char *
resolve(const char *host, const char *port, enum target_for use,
    struct target *t)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV }, *list = NULL;
	const char *why;
	int rc;

	if (strcmp(host, "*") == 0) {
		hints.ai_family = AF_INET;
		host = "0.0.0.0";
	} else if (host[0] == '\0') {
		host = use == TARGET_LISTEN ? "127.0.0.1" : "localhost";
	}
	rc = getaddrinfo(host, port, &hints, &list);
	if (rc != 0)
		return rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc);
	why = copy_list(list, t);
	freeaddrinfo(list);
	return why;
}

static const char *
resolve_unix(const char *text, struct target *t)
{
	const char *why;

	t->v = calloc(1, sizeof(*t->v));
	if (t->v == NULL)
		return why_memory;
	t->n = 1;
	return addr_parse(text, t->v, &why) == -1 ? why : NULL;
}

int
target_resolve(const char *text, enum target_for use, struct target *t,
    const char **why)
{
	char host[HOST_MAX];
	const char *port;

	int errnum = EINVAL;

	*t = (struct target){ 0 };
	if (strncmp(text, "unix:", 5) == 0) {
		*why = resolve_unix(text, t);
	} else {
		*why = split(text, use, host, &port);
		if (*why == NULL && !is_port(port, use))
			*why = why_port;
		if (*why == NULL) {
			*why = resolve(host, port, use, t);
			errnum = EHOSTUNREACH;
		}
	}
	if (*why == NULL)
		return 0;
	target_free(t);
	errno = *why == why_memory ? ENOMEM : errnum;
	return -1;
}

void
target_free(struct target *t)
{
	free(t->v);
	*t = (struct target){ 0 };
}
