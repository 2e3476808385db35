/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flush - lets processes that leave by _exit(2) tell what they ran.
 *
 * Only the coverage build links this (-Wl,--wrap=_exit).  What is killed tells
 * nothing, so the figures are a lower bound.
 */
#include <unistd.h>

void	__gcov_dump(void);
_Noreturn void	__real__exit(int status);
_Noreturn void	__wrap__exit(int status);

void
__wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
