/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newcomer - descriptors without a row.
 *
 * A connected one on a listener's address was accepted by a worker that died
 * before it could publish the row, and is taken in; all others (the dead
 * worker's engine, files of a service) are closed.
 */
#ifndef WORKER_NEWCOMER_H
#define WORKER_NEWCOMER_H

#include "worker/state.h"

/* Closes what nobody owns; returns how many newcomers there are. */
uint32_t newcomer_sweep(struct worker *w);
/* Begins to serve them, once the engine is ready. */
void	newcomer_begin(struct worker *w, uint32_t n);

#endif
