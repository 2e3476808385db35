/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send - the verb: options, then the loop, then the verdict.
 */
#include <sys/resource.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/send.h"

enum { PARALLEL_MAX = 1000000, OTHER_FILES = 16 };

struct send_options {
	const char *data, *file;
	bool wait, half_close, random, quiet;
	uint64_t repeat, parallel;
	int64_t every_ms, timeout_ms;
};

static const struct args_option options[] = {
	{ "data", 'd', ARGS_TEXT, offsetof(struct send_options, data), 0, 0 },
	{ "file", 'f', ARGS_TEXT, offsetof(struct send_options, file), 0, 0 },
	{ "random", 0, ARGS_FLAG, offsetof(struct send_options, random), 0,
	    0 },
	{ "wait", 'w', ARGS_FLAG, offsetof(struct send_options, wait), 0, 0 },
	{ "half-close", 'N', ARGS_FLAG,
	    offsetof(struct send_options, half_close), 0, 0 },
	{ "repeat", 0, ARGS_UINT, offsetof(struct send_options, repeat), 1,
	    0 },
	{ "every", 0, ARGS_MSEC, offsetof(struct send_options, every_ms), 1,
	    INT_MAX },
	{ "parallel", 0, ARGS_UINT, offsetof(struct send_options, parallel),
	    1, PARALLEL_MAX },
	{ "timeout", 0, ARGS_MSEC, offsetof(struct send_options, timeout_ms),
	    1, INT_MAX },
	{ "quiet", 'q', ARGS_FLAG, offsetof(struct send_options, quiet), 0,
	    0 },
	{ .name = NULL },
};

/* The words: where to, and - for stdin.  CLI_DONE or CLI_USAGE. */
static int
take_words(int argc, char **argv, struct send_options *o, const char **where)
{
	int i;

	*where = NULL;
	for (i = 1; i <= argc; i++) {
		if (strcmp(argv[i], "-") == 0 && o->file == NULL)
			o->file = "-";
		else if (*where == NULL)
			*where = argv[i];
		else
			return cli_usage(argv[0], "unexpected word \"%s\"",
			    argv[i]);
	}
	if (*where == NULL)
		return cli_usage(argv[0], "where to?  HOST:PORT or unix:PATH");
	if ((o->data != NULL) + (o->file != NULL) + o->random > 1)
		return cli_usage(argv[0], "one of --data, --file, --random "
		    "and -");
	return CLI_DONE;
}

static int
resolve(const char *verb, const char *where, struct send_run *r)
{
	const char *why;

	if (target_resolve(where, TARGET_CONNECT, &r->target, &why) == 0)
		return CLI_DONE;
	if (errno == EINVAL)
		return cli_usage(verb, "%s: %s", where, why);
	cli_error(verb, "%s: %s", where, why);
	return CLI_FAILED;
}

static void
run_set(struct send_run *r, const struct send_options *o)
{
	r->wait = o->wait;
	r->half_close = o->half_close;
	r->quiet = o->quiet;
	r->parallel = o->parallel;
	r->every_ms = o->every_ms;
	r->timeout_given = o->timeout_ms != 0;
	r->timeout_ms = r->timeout_given ? o->timeout_ms : SEND_TIMEOUT_MS;
	r->repeat = o->repeat;
	if (r->repeat == 0)		/* not given: --every alone goes on */
		r->repeat = o->every_ms != 0 ? UINT64_MAX : 1;
}

static int
open_input(const char *verb, struct send_run *r, const struct send_options *o)
{
	bool many = r->repeat > 1 || r->parallel > 1;

	if (o->random)
		send_input_random(&r->input);
	else if (o->file == NULL)
		send_input_text(&r->input, o->data != NULL ? o->data : "");
	else if (send_input_file(&r->input, o->file, many) == -1) {
		cli_error(verb, "%s: %s", o->file, strerror(errno));
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* Room for that many descriptors, as far as this user may. */
static int
raise_limit(const char *verb, uint64_t parallel)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return CLI_DONE;	/* connecting will tell */
	if (rl.rlim_cur >= parallel + OTHER_FILES)
		return CLI_DONE;
	if (rl.rlim_max < parallel + OTHER_FILES) {
		cli_error(verb, "--parallel %llu needs more descriptors than "
		    "the limit of %llu (ulimit -n)",
		    (unsigned long long)parallel,
		    (unsigned long long)rl.rlim_max);
		return CLI_FAILED;
	}
	rl.rlim_cur = parallel + OTHER_FILES;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
	return CLI_DONE;
}

static int
run(const char *verb, struct send_run *r)
{
	int64_t begin_ms = clock_mono_ms();
	int rc = send_loop(r);

	if (rc == -1)
		cli_error(verb, "%s", strerror(errno));
	else if (!r->quiet && (r->rounds > 1 || r->input.kind == SEND_RANDOM))
		send_say_totals(r, clock_mono_ms() - begin_ms);
	return cli_finish(verb, rc == -1 || r->failed > 0 || r->is_broken ?
	    CLI_FAILED : CLI_DONE);
}

int
cli_send(int argc, char **argv)
{
	struct send_options o = { .parallel = 1 };
	int n = args_parse(argc, argv, options, &o), rc = CLI_USAGE;
	struct send_run *r = calloc(1, sizeof(*r));
	const char *where;

	if (r == NULL) {
		cli_error(argv[0], "out of memory");
		return CLI_FAILED;
	}
	r->input.fd = -1;
	if (n >= 0)
		rc = take_words(n, argv, &o, &where);
	if (rc == CLI_DONE)
		rc = resolve(argv[0], where, r);
	if (rc == CLI_DONE) {
		run_set(r, &o);
		rc = raise_limit(argv[0], r->parallel);
	}
	if (rc == CLI_DONE)
		rc = open_input(argv[0], r, &o);
	if (rc == CLI_DONE)
		rc = run(argv[0], r);
	send_input_close(&r->input);
	target_free(&r->target);
	free(r);
	return rc;
}
