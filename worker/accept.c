/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accept - the accept set: in it while there is room, out of it when the
 * table is full, descriptors ran out, or the siblings have less to do.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fd.h"
#include "worker/accept.h"
#include "worker/acl.h"
#include "worker/conn_life.h"
#include "worker/quarantine.h"
#include "worker/share.h"

enum {
	ACCEPT_AT_ONCE = 64,		/* of one turn: connections wait too */
	ACCEPT_PAUSE_MS = 100		/* after EMFILE */
};

static const char null_device[] = "/dev/null";

static unsigned
listener_index(const struct worker *w, int fd)
{
	unsigned i = 0;

	while (i < w->nlisteners && w->args->listeners[i].fd != fd)
		i++;
	return i;
}

/* False: a predecessor that was leaving has closed it, and the number may be
 * another's. */
static bool
is_listening(int fd)
{
	int listening = 0;
	socklen_t len = sizeof listening;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &len) == 0 && listening;
}

static int
listeners_join(struct worker *w)
{
	for (unsigned i = 0; i < w->nlisteners; i++) {
		int fd = w->args->listeners[i].fd;

		if (!is_listening(fd))
			continue;
		if (w->engine->set(w, fd, 0, ENGINE_IN | ENGINE_SHARED,
		    1) == -1)
			return -1;
		w->watch[fd].what = WATCH_LISTENER;
	}
	w->accepting = true;
	share_accepting(w, true);
	return 0;
}

static void
listeners_leave(struct worker *w)
{
	for (unsigned i = 0; i < w->nlisteners; i++) {
		int fd = w->args->listeners[i].fd;

		if (w->watch[fd].what != WATCH_LISTENER)
			continue;
		w->engine->forget(w, fd);
		w->watch[fd].what = WATCH_NONE;
	}
	w->accepting = false;
	share_accepting(w, false);
}

int
accept_open(struct worker *w)
{
	w->reserve_fd = open(null_device, O_RDONLY | O_CLOEXEC);
	if (w->reserve_fd == -1)
		return -1;
	return listeners_join(w);
}

static void
warn_once_a_second(struct worker *w, const char *what, int errnum)
{
	static struct log_rate rate;
	struct log_rec r;
	uint64_t held;

	if (!log_rate_ok(&rate, w->now_ms, 1000, &held))
		return;
	log_begin(&r, LOG_L_WARN, LOG_LIMIT_REACHED, "%s", what);
	log_uint(&r, "connections", w->open);
	if (errnum != 0)
		log_errno(&r, errnum);
	if (held > 0)
		log_uint(&r, "held_back", held);
	log_str(&r, "hint", "raise RLIMIT_NOFILE (LimitNOFILE=) or "
	    "max_connections, or add workers");
	log_end(&r);
}

/*
 * No descriptor is left: the reserve makes room to take one client and tell it
 * so by an orderly end, then accept pauses, else a readable listener would
 * wake this worker for ever.
 */
static void
shed_one(struct worker *w, int listener_fd, int errnum)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	int fd;

	warn_once_a_second(w, "no descriptors are left, accepting pauses",
	    errnum);
	fd_close(&w->reserve_fd);
	fd = accept4(listener_fd, (struct sockaddr *)&sa, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1 && (uint32_t)fd >= w->slot.nrows)
		fd_close(&fd);
	else if (fd != -1)
		conn_reject(w, fd, listener_index(w, listener_fd),
		    (struct sockaddr *)&sa, len, REASON_DESCRIPTORS);
	w->reserve_fd = open(null_device, O_RDONLY | O_CLOEXEC);
	w->accept_again_ms = w->now_ms + ACCEPT_PAUSE_MS;
}

void
accept_take(struct worker *w, int fd, unsigned listener,
    const struct sockaddr *sa, socklen_t len)
{
	const struct conf_service *conf =
	    &w->conf->services[w->args->listeners[listener].service];

	if (len == 0) {			/* unnamed unix peer */
		static const struct sockaddr unnamed = { .sa_family = AF_UNIX };

		sa = &unnamed;
		len = sizeof sa->sa_family;
	}
	if (!acl_admits(conf, sa))
		conn_reject(w, fd, listener, sa, len, REASON_ACL);
	else if (quarantine_holds(&w->args->commons->quarantine, sa))
		conn_reject(w, fd, listener, sa, len, REASON_QUARANTINE);
	else
		conn_begin(w, fd, listener, sa, len);
}

/* One accept; false: enough, for now or at all. */
static bool
accept_one(struct worker *w, int listener_fd, unsigned listener)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	int fd;

	if (w->open >= w->max_open) {
		warn_once_a_second(w, "as many connections as fit, "
		    "newcomers wait in the queue", 0);
		return false;
	}
	fd = accept4(listener_fd, (struct sockaddr *)&sa, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0 && (uint32_t)fd < w->slot.nrows) {
		accept_take(w, fd, listener, (struct sockaddr *)&sa, len);
		return true;
	}
	if (fd != -1) {
		close(fd);		/* rows stop below the limit: full */
		w->accept_again_ms = w->now_ms + ACCEPT_PAUSE_MS;
		return false;
	}
	if (errno == ECONNABORTED || errno == EINTR)
		return true;
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		shed_one(w, listener_fd, errno);
	return false;
}

void
accept_some(struct worker *w, int listener_fd)
{
	unsigned listener = listener_index(w, listener_fd);

	if (!w->accepting || listener == w->nlisteners)
		return;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++)
		if (!accept_one(w, listener_fd, listener) || share_is_above(w))
			break;
}

void
accept_queue(struct worker *w)
{
	for (unsigned i = 0; i < w->nlisteners; i++)
		while (accept_one(w, w->args->listeners[i].fd, i))
			;
}

void
accept_look(struct worker *w)
{
	if (w->look)
		for (unsigned i = 0; i < w->nlisteners; i++)
			accept_some(w, w->args->listeners[i].fd);
	w->look = false;
}

bool
accept_gone(struct worker *w)
{
	bool any = false;

	for (unsigned i = 0; i < w->nlisteners; i++) {
		int fd = w->args->listeners[i].fd;

		if (fd >= 64 * SLOT_GONE || !(w->slot.head->gone[fd / 64] >>
		    fd % 64 & 1))
			continue;
		any = true;
		while (accept_one(w, fd, i))
			;
	}
	return any;
}

void
accept_review(struct worker *w)
{
	bool want;

	if (w->retired) {
		if (w->accepting && !w->leaving)
			listeners_leave(w);
		return;
	}
	if (w->accept_again_ms != 0 && w->accept_again_ms <= w->now_ms)
		w->accept_again_ms = 0;
	want = w->accept_again_ms == 0 && w->open < w->max_open &&
	    !share_is_above(w);
	if (want && !w->accepting && listeners_join(w) == -1)
		w->accept_again_ms = w->now_ms + ACCEPT_PAUSE_MS;
	else if (!want && w->accepting)
		listeners_leave(w);
}

void
accept_close(struct worker *w)
{
	if (w->accepting)
		listeners_leave(w);
	/* First: a successor must not take their numbers for listeners. */
	atomic_store(&w->slot.head->deaf, 1);
	for (unsigned i = 0; i < w->nlisteners; i++)
		if (is_listening(w->args->listeners[i].fd))
			close(w->args->listeners[i].fd);
	w->nlisteners = 0;
}

int64_t
accept_next(const struct worker *w)
{
	return w->accept_again_ms != 0 ? w->accept_again_ms : INT64_MAX;
}
