/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - parses and validates a configuration; binds nothing, asks nobody.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"

struct check_options {
	const char *conf;
	bool print;
};

static const struct args_option options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct check_options, conf), 0,
	    0 },
	{ "print", 0, ARGS_FLAG, offsetof(struct check_options, print), 0, 0 },
	{ .name = NULL },
};

static int
print_effective(const struct conf *conf)
{
	size_t len;
	char *text = conf_print(conf, true, &len);

	if (text == NULL) {
		cli_error("check", "out of memory");
		return CLI_FAILED;
	}
	fwrite(text, 1, len, stdout);
	free(text);
	return CLI_DONE;
}

static void
print_summary(const char *path, const struct conf *conf)
{
	size_t i, addrs = 0;

	for (i = 0; i < conf->nservices; i++)
		addrs += conf->services[i].listen.n;
	printf("%s is good: %zu service%s, %zu listen address%s\n", path,
	    conf->nservices, conf->nservices == 1 ? "" : "s", addrs,
	    addrs == 1 ? "" : "es");
}

int
cli_check(int argc, char **argv)
{
	struct check_options o = { 0 };
	int rc = args_parse_only(argc, argv, options, &o);
	struct conf *conf;

	if (rc != CLI_DONE)
		return rc;
	if (o.conf == NULL)
		o.conf = cli_conf_default();
	conf = cli_conf_load(o.conf);
	if (conf == NULL)
		return CLI_FAILED;
	if (o.print)
		rc = print_effective(conf);
	else
		print_summary(o.conf != NULL ? o.conf : "the built-in default",
		    conf);
	conf_free(&conf);
	return cli_finish(argv[0], rc);
}
