/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change_verbs - the verbs that change the running server and wait for the
 * verdict: scale and reload.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"
#include "master/cli/control_client.h"

enum { CHANGE_TIMEOUT_MS = 120000 };

struct change_options { const char *conf; };

static const struct args_option options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct change_options, conf),
	    0, 0 },
	{ .name = NULL },
};

/* Prints what the server says of it; after an error, what that means. */
static void
take_reply(json_t *reply, void *arg)
{
	const char *text = json_string_value(json_object_get(reply, "text"));
	const char *verb = arg;

	if (text == NULL)
		return;
	if (json_object_get(reply, "error") == NULL)
		puts(text);
	else
		cli_error(verb, "%s", text);
}

static int
change(const char *verb, const char *conf_path, json_t *request)
{
	char *path = cli_control_path(conf_path);
	const struct control_ask ask = {
		.verb = verb, .socket_path = path, .request = request,
		.timeout_ms = CHANGE_TIMEOUT_MS, .line = take_reply,
		.arg = (void *)(uintptr_t)verb,
	};
	int rc = CLI_FAILED;

	if (path != NULL && request != NULL)
		rc = control_ask(&ask);
	json_decref(request);
	free(path);
	return cli_finish(verb, rc);
}

/* getopt would take -1 for options: a word of sign and digits is the number. */
static bool
is_number(const char *word)
{
	word += *word == '+' || *word == '-';
	return *word != '\0' && strspn(word, "0123456789") == strlen(word);
}

int
cli_scale(int argc, char **argv)
{
	struct change_options o = { 0 };
	const char *to = NULL;
	int n = 1, rc;

	for (int i = 1; i < argc; i++) {
		if (to == NULL && is_number(argv[i]))
			to = argv[i];
		else
			argv[n++] = argv[i];
	}
	argv[n] = NULL;
	rc = args_parse_only(n, argv, options, &o);
	if (rc != CLI_DONE)
		return rc;
	if (to == NULL)
		return cli_usage(argv[0], "how many workers? such as 3, +1 "
		    "or -1");
	return change(argv[0], o.conf, json_pack("{s:s, s:s}", "verb", "scale",
	    "to", to));
}

int
cli_upgrade(int argc, char **argv)
{
	struct change_options o = { 0 };
	int n = args_parse(argc, argv, options, &o);
	char full[PATH_MAX];

	if (n < 0)
		return CLI_USAGE;
	if (n > 1)
		return cli_usage(argv[0], "unexpected word \"%s\"", argv[2]);
	if (n == 0)
		return change(argv[0], o.conf, json_pack("{s:s}", "verb",
		    "upgrade"));
	if (realpath(argv[1], full) == NULL) {
		cli_error(argv[0], "%s: %s", argv[1], strerror(errno));
		return CLI_FAILED;
	}
	return change(argv[0], o.conf, json_pack("{s:s, s:s}", "verb",
	    "upgrade", "binary", full));
}

int
cli_reload(int argc, char **argv)
{
	struct change_options o = { 0 };
	int rc = args_parse_only(argc, argv, options, &o);

	if (rc != CLI_DONE)
		return rc;
	return change(argv[0], o.conf, json_pack("{s:s}", "verb", "reload"));
}
