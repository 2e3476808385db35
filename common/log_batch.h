/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_batch - writes out a batch whose writer is not trusted: a worker that
 * died of corrupted memory, or one that was taken over.
 *
 * The memory may change while it is read, so each record is copied first and
 * the copy is what is checked and written.  A record is refused, and counted
 * as dropped, unless it is one line of at most LOG_RECORD_MAX bytes without
 * NUL or other control characters.  That it tells the truth nobody can check.
 */
#ifndef COMMON_LOG_BATCH_H
#define COMMON_LOG_BATCH_H

#include "common/log_sink.h"

/*
 * Writes the whole records of b to s and empties it, also on failure.  escapes:
 * ESC is allowed, for a sink with colours.  0, or -1 with errno: EBADMSG if
 * len was not to be believed, EILSEQ if a record was refused, or write(2)'s.
 */
int	 log_batch_write(struct log_batch *b, struct log_sink *s, bool escapes);

#endif
