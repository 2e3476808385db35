/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_path - which configuration a verb means, and where its server listens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/cli.h"
#include "master/cli/conf_path.h"

const char *
cli_conf_default(void)
{
	static const char installed[] = BELAY_SYSCONFDIR "/belay/belay.conf";

	/* One that is there but not readable is an error to be told, not a
	 * reason to serve something else. */
	return access(installed, F_OK) == 0 ? installed : NULL;
}

struct conf *
cli_conf_load(const char *path)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;

	if (path == NULL)
		path = cli_conf_default();
	conf = conf_load(path, main_sections(), &errors);
	if (conf == NULL) {
		(void)fflush(stdout);
		fputs(errors.text != NULL ? errors.text : "out of memory\n",
		    stderr);
	}
	conf_errors_free(&errors);
	return conf;
}

struct conf *
cli_conf_load_server(const char *path)
{
	struct conf_errors errors = { 0 };
	struct conf *conf = cli_conf_load(path);

	if (conf != NULL)
		return conf;
	conf = conf_load(NULL, main_sections(), &errors);
	if (conf != NULL)
		fprintf(stderr, "belay: asking at the default control socket, "
		    "%s\n", conf->control_socket);
	conf_errors_free(&errors);
	return conf;
}

char *
cli_control_path(const char *conf_path)
{
	struct conf *conf = cli_conf_load_server(conf_path);
	char *path = NULL;

	if (conf != NULL) {
		path = strdup(conf->control_socket);
		if (path == NULL)
			fputs("belay: out of memory\n", stderr);
	}
	conf_free(&conf);
	return path;
}
