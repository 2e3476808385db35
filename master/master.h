/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * master - struct master: the private half of the disposable master.
 *
 * What must outlive it is in the book; this is what it can find again there.
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <sys/types.h>

#include "common/commons.h"
#include "common/conf.h"
#include "master/book.h"

enum { CONTROL_CLIENTS = 16 };

struct control_client {
	int fd;				/* -1: free */
	int64_t since_ms;		/* a client that says nothing is cut */
	size_t in_len;
	char in[4096];			/* one request */
	char *out;			/* malloc'd, what waits to be sent */
	size_t out_len, out_off;
	bool waits_stop;		/* answered by the end of the server */
	bool waits_audit;
	bool waits_scale, waits_reload;
	bool done;			/* close when out is sent */
	bool ended;			/* will say no more, but listens */
};

struct master {
	struct book *book;
	struct book_page *pages;
	struct commons *commons;
	struct conf *conf;
	struct conf *conf_new;		/* of a reload that is not committed */
	const struct conf_section *sections;
	const char *engine_name;
	struct slot slot[BOOK_SLOTS];	/* mappings of those in use */
	int anchor_fd;			/* pidfd: readable when it is dead */
	int64_t now_ms;
	int64_t suspended_ms;		/* boottime less monotonic, to notice */
	/* the machine slept since the last turn */
	bool interrupted;
	char binary[1024];		/* what ME_UPGRADE asks for */
	int rehearsal_fd;		/* -1: none runs */
	pid_t rehearsal_pid;
	size_t rehearsal_len;
	char rehearsal[64];
	int scale_to;			/* what ME_SCALE asks for */
	int64_t watchdog_ms;		/* the next word to the manager's */
	uint64_t ticket;		/* of the signal that is acted upon */
	bool keys;			/* stdin is read for keys */
	bool quarantine_told;		/* workers know of it */
	int64_t audit_until_ms;		/* 0: none runs */
	struct control_client clients[CONTROL_CLIENTS];
	bool has_control_group;		/* see control_rights.h */
	gid_t control_gid;
};

/* Runs in each clone that the anchor makes; never returns. */
_Noreturn void	master_main(struct book *b);

/* The sections that master_use_services() was given. */
const struct conf_section *master_sections(void);
/* What main.c knows of the layer beside us; set before the anchor runs. */
void	master_use_services(const struct conf_section *sections,
	    const char *(*engine_name)(const char *));

#endif
