/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reason - why a connection ended, and under which heading of the ledger it
 * is booked: accepted = closed + rejected + handed + open + lost.
 *
 * The names are those of INTERFACE section 6.
 */
#ifndef COMMON_REASON_H
#define COMMON_REASON_H

enum reason {
	REASON_NONE,
	REASON_CLIENT,			/* the client ended it first */
	REASON_EOF,			/* the service had said its last byte */
	REASON_IDLE_TIMEOUT,
	REASON_FIRST_BYTE_TIMEOUT,
	REASON_WRITE_TIMEOUT,
	REASON_LIFETIME,
	REASON_MIN_RATE,
	REASON_MAX_REQUESTS,
	REASON_DRAIN,
	REASON_RESET,
	REASON_ERROR,
	REASON_ADMIN,
	REASON_PROTOCOL,
	REASON_ACL,			/* rejected: deny or allow */
	REASON_LIMIT,			/* rejected: no room */
	REASON_DESCRIPTORS,		/* rejected: EMFILE, ENFILE */
	/* rejected: its bytes crashed workers */
	REASON_QUARANTINE,
	REASON_HANDED,			/* given to another program */
	REASON_MOVED,			/* to another slot */
	REASON_CRASH,			/* lost */
	REASON_COUNT
};

enum reason_class {
	REASON_C_NONE, REASON_C_CLOSED, REASON_C_REJECTED, REASON_C_HANDED,
	REASON_C_MOVED, REASON_C_LOST
};

struct reason_row {
	const char *name;
	enum reason_class class;
};

extern const struct reason_row reasons[REASON_COUNT];

#endif
