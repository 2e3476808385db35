/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs - what the verb that reads the JSON log needs of the configuration.
 *
 * The verb itself, in the table of all verbs, filters the log, prints it for
 * people or as it is, and follows it across rotation.
 */
#ifndef MASTER_CLI_LOGS_H
#define MASTER_CLI_LOGS_H

/*
 * The path of the log which the configuration names; conf_path may be NULL for
 * the default one.  Borrowed, valid until exit.  NULL when its log is no file
 * or it cannot be read, said on stderr if it is the latter.
 */
const char *cli_log_path(const char *conf_path);

#endif
