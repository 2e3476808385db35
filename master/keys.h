/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keys - one-letter commands on the terminal of `belay run`, or with --keys.
 */
#ifndef MASTER_KEYS_H
#define MASTER_KEYS_H

#include "master/master.h"

/* Reads single keys if stdin is a terminal in the foreground or --keys was
 * given; how the terminal was stands in the book. */
void	keys_open(struct master *m);
void	keys_close(struct master *m);	/* the terminal as it was */
void	keys_hint(struct master *m);
/* stdin is readable. */
void	keys_read(struct master *m);

#endif
