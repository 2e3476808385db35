/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_path - which configuration a verb means, and where its server listens.
 */
#ifndef MASTER_CLI_CONF_PATH_H
#define MASTER_CLI_CONF_PATH_H

#include "common/conf.h"

/* The file a verb without -c means: the installed one if it is there, else
 * NULL (the built-in default).  Static. */
const char *cli_conf_default(void);

/*
 * Loads a configuration; path NULL: cli_conf_default().  Returns what the
 * caller owns, or NULL after printing each error on stderr.
 */
struct conf *cli_conf_load(const char *path);

/*
 * The same for verbs that ask a running server, which goes on when its file was
 * broken since: then the built-in default, but with the control_socket and
 * pid_file that stand in the file (includes are not read), or those a server
 * with a file has by default.  Says nothing of what is wrong in it, only of one
 * that cannot be read.
 */
struct conf *cli_conf_load_server(const char *path);

/* Where that server has its control socket.  Returns malloc'd text, or NULL
 * after a message. */
char	*cli_control_path(const char *conf_path);

#endif
