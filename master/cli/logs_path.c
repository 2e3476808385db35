/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_path - which file the configuration's log target is.  No configuration
 * is read here yet: the verb then asks for FILE.
 */
#include <stddef.h>

#include "master/cli/logs.h"

const char *
cli_log_path(const char *conf_path)
{
	(void)conf_path;
	return NULL;
}
