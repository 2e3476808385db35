/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs - the command line of the verb, and the order of its work.  Lines that
 * were no records are reported at the end, on stderr.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/cli/cli.h"
#include "master/cli/logs.h"
#include "master/cli/logs_follow.h"
#include "master/cli/logs_print.h"

enum { OPT_LEVEL = 256, OPT_SERVICE, OPT_CLIENT, OPT_EVENT, OPT_JSON };

static const unsigned long all_lines = (unsigned long)-1;
static const unsigned long follow_lines = 10;	/* as tail(1) and journalctl */

struct logs_args {
	bool follow;
	bool help;
	unsigned long lines;
	const char *conf;
	const char *path;		/* NULL: as the configuration says */
	char *conf_log;			/* malloc'd: what it says */
	struct logs_out out;
};

static int
parse_lines(const char *text, unsigned long *lines)
{
	char *end;

	errno = 0;
	*lines = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
		return cli_usage("logs", "-n wants a number, not \"%s\"", text);
	return CLI_DONE;
}

static int
parse_client(const char *text, struct logs_filter *f)
{
	const char *why = "";

	if (cidr_parse(text, &f->client, &why) == -1)
		return cli_usage("logs", "--client %s: %s", text, why);
	f->by_client = true;
	return CLI_DONE;
}

static int
parse_option(int opt, const char *word, struct logs_args *a)
{
	struct logs_filter *f = &a->out.filter;

	switch (opt) {
	case 'f':
		a->follow = true;
		return CLI_DONE;
	case 'n':
		return parse_lines(optarg, &a->lines);
	case 'c':
		a->conf = optarg;
		return CLI_DONE;
	case 'h':
		a->help = true;
		return CLI_DONE;
	case OPT_LEVEL:
		return logs_level_parse(optarg, &f->level) == 0 ? CLI_DONE :
		    cli_usage("logs", "no level \"%s\": there are debug, "
		    "info, warn and error", optarg);
	case OPT_SERVICE:
		f->service = optarg;
		return CLI_DONE;
	case OPT_CLIENT:
		return parse_client(optarg, f);
	case OPT_EVENT:
		f->event = optarg;
		return CLI_DONE;
	case OPT_JSON:
		a->out.raw = true;
		return CLI_DONE;
	default:
		return cli_usage("logs", "no such option, or one without its "
		    "value: %s", word);
	}
}

static int
parse_args(int argc, char **argv, struct logs_args *a)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "lines", required_argument, NULL, 'n' },
		{ "level", required_argument, NULL, OPT_LEVEL },
		{ "service", required_argument, NULL, OPT_SERVICE },
		{ "client", required_argument, NULL, OPT_CLIENT },
		{ "event", required_argument, NULL, OPT_EVENT },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int opt, ret = CLI_DONE;

	memset(a, 0, sizeof(*a));
	a->lines = all_lines;
	optind = 0;			/* getopt ran for the verb before us */
	opterr = 0;			/* its words are not ours */
	while (ret == CLI_DONE && (opt = getopt_long(argc, argv, "fn:c:h",
	    options, NULL)) != -1)
		ret = parse_option(opt, argv[optind - 1], a);
	if (ret != CLI_DONE || a->help)
		return ret;
	if (argc - optind > 1)
		return cli_usage("logs", "one file at a time: \"%s\" is too "
		    "many", argv[optind + 1]);
	a->path = optind < argc ? argv[optind] : NULL;
	if (a->path != NULL && a->conf != NULL)
		return cli_usage("logs", "the log of a configuration or a "
		    "file, not both");
	if (a->path != NULL && strcmp(a->path, "-") == 0 &&
	    (a->follow || a->lines != all_lines))
		return cli_usage("logs", "stdin is read once, from its "
		    "beginning: no -f, no -n");
	return CLI_DONE;
}

static void
on_line(void *arg, const char *line, size_t n)
{
	logs_print(arg, line, n);
}

static bool
on_want(void *arg, const char *line, size_t n)
{
	return logs_wants(arg, line, n);
}

static int
failed(const char *path)
{
	cli_error("logs", "%s: %s", path, strerror(errno));
	return CLI_FAILED;
}

static int
read_once(struct logs_args *a, struct logs_source *s)
{
	int ret;

	ret = logs_source_drain(s, on_line, &a->out);
	if (ret == 0)
		logs_source_finish(s, on_line, &a->out);
	else
		(void)failed(a->path);
	logs_source_close(&s);
	return ret == 0 ? CLI_DONE : CLI_FAILED;
}

/* Until a signal ends us, or nobody reads what we print. */
static int
read_on(struct logs_args *a, struct logs_source *s)
{
	struct logs_follow f;
	int ret;

	if (s == NULL)
		cli_error("logs", "waiting for %s", a->path);
	if (logs_follow_open(&f, a->path, s, fileno(a->out.file)) == -1)
		return failed(a->path);
	do {
		ret = logs_follow_drain(&f, on_line, &a->out);
	} while (ret == 0 && fflush(a->out.file) == 0 &&
	    (ret = logs_follow_wait(&f)) == 0);
	if (ret == -1 && errno != EPIPE)
		(void)failed(a->path);
	else
		ret = 0;
	logs_follow_close(&f);
	return ret == 0 ? CLI_DONE : CLI_FAILED;
}

static int
logs_read(struct logs_args *a)
{
	struct logs_source *s;
	unsigned long lines = a->lines;

	s = logs_source_open(a->path);
	if (s == NULL && (!a->follow || errno != ENOENT))
		return failed(a->path);
	if (a->follow && lines == all_lines)
		lines = follow_lines;
	if (s != NULL && lines != all_lines &&
	    logs_source_last(s, lines, on_want, &a->out) == -1) {
		(void)failed(a->path);
		logs_source_close(&s);
		return CLI_FAILED;
	}
	return a->follow ? read_on(a, s) : read_once(a, s);
}

static int
logs_show(struct logs_args *a)
{
	int ret;

	a->out.file = stdout;
	a->out.colour = isatty(STDOUT_FILENO) == 1 &&
	    getenv("NO_COLOR") == NULL;
	logs_print_begin(&a->out);
	ret = logs_read(a);
	ret = cli_finish("logs", ret);
	if (a->out.strange > 0)
		cli_error("logs", "%" PRIu64 " line%s no record%s",
		    a->out.strange, a->out.strange == 1 ? " was" : "s were",
		    a->out.strange == 1 ? "" : "s");
	return ret;
}

int
cli_logs(int argc, char **argv)
{
	char help[] = "help", name[] = "logs";
	char *help_argv[] = { help, name, NULL };
	struct logs_args a;
	int ret;

	ret = parse_args(argc, argv, &a);
	if (ret != CLI_DONE)
		return ret;
	if (a.help)
		return cli_help(2, help_argv);
	if (a.path == NULL)
		a.path = a.conf_log = cli_log_path(a.conf);
	ret = a.path != NULL ? logs_show(&a) : CLI_FAILED;
	free(a.conf_log);
	return ret;
}
