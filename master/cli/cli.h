/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli - the verbs of the command line.
 *
 * A verb is one row and one function `int cli_VERB(int argc, char **argv)`,
 * where argv[0] is the verb's name; it returns an exit code and prints its own
 * messages: results on stdout, everything else on stderr.
 */
#ifndef MASTER_CLI_CLI_H
#define MASTER_CLI_CLI_H

#include <stdio.h>

#include "common/conf.h"

enum cli_exit {				/* INTERFACE section 2 */
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,			/* the command line is wrong */
	CLI_NOT_RUNNING = 3,		/* no server answers */
	CLI_OTHER_RUNS = 4		/* another server holds the pid file */
};

struct cli_verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;		/* one line */
	const char *usage;		/* what `help VERB` prints */
};

/* All verbs of this version, in the order help shows them; ends with .name
 * NULL.  The second table is of those that come with a later version. */
extern const struct cli_verb cli_verbs[];
extern const char *const cli_later_verbs[];

/* Finds argv[1] in the table and runs it.  Returns the process's exit code. */
int	cli_main(int argc, char **argv);

int	cli_audit(int argc, char **argv);
int	cli_check(int argc, char **argv);
int	cli_help(int argc, char **argv);
int	cli_listen(int argc, char **argv);
int	cli_logs(int argc, char **argv);
int	cli_quarantine(int argc, char **argv);
int	cli_reload(int argc, char **argv);
int	cli_reopen(int argc, char **argv);
int	cli_restart(int argc, char **argv);
int	cli_run(int argc, char **argv);
int	cli_scale(int argc, char **argv);
int	cli_send(int argc, char **argv);
int	cli_start(int argc, char **argv);
int	cli_status(int argc, char **argv);
int	cli_stop(int argc, char **argv);
int	cli_upgrade(int argc, char **argv);
int	cli_version(int argc, char **argv);

/* "belay VERB: message" on stderr; cli_usage() also says where help is, and
 * returns CLI_USAGE. */
void	cli_error(const char *verb, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
int	cli_usage(const char *verb, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Flushes stdout: a full disk or a closed pipe is a failure of the verb.
 * Returns code, or CLI_FAILED if the output did not get out. */
int	cli_finish(const char *verb, int code);

/*
 * Supplied by main: the sections of the services (for conf_load), and the
 * engines and services built in, one "name: list" line each (for `version`).
 */
const struct conf_section *main_sections(void);
void	main_print_features(FILE *out);

#endif
