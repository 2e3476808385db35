/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * portholder - who has an address we wanted, as words for an error message.
 *
 * The kernel names a socket's inode; which process has it open is found by
 * comparing the links in /proc/PID/fd.  A server and its workers all have it:
 * the lowest pid is most likely the one to stop.  A process may end while it
 * is looked at; then it is as if it had not been there.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/fd.h"
#include "master/portholder.h"

/* True if the process dir, "123", has a descriptor that links to want. */
static bool
has_link(int proc_fd, const char *dir, const char *want)
{
	char path[NAME_MAX + 4], link[64];
	struct dirent *e;
	bool found = false;
	DIR *d = NULL;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", dir);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		fd_close(&fd);		/* gone, or not ours to see */
		return false;
	}
	while (!found && (e = readdir(d)) != NULL) {
		n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		if (n == -1)
			continue;
		link[n] = '\0';
		found = strcmp(link, want) == 0;
	}
	closedir(d);
	return found;
}

bool
portholder_find(uint32_t inode, pid_t *pid)
{
	char want[32];
	struct dirent *e;
	long n, lowest = 0;
	DIR *d;

	if ((d = opendir("/proc")) == NULL)
		return false;
	snprintf(want, sizeof(want), "socket:[%u]", inode);
	while ((e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		n = strtol(e->d_name, NULL, 10);
		if ((lowest == 0 || n < lowest) &&
		    has_link(dirfd(d), e->d_name, want))
			lowest = n;
	}
	closedir(d);
	if (lowest == 0)
		return false;
	*pid = (pid_t)lowest;
	return true;
}

void
portholder_name(pid_t pid, char name[static PORTHOLDER_NAME_MAX])
{
	char path[32];
	ssize_t i, n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1)
		n = read(fd, name, PORTHOLDER_NAME_MAX - 1);
	fd_close(&fd);
	if (n <= 0) {
		snprintf(name, PORTHOLDER_NAME_MAX, "gone");
		return;
	}
	if (name[n - 1] == '\n')
		n--;
	for (i = 0; i < n; i++)		/* a process chooses its own name */
		if (!isprint((unsigned char)name[i]))
			name[i] = '?';
	name[n] = '\0';
}

bool
portholder_text(const struct addr *a, bool v6only,
    char text[static PORTHOLDER_TEXT_MAX])
{
	char name[PORTHOLDER_NAME_MAX];
	struct diag_holder h;
	pid_t pid;

	text[0] = '\0';
	if (diag_port_find(a, v6only, &h) == -1)
		return false;
	if (portholder_find(h.inode, &pid)) {
		portholder_name(pid, name);
		snprintf(text, PORTHOLDER_TEXT_MAX, "held by pid %d (%s)",
		    (int)pid, name);
	} else {
		snprintf(text, PORTHOLDER_TEXT_MAX,
		    "held by a process of uid %u", h.uid);
	}
	return true;
}
