/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stop - the verbs stop and restart.
 *
 * Done means gone: ports and pid file are free for the next.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/fd.h"
#include "master/cli/args.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"
#include "master/cli/control_client.h"
#include "master/cli/gone.h"

/* What a stop takes besides the drain itself: workers leave, the log is
 * written. */
enum { STOP_GRACE_MS = 10000, TIMEOUT_UNSET = -1 };

struct stop_options {
	const char *conf;
	bool now;
	int64_t timeout_ms;
};

static const struct args_option options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct stop_options, conf), 0, 0 },
	{ "now", 0, ARGS_FLAG, offsetof(struct stop_options, now), 0, 0 },
	{ "timeout", 0, ARGS_MSEC, offsetof(struct stop_options, timeout_ms),
	    1, INT_MAX },
	{ .name = NULL },
};

/* How many connections ended which way, from the last reply. */
struct stop_counts {
	bool known;
	long long finished, cut;
};

static void
take_reply(json_t *reply, void *arg)
{
	struct stop_counts *counts = arg;
	const json_t *finished = json_object_get(reply, "finished");
	const json_t *cut = json_object_get(reply, "cut");
	const char *progress = json_string_value(
	    json_object_get(reply, "progress"));

	if (progress != NULL) {
		puts(progress);
		(void)fflush(stdout);	/* a drain takes its time */
	}
	if (!json_is_integer(finished) || !json_is_integer(cut))
		return;
	counts->known = true;
	counts->finished = json_integer_value(finished);
	counts->cut = json_integer_value(cut);
}

/* Without --timeout as long as the configuration lets it take; -1: without
 * end. */
static int
stop_timeout_ms(const struct conf *conf, const struct stop_options *o)
{
	int64_t ms = STOP_GRACE_MS;

	if (o->timeout_ms != TIMEOUT_UNSET)
		return (int)o->timeout_ms;
	if (!o->now && conf->drain_timeout_ms == 0)
		return -1;
	if (!o->now)
		ms += conf->drain_delay_ms + conf->drain_timeout_ms;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static const char late[] = "it still runs; what was begun goes on";

static int
stop_request(const char *verb, const struct conf *conf,
    const struct stop_options *o, int timeout_ms, struct stop_counts *counts)
{
	json_t *request = json_pack("{s:s, s:b}", "verb", "stop", "now",
	    o->now);
	const struct control_ask ask = {
		.verb = verb, .socket_path = conf->control_socket,
		.request = request, .timeout_ms = timeout_ms,
		.line = take_reply, .arg = counts, .late = late,
		.until_gone = true,
	};
	int rc;

	if (request == NULL) {
		cli_error(verb, "out of memory");
		return CLI_FAILED;
	}
	if (o->timeout_ms != TIMEOUT_UNSET)
		json_object_set_new(request, "timeout_ms",
		    json_integer(o->timeout_ms));
	rc = control_ask(&ask);
	json_decref(request);
	return rc;
}

/* Asks, and waits until the server is gone. */
static int
stop_server(const char *verb, const struct conf *conf,
    const struct stop_options *o)
{
	int timeout_ms = stop_timeout_ms(conf, o), rc;
	int64_t deadline_ms = timeout_ms == -1 ? INT64_MAX :
	    clock_mono_ms() + timeout_ms;
	int pid_fd = gone_watch(conf->pid_file);
	struct stop_counts counts = { 0 };

	rc = stop_request(verb, conf, o, timeout_ms, &counts);
	if (rc == CLI_DONE && gone_wait(pid_fd, deadline_ms) == -1) {
		cli_error(verb, "%s", late);
		rc = CLI_FAILED;
	}
	fd_close(&pid_fd);
	if (rc == CLI_DONE && counts.known)
		printf("stopped: %lld connections finished, %lld were cut\n",
		    counts.finished, counts.cut);
	else if (rc == CLI_DONE)
		puts("stopped");
	return cli_finish(verb, rc);
}

int
cli_stop(int argc, char **argv)
{
	struct stop_options o = { .timeout_ms = TIMEOUT_UNSET };
	struct conf *conf;
	int rc = args_parse_only(argc, argv, options, &o);

	if (rc != CLI_DONE)
		return rc;
	conf = cli_conf_load_server(o.conf);
	rc = conf != NULL ? stop_server(argv[0], conf, &o) : CLI_FAILED;
	conf_free(&conf);
	return rc;
}

/* start with the same -c. */
static int
restart_start(const char *conf_path)
{
	char name[] = "start", option[] = "-c";
	char *argv[] = { name, option, (char *)(uintptr_t)conf_path, NULL };
	int argc = conf_path != NULL ? 3 : 1;

	argv[argc] = NULL;
	return cli_start(argc, argv);
}

int
cli_restart(int argc, char **argv)
{
	struct stop_options o = { .timeout_ms = TIMEOUT_UNSET };
	struct conf *conf;
	int rc = args_parse_only(argc, argv, options, &o);

	if (rc != CLI_DONE)
		return rc;
	conf = cli_conf_load(o.conf);
	if (conf == NULL) {
		cli_error(argv[0], "the configuration is wrong; nothing was "
		    "stopped");
		return CLI_FAILED;
	}
	rc = stop_server(argv[0], conf, &o);
	conf_free(&conf);
	if (rc != CLI_DONE && rc != CLI_NOT_RUNNING)
		return rc;
	return restart_start(o.conf);
}
