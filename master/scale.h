/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scale - the number of workers wanted.
 */
#ifndef MASTER_SCALE_H
#define MASTER_SCALE_H

#include "master/master.h"

/* "3", "+1", "-1" against the number wanted now; -1: not such a word. */
int	scale_parse(const struct master *m, const char *word);
/* NULL, or why there cannot be that many (static). */
const char *scale_refuse(const struct master *m, int workers);
/* As many serve as are wanted, and none retires. */
bool	scale_is_done(const struct master *m);

#endif
