/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - holds a slot's descriptors; does nothing else, so it does not
 * crash.
 */
#ifndef MASTER_KEEPER_H
#define MASTER_KEEPER_H

#include <sys/types.h>

#include "common/commons.h"
#include "common/conf.h"
#include "master/book.h"

struct keeper_args {
	const struct book *book;	/* read before it is unmapped */
	unsigned number;		/* of the slot, from 1 */
	const struct conf *conf;
	struct slot slot;
	struct commons *commons;
	int keeper_fd, worker_fd;	/* the slot's ends of its channels */
	uid_t uid;
	gid_t gid;
	bool drop;			/* become uid and gid */
};

/* Runs in the clone; never returns. */
_Noreturn void	keeper_main(const struct keeper_args *args);

#endif
