/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify - datagrams to a unix socket, by path or abstract ("@name").
 *
 * Sent by the master, whom the manager knows by NotifyAccess=all; its main
 * process is the anchor.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "master/notify.h"

int
notify_send(const char *text)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;
	ssize_t n;
	int fd;

	if (len == 0)
		return 0;
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof sun.sun_path) {
		errno = EINVAL;
		return -1;
	}
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	n = sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	fd_close(&fd);
	return n == -1 ? -1 : 0;
}

void
notify_state(const struct master *m, enum mstate state)
{
	char text[256];

	switch (state) {
	case MS_RUNNING:
		snprintf(text, sizeof text, "READY=1\nSTATUS=generation %u, "
		    "%u workers\n", m->book->generation, m->book->workers);
		break;
	case MS_RELOADING:
		snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld\n"
		    "STATUS=reloading\n", (long long)clock_mono_us());
		break;
	case MS_DRAINING:
		snprintf(text, sizeof text, "STOPPING=1\nSTATUS=draining\n");
		break;
	case MS_STOPPING:
		snprintf(text, sizeof text, "STOPPING=1\nSTATUS=stopping\n");
		break;
	default:
		return;
	}
	if (notify_send(text) == -1)
		log_line(LOG_L_WARN, LOG_MASTER_STATE,
		    "cannot tell the service manager: %s", strerror(errno));
}

/* WATCHDOG_USEC counts for the process that WATCHDOG_PID names: the anchor,
 * whose liveness is the master's. */
int64_t
notify_watchdog(struct master *m)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t every_ms = usec != NULL ? strtoll(usec, NULL, 10) / 2000 : 0;

	if (every_ms <= 0 || (pid != NULL &&
	    strtoll(pid, NULL, 10) != (long long)getppid()))
		return INT64_MAX;
	if (m->watchdog_ms <= m->now_ms) {
		notify_send("WATCHDOG=1\n");
		m->watchdog_ms = m->now_ms + every_ms;
	}
	return m->watchdog_ms;
}
