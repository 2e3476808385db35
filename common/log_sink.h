/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_sink - whole records to a descriptor, or as datagrams to syslog.
 *
 * Nobody waits long for a log: a reader that does not read costs one pause of
 * LOG_SINK_WAIT_MS, and none until it reads again.  What cannot be written is
 * dropped and counted, never half of it: if the file ends in a torn record,
 * because a disk filled up or a writer was killed in its write(2), the next
 * write begins with a newline.  On anything but a regular file one write is
 * at most PIPE_BUF bytes, so that records of several processes do not mix.
 */
#ifndef COMMON_LOG_SINK_H
#define COMMON_LOG_SINK_H

#include <sys/socket.h>
#include <sys/un.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/log.h"

enum { LOG_SINK_WAIT_MS = 100, LOG_SINK_TAG_MAX = 32 };

struct log_sink {
	int fd;
	enum log_kind kind;
	enum log_format format;
	bool regular;			/* a file: any write is whole */
	bool blocking;			/* poll(2) before a write */
	_Atomic bool torn;		/* its tail has no newline */
	_Atomic bool stalled;		/* the reader did not read last time */
	_Atomic uint64_t dropped;
	char tag[LOG_SINK_TAG_MAX];	/* belay[pid]: for syslog */
	socklen_t peer_len;		/* syslog's address, to connect again */
	struct sockaddr_un peer;
};

/* Borrows fd.  Keeps the count of what was dropped. */
void	 log_sink_open(struct log_sink *s, int fd, enum log_kind kind,
	    enum log_format format);
void	 log_sink_pid(struct log_sink *s, int pid);

/*
 * Looks whether a regular file ends without a newline: after another writer
 * died.  Needs /proc; without it nothing is known and nothing done.
 */
void	 log_sink_check_tail(struct log_sink *s);

/* n bytes, whole records.  0, or -1 with errno of the first failure; all that
 * was not written is counted then. */
int	 log_sink_write(struct log_sink *s, const char *p, size_t n);

#endif
