/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_filter - which records the user asked for.  All conditions must hold;
 * one that was not given always does.
 */
#ifndef MASTER_CLI_LOGS_FILTER_H
#define MASTER_CLI_LOGS_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/addr.h"
#include "common/log.h"

struct logs_filter {
	enum log_level level;		/* this one and worse */
	const char *service;		/* NULL: any; borrowed, as event */
	const char *event;		/* a name or a pattern, fnmatch(3) */
	bool by_client;
	struct cidr client;
};

/* 0, or -1 if there is no such level. */
int	 logs_level_parse(const char *text, enum log_level *level);
bool	 logs_filter_any(const struct logs_filter *f);	/* one was given */
bool	 logs_filter_match(const struct logs_filter *f, const json_t *record);

#endif
