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
 * the default one.  Returns malloc'd text, or NULL after a message: the log is
 * no file, or the configuration cannot be read.
 */
char	*cli_log_path(const char *conf_path);

#endif
