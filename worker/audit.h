/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - rows against the descriptors really there, at the master's request.
 */
#ifndef WORKER_AUDIT_H
#define WORKER_AUDIT_H

#include "worker/state.h"

/* Answers in the slot if a question is open, between two turns, so that the
 * answer is exact however busy the worker is. */
void	audit_answer(struct worker *w);

#endif
