/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_sink - see the header.  The flags are atomic because the threads of one
 * process share the sink; processes have one each.
 */
#include <sys/stat.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log_format.h"
#include "common/log_sink.h"

void
log_sink_open(struct log_sink *s, int fd, enum log_kind kind,
    enum log_format format)
{
	struct stat st;
	int flags;

	s->fd = fd;
	s->kind = kind;
	s->format = format;
	s->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	flags = fcntl(fd, F_GETFL);
	s->blocking = !s->regular && (flags == -1 || !(flags & O_NONBLOCK));
	s->torn = false;
	s->stalled = false;
	s->peer_len = sizeof(s->peer);
	if (kind != LOG_K_SYSLOG || getpeername(fd,
	    (struct sockaddr *)&s->peer, &s->peer_len) == -1)
		s->peer_len = 0;
	log_sink_check_tail(s);
}

void
log_sink_pid(struct log_sink *s, int pid)
{
	snprintf(s->tag, sizeof(s->tag), "belay[%d]: ", pid);
}

void
log_sink_check_tail(struct log_sink *s)
{
	struct stat st;
	char path[40], last;
	int fd;

	if (!s->regular)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		s->torn = true;
	close(fd);
}

/*
 * True when the sink may be written to.  *until_ms is 0 at first: the budget
 * of this call begins with its first wait.
 */
static bool
sink_wait(struct log_sink *s, int64_t *until_ms)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLOUT };
	int64_t now, left;
	int n;

	do {
		now = clock_mono_ms();
		if (*until_ms == 0)
			*until_ms = now + (s->stalled ? 0 : LOG_SINK_WAIT_MS);
		left = *until_ms > now ? *until_ms - now : 0;
		n = poll(&pfd, 1, (int)left);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		return true;
	if (n == 0) {
		s->stalled = true;
		errno = EAGAIN;
	}
	return false;
}

/* Whether to try again after a failed write. */
static bool
sink_again(struct log_sink *s, int64_t *until_ms)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	if (*until_ms != 0 && clock_mono_ms() >= *until_ms) {
		s->stalled = true;
		errno = EAGAIN;
		return false;
	}
	return sink_wait(s, until_ms);
}

static void
sink_flows(struct log_sink *s, int64_t *until_ms)
{
	if (s->stalled) {
		s->stalled = false;
		*until_ms = 0;
	}
}

static void
sink_count(struct log_sink *s, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		s->dropped++;
		p++;
	}
}

/* One piece, with a newline before it if there is a torn record to end. */
static int
sink_piece(struct log_sink *s, const char *p, size_t n, int64_t *until_ms)
{
	bool torn = atomic_exchange(&s->torn, false);
	size_t skip = torn ? 0 : 1, done = 0;	/* of the newline, of p */
	struct iovec iov[2];
	ssize_t k;

	while (done < n) {
		iov[0] = (struct iovec){ (char *)"\n", 1 - skip };
		iov[1] = (struct iovec){ (char *)p + done, n - done };
		if (s->blocking && !sink_wait(s, until_ms))
			break;
		k = writev(s->fd, iov + skip, 2 - (int)skip);
		if (k == -1 && sink_again(s, until_ms))
			continue;
		if (k <= 0) {
			errno = k == 0 ? EIO : errno;
			break;
		}
		sink_flows(s, until_ms);
		done += (size_t)k - (1 - skip);
		skip = 1;
	}
	if (done == n)
		return 0;
	if (skip == 0 || (done > 0 && p[done - 1] != '\n'))
		s->torn = true;
	sink_count(s, p + done, n - done);
	return -1;
}

/* How much of n may be one write: whole records, PIPE_BUF if that is asked.
 * (A pipe takes that or nothing, so its tail is never torn.) */
static size_t
sink_portion(const struct log_sink *s, const char *p, size_t n)
{
	const char *last;

	if (s->regular || n <= PIPE_BUF)
		return n;
	last = memrchr(p, '\n', PIPE_BUF);
	return last == NULL ? PIPE_BUF : (size_t)(last - p) + 1;
}

static int
sink_stream(struct log_sink *s, const char *p, size_t n)
{
	int64_t until_ms = 0;
	size_t part, at;

	for (at = 0; at < n; at += part) {
		part = sink_portion(s, p + at, n - at);
		if (sink_piece(s, p + at, part, &until_ms) == 0)
			continue;
		sink_count(s, p + at + part, n - at - part);
		return -1;
	}
	return 0;
}

/* The daemon at the other end was started again: its name is the same, the
 * socket is not.  The descriptor is shared, so this mends it for all. */
static bool
sink_connect(struct log_sink *s)
{
	int saved = errno;

	if ((errno == ECONNREFUSED || errno == ENOTCONN ||
	    errno == ECONNRESET) && s->peer_len > 0 &&
	    connect(s->fd, (struct sockaddr *)&s->peer, s->peer_len) == 0)
		return true;
	errno = saved;
	return false;
}

/* RFC 3164 section 4.1.1: facility daemon is 3. */
static int
syslog_pri(enum log_level level)
{
	static const int severity[LOG_NLEVELS] = {
		[LOG_L_DEBUG] = 7, [LOG_L_INFO] = 6, [LOG_L_WARN] = 4,
		[LOG_L_ERROR] = 3,
	};

	return 3 * 8 + severity[level];
}

static int
sink_datagram(struct log_sink *s, const char *p, size_t n, int64_t *until_ms)
{
	char head[LOG_SINK_TAG_MAX + 8];
	struct iovec iov[2] = { { .iov_base = head }, { (char *)p, n } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	bool tried = false;

	iov[0].iov_len = (size_t)snprintf(head, sizeof(head), "<%d>%s",
	    syslog_pri(log_format_level(s->format, p, n)), s->tag);
	while (sendmsg(s->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == -1) {
		if (sink_again(s, until_ms))
			continue;
		if (tried || !sink_connect(s)) {
			s->dropped++;
			return -1;
		}
		tried = true;
	}
	sink_flows(s, until_ms);
	return 0;
}

static int
sink_syslog(struct log_sink *s, const char *p, size_t n)
{
	int64_t until_ms = 0;
	int failed = 0;
	const char *end = p + n, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (sink_datagram(s, p, (size_t)(nl - p), &until_ms) == -1 &&
		    failed == 0)
			failed = errno;
	}
	errno = failed != 0 ? failed : errno;
	return failed != 0 ? -1 : 0;
}

int
log_sink_write(struct log_sink *s, const char *p, size_t n)
{
	if (s->kind == LOG_K_SYSLOG)
		return sink_syslog(s, p, n);
	return sink_stream(s, p, n);
}
