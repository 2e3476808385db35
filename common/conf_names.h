/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_names - is every statement well formed, and every name known?
 *
 * libconfuse stops at its first error and has its own words for it; this pass
 * finds all errors of form and name, and drops what it reported from the list,
 * so that the values that are left can still be looked at.
 */
#ifndef COMMON_CONF_NAMES_H
#define COMMON_CONF_NAMES_H

#include "common/conf_lex.h"

enum {
	CONF_SERVICES_MAX = 1024,
	CONF_SERVICE_NAME_MAX = 63	/* bytes of a service's name */
};

/* Marks tokens CONF_T_DROPPED.  Errors go to *e. */
void	 conf_names_check(struct conf_toks *t,
	    const struct conf_section *sections, struct conf_errors *e);
/* The position of the next service at or behind *i, which then moves on. */
struct conf_pos conf_names_service(const struct conf_toks *t, size_t *i);

#endif
