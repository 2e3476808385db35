/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * portholder - who has an address we wanted, as words for an error message.
 *
 * Reads /proc of every process, so it is for a failed start only.
 */
#ifndef MASTER_PORTHOLDER_H
#define MASTER_PORTHOLDER_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum { PORTHOLDER_NAME_MAX = 32, PORTHOLDER_TEXT_MAX = 128 };

/*
 * The process with the lowest number that has the socket inode open.  False
 * when none was found, which may mean that /proc does not let us look.
 */
bool	portholder_find(uint32_t inode, pid_t *pid);

/* A process's name (/proc/PID/comm), printable; "gone" when there is none. */
void	portholder_name(pid_t pid, char name[static PORTHOLDER_NAME_MAX]);

/*
 * "held by pid 123 (nginx)", or, where we may not see the process, "held by a
 * process of uid 33".  False, and "" in text, when nobody holds a.
 */
bool	portholder_text(const struct addr *a, bool v6only,
	    char text[static PORTHOLDER_TEXT_MAX]);

#endif
