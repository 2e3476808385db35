/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker - the one header of this layer that main.c and keeper.c may see.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>
#include <stdio.h>

#include "common/commons.h"
#include "common/conf.h"
#include "common/slot.h"

struct worker_listener {
	int fd;
	unsigned service;		/* index in conf->services */
};

/* All that a worker is born with; lies in the keeper's memory. */
struct worker_args {
	const struct conf *conf;
	struct slot slot;
	struct commons *commons;
	unsigned number;		/* of the slot, from 1 */
	uint32_t birth;			/* of this worker in it, from 1 */
	int channel_fd;			/* to the master */
	const struct worker_listener *listeners;
	unsigned nlisteners;
	const int *keep_fds;		/* not connections: never closed */
	unsigned nkeep;
};

/* Serves until told to leave; never returns.  Borrows all of args.  Exits 0
 * when it has left in order, else with a class code (worker_exit). */
_Noreturn void	worker_main(const struct worker_args *args);

enum worker_exit {
	WORKER_EXIT_DONE = 0,		/* left as it was told to */
	WORKER_EXIT_START = 71		/* could not begin to serve */
};

/* The option rows of all services, for the loader. */
const struct conf_section *worker_sections(void);
/* The engine meant by a config's name ("auto" too), or NULL: no such. */
const char *worker_engine_name(const char *conf_name);
/* "services: echo ...\nengines: ...\n" for the verb version. */
void	worker_print_features(FILE *out);

#endif
