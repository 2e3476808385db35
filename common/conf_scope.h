/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_scope - which names a section knows, and which it has seen.
 *
 * The part of the name check that knows the format's vocabulary; its caller
 * knows the grammar.
 */
#ifndef COMMON_CONF_SCOPE_H
#define COMMON_CONF_SCOPE_H

#include "common/conf_lex.h"
#include "common/conf_names.h"

enum conf_scope_kind {
	CONF_SCOPE_ROOT, CONF_SCOPE_LOG, CONF_SCOPE_SERVICE,
	CONF_SCOPE_HANDLER
};

enum { CONF_SCOPE_ROWS = 64 };		/* of one table, checked by a test */

struct conf_scope {
	enum conf_scope_kind kind;
	const struct conf_option *options;
	const char *name;		/* of a section; borrowed, static */
	size_t start;			/* its first token */
	size_t seen[CONF_SCOPE_ROWS];	/* token of the key, plus 1 */
	size_t section;			/* the log or handler section, plus 1 */
};

struct conf_names {			/* the state of one check */
	struct conf_toks *t;
	size_t i;			/* the token looked at */
	const struct conf_section *sections;
	struct conf_errors *e;
	size_t service[CONF_SERVICES_MAX];	/* titles */
	unsigned nservices;
};

/* All report to n->e. */
void	 conf_scope_unknown(const struct conf_names *n,
	    const struct conf_scope *sc, size_t key);
/* Notes that row is given by the statement at key; false: for the 2nd time. */
bool	 conf_scope_see(const struct conf_names *n, struct conf_scope *sc,
	    const struct conf_option *row, size_t key);
/*
 * Makes in the scope of the section at start (title 0: it has none); false
 * when sc has no such section, or has had it.
 */
bool	 conf_scope_enter(struct conf_names *n, struct conf_scope *sc,
	    size_t start, size_t title, struct conf_scope *in);
/* At the end of a service: has it a handler, known, with its own section? */
void	 conf_scope_check_handler(const struct conf_names *n,
	    const struct conf_scope *service);

#endif
