/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_verbs - the verbs that ask the running server one thing.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"
#include "master/cli/control_client.h"
#include "master/cli/status_print.h"

enum { ASK_TIMEOUT_MS = 10000 };

struct ask_options {
	const char *conf, *lift;
	bool json;
};

struct ask_verb {
	const char *key;		/* of the reply; NULL: it has none */
	void (*print)(FILE *, const json_t *);
	/* What the reply's object makes of the exit code. */
	int (*judge)(const json_t *);
	const char *done;		/* said when there is no object */
};

struct ask_result {
	const struct ask_verb *verb;
	bool json;
	bool has_answer;
	int code;
};

static const struct args_option plain_options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct ask_options, conf), 0, 0 },
	{ .name = NULL },
};

static const struct args_option json_options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct ask_options, conf), 0, 0 },
	{ "json", 0, ARGS_FLAG, offsetof(struct ask_options, json), 0, 0 },
	{ .name = NULL },
};

static const struct args_option quarantine_options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct ask_options, conf), 0, 0 },
	{ "json", 0, ARGS_FLAG, offsetof(struct ask_options, json), 0, 0 },
	{ "lift", 0, ARGS_TEXT, offsetof(struct ask_options, lift), 0, 0 },
	{ .name = NULL },
};

static int
judge_status(const json_t *status)
{
	(void)status;
	return CLI_DONE;
}

static int
judge_audit(const json_t *audit)
{
	return json_is_true(json_object_get(audit, "balances")) ? CLI_DONE :
	    CLI_FAILED;
}

static const struct ask_verb ask_status = {
	.key = "status", .print = status_print, .judge = judge_status,
};
static const struct ask_verb ask_audit = {
	.key = "audit", .print = audit_print, .judge = judge_audit,
};
static const struct ask_verb ask_quarantine = {
	.key = "quarantine", .print = quarantine_print, .judge = judge_status,
};
static const struct ask_verb ask_reopen = {
	.done = "log files are open again",
};

static void
take_reply(json_t *reply, void *arg)
{
	struct ask_result *r = arg;
	const json_t *answer;

	if (r->verb->key == NULL)
		return;
	answer = json_object_get(reply, r->verb->key);
	if (!json_is_object(answer))
		return;
	r->has_answer = true;
	r->code = r->verb->judge(answer);
	if (!r->json) {
		r->verb->print(stdout, answer);
		return;
	}
	json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
}

/* Asks the server of this configuration; the exit code. */
static int
ask(const char *name, const struct ask_options *o, struct ask_result *r)
{
	char *path = cli_control_path(o->conf);
	json_t *request = json_pack("{s:s, s:s*}", "verb", name, "lift",
	    o->lift);
	int rc = CLI_FAILED;

	if (path != NULL && request != NULL)
		rc = control_request(path, request, ASK_TIMEOUT_MS, take_reply,
		    r);
	if (rc == CLI_DONE && r->verb->key != NULL && !r->has_answer) {
		cli_error(name, "the server said nothing of \"%s\"",
		    r->verb->key);
		rc = CLI_FAILED;
	}
	json_decref(request);
	free(path);
	return rc == CLI_DONE ? r->code : rc;
}

static int
ask_main(int argc, char **argv, const struct args_option *options,
    const struct ask_verb *verb)
{
	struct ask_options o = { 0 };
	struct ask_result r = { .verb = verb };
	int rc = args_parse_only(argc, argv, options, &o);

	if (rc != CLI_DONE)
		return rc;
	r.json = o.json;
	rc = ask(argv[0], &o, &r);
	if (rc == CLI_DONE && verb->done != NULL)
		puts(verb->done);
	return cli_finish(argv[0], rc);
}

int
cli_status(int argc, char **argv)
{
	return ask_main(argc, argv, json_options, &ask_status);
}

int
cli_audit(int argc, char **argv)
{
	return ask_main(argc, argv, json_options, &ask_audit);
}

int
cli_quarantine(int argc, char **argv)
{
	return ask_main(argc, argv, quarantine_options, &ask_quarantine);
}

int
cli_reopen(int argc, char **argv)
{
	return ask_main(argc, argv, plain_options, &ask_reopen);
}
