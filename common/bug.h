/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bug - the end of a process that found itself wrong.
 *
 * libc's abort and assert are not used after a raw clone: what libc remembers
 * of its own thread is the parent's, and musl would kill the keeper instead.
 */
#ifndef COMMON_BUG_H
#define COMMON_BUG_H

/* Logs what is wrong and ends this process by SIGABRT. */
_Noreturn void	bug(const char *what);

#endif
