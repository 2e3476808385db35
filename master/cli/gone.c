/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gone - waits for the end of the server's process, the one in its pid file.
 */
#include <sys/syscall.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "master/cli/gone.h"

int
gone_watch(const char *pid_file)
{
	FILE *f = fopen(pid_file, "re");
	char text[32] = "";
	long pid;

	if (f == NULL)
		return -1;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	pid = strtol(text, NULL, 10);
	if (pid <= 1 || pid > INT_MAX)
		return -1;
	/* By number: the function came to glibc in 2.36 only. */
	return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
}

int
gone_wait(int pid_fd, int64_t deadline_ms)
{
	struct pollfd p = { .fd = pid_fd, .events = POLLIN };
	int64_t left_ms = -1;
	int n;

	if (pid_fd == -1)
		return 0;
	do {
		if (deadline_ms != INT64_MAX) {
			left_ms = deadline_ms - clock_mono_ms();
			left_ms = left_ms < 0 ? 0 : left_ms;
			left_ms = left_ms > INT_MAX ? INT_MAX : left_ms;
		}
		n = poll(&p, 1, (int)left_ms);
	} while (n == -1 && errno == EINTR);
	return n == 0 ? -1 : 0;
}
