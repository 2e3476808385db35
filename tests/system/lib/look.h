/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look - what tests see of a server from outside: its status, its processes,
 * files, and texts.
 *
 * Whatever cannot be looked at fails the running test.
 */
#ifndef TESTS_SYSTEM_LIB_LOOK_H
#define TESTS_SYSTEM_LIB_LOOK_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "tests/system/lib/belay.h"

enum { LOOK_PIDS_MAX = 64 };

/* `belay start`, and srv as after srv_boot(): p as after proc_wait(). */
int	 look_start(struct srv *srv, struct proc *p, const char *verb);
/* Takes over a server in the background that is not srv's child yet. */
void	 look_take_over(struct srv *srv);

/* `belay status --json`; the caller owns it. */
json_t	*look_status(struct srv *srv);
/* "workers.0.connections" of a JSON text; fails where there is none. */
int64_t	 look_number(const json_t *object, const char *path);
/* Asks for the status until that number is at least n. */
void	 look_wait_number(struct srv *srv, const char *path, int64_t n);

/* Anchor first, then its children; returns how many. */
size_t	 look_pids(struct srv *srv, pid_t pids[LOOK_PIDS_MAX]);
/* Whether one of its descriptors is this file. */
bool	 look_has_open(pid_t pid, const char *file);
/* Waits until it is stopped (SIGSTOP takes effect later than kill). */
void	 look_wait_stopped(pid_t pid);

/* Sends the pattern of that seed until nobody takes more for a while; returns
 * how much that was. */
size_t	 look_fill(int fd, uint64_t seed);

/* A whole file, NUL-terminated, malloc'd; NULL when it is not there. */
char	*look_file(const char *path, size_t *len);
bool	 look_exists(const char *path);
/* Fails, showing both, unless the text holds the word. */
void	 look_holds(const char *text, const char *word);
size_t	 look_count(const char *text, const char *word);

/* Prints "skip: why" and skips the test. */
void	 look_skip(const char *why);
int	 look_compare_int64(const void *a, const void *b);	/* for qsort */

#endif
