/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * procinfo - fields of /proc/PID/stat, behind the last ')' (the name before it
 * may hold anything).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/procinfo.h"

int
procinfo_get(pid_t pid, struct procinfo *p)
{
	unsigned long long user, system;
	char path[64], buf[1024];
	const char *at;
	long long rss;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, buf, sizeof buf - 1);
	fd_close(&fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	at = strrchr(buf, ')');
	/* state, then fields 4 to 13, 14 utime, 15 stime, ... 24 rss */
	if (at == NULL || sscanf(at + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u "
	    "%*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %*u %lld", &p->state,
	    &p->ppid, &user, &system, &rss) != 5) {
		errno = EPROTO;
		return -1;
	}
	p->cpu_ms = (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
	p->rss_bytes = rss * sysconf(_SC_PAGESIZE);
	return 0;
}
