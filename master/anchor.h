/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anchor - the process whose pid stays: the master's keeper, everyone's
 * parent.
 */
#ifndef MASTER_ANCHOR_H
#define MASTER_ANCHOR_H

#include "master/book.h"

/*
 * Becomes the anchor: lets a master live, reaps, notes signals, until the
 * master has left for good.  master runs in each clone and does not return.
 * Returns the server's exit code.
 */
int	anchor_run(struct book *b, void (*master)(struct book *));

#endif
