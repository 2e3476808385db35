/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig_step - death at any store.
 *
 * Runs an operation of the worker in a traced process that shares slot and
 * descriptors, as a worker shares them with its successor, one instruction at
 * a time, and kills it after the nth change that a successor could see: of the
 * slot, or of what the kernel knows of the connection.
 */
#ifndef TESTS_UNIT_WORKER_RIG_STEP_H
#define TESTS_UNIT_WORKER_RIG_STEP_H

#include "tests/unit/worker/rig.h"

/* False: tracing is not allowed here. */
bool	rig_can_step(void);
/*
 * Kills op after n changes (0: before the first); r->fd is the descriptor that
 * is watched.  False: it came to its end before.  The worker is dead either
 * way: rig_succeed() is next.
 */
bool	rig_step(struct rig *r, void (*op)(struct rig *), unsigned n);
/* How many deaths to go on by, so that long turns do not take for ever. */
unsigned rig_stride(const struct rig *r);

#endif
