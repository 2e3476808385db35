/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * args - the options of one verb, from rows.
 *
 * Written --name VALUE, --name=VALUE, -c VALUE; flags take none.  Options and
 * other words mix; after -- all are words; a lone - is a word.
 */
#ifndef MASTER_CLI_ARGS_H
#define MASTER_CLI_ARGS_H

#include <stddef.h>
#include <stdint.h>

enum args_type {			/* and the C type at .off */
	ARGS_FLAG,			/* bool */
	ARGS_TEXT,			/* const char *, borrowed from argv */
	ARGS_UINT,			/* uint64_t, decimal */
	ARGS_MSEC			/* int64_t ms: 250ms 30s 5m 1h */
};

struct args_option {
	const char *name;		/* without the dashes */
	char letter;			/* 0: none */
	enum args_type type;
	size_t off;
	uint64_t min, max;		/* UINT, MSEC; max 0: no limit */
};

/*
 * Parses argv[1] to argv[argc - 1] into the struct at out; what is not given
 * stays as the caller set it.  options ends with .name NULL.  The words that
 * are no options move to argv[1], argv[2], ...: returns how many, or -1 when
 * something is wrong, after saying what on stderr (exit with CLI_USAGE).
 */
int	args_parse(int argc, char **argv, const struct args_option *options,
	    void *out);

/* The same for a verb that takes no words.  CLI_DONE or CLI_USAGE. */
int	args_parse_only(int argc, char **argv,
	    const struct args_option *options, void *out);

#endif
