/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reason - the table of reasons; a new one is a row here and an enum value.
 */
#include "common/reason.h"

const struct reason_row reasons[REASON_COUNT] = {
	[REASON_NONE]		= { "none", REASON_C_NONE },
	[REASON_CLIENT]		= { "client", REASON_C_CLOSED },
	[REASON_EOF]		= { "eof", REASON_C_CLOSED },
	[REASON_IDLE_TIMEOUT]	= { "idle_timeout", REASON_C_CLOSED },
	[REASON_FIRST_BYTE_TIMEOUT] = { "first_byte_timeout", REASON_C_CLOSED },
	[REASON_WRITE_TIMEOUT]	= { "write_timeout", REASON_C_CLOSED },
	[REASON_LIFETIME]	= { "lifetime", REASON_C_CLOSED },
	[REASON_MIN_RATE]	= { "min_rate", REASON_C_CLOSED },
	[REASON_MAX_REQUESTS]	= { "max_requests", REASON_C_CLOSED },
	[REASON_DRAIN]		= { "drain", REASON_C_CLOSED },
	[REASON_RESET]		= { "reset", REASON_C_CLOSED },
	[REASON_ERROR]		= { "error", REASON_C_CLOSED },
	[REASON_ADMIN]		= { "admin", REASON_C_CLOSED },
	[REASON_PROTOCOL]	= { "protocol", REASON_C_CLOSED },
	[REASON_ACL]		= { "acl", REASON_C_REJECTED },
	[REASON_LIMIT]		= { "limit", REASON_C_REJECTED },
	[REASON_DESCRIPTORS]	= { "descriptors", REASON_C_REJECTED },
	[REASON_QUARANTINE]	= { "quarantine", REASON_C_REJECTED },
	[REASON_HANDED]		= { "handed", REASON_C_HANDED },
	[REASON_MOVED]		= { "moved", REASON_C_MOVED },
	[REASON_CRASH]		= { "crash", REASON_C_LOST },
};
