/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * procinfo - what /proc says of a process of ours.
 */
#ifndef MASTER_PROCINFO_H
#define MASTER_PROCINFO_H

#include <sys/types.h>
#include <stdint.h>

struct procinfo {
	char state;			/* R S D T t Z: proc(5) */
	pid_t ppid;
	int64_t cpu_ms;			/* user and system */
	int64_t rss_bytes;
};

/* 0, or -1 with errno (ENOENT: no such process, or no /proc). */
int	procinfo_get(pid_t pid, struct procinfo *p);

#endif
