/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_path - which file the configuration's log target is.
 */
#include <string.h>

#include "master/cli/cli.h"
#include "master/cli/conf_path.h"
#include "master/cli/logs.h"

char *
cli_log_path(const char *conf_path)
{
	struct conf *conf = cli_conf_load(conf_path);
	const char *target;
	char *path = NULL;

	if (conf == NULL)
		return NULL;
	target = conf->log.target;
	if (target[0] != '/')
		cli_error("logs", "the log goes to %s: give a LOG, or - for "
		    "standard input", strcmp(target, "stderr") != 0 ? target :
		    "the server's stderr, which a file or the journal may "
		    "hold");
	else if ((path = strdup(target)) == NULL)
		cli_error("logs", "out of memory");
	conf_free(&conf);
	return path;
}
