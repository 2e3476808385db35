/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - the engines that are built in, best first: a new one is a file and
 * a row here.
 */
#include <stddef.h>
#include <string.h>

#include "worker/engine/engine.h"

const struct engine *const engines[] = {
	&engine_epoll,
	NULL
};

const struct engine *
engine_find(const char *name)
{
	if (strcmp(name, "auto") == 0)
		return engines[0];
	for (const struct engine *const *e = engines; *e != NULL; e++)
		if (strcmp((*e)->name, name) == 0)
			return *e;
	return NULL;
}
