/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verbs - the table of verbs, and the way from argv to one of them.
 *
 * What `belay help` shows is this table; the manual page is compared with it.
 */
#include <stdio.h>
#include <string.h>

#include "common/nearest.h"
#include "master/cli/cli.h"

#define CONF_USAGE \
    "  -c, --config FILE  the configuration; without it " BELAY_SYSCONFDIR \
    "/belay/belay.conf,\n" \
    "                     or the built-in default where that is missing\n"

const struct cli_verb cli_verbs[] = {
	{
		.name = "run", .run = cli_run,
		.help = "serve in the foreground",
		.usage = "belay run [-c FILE] [--keys] [--quiet] "
		    "[--log-format pretty|json|logfmt]\n"
		    CONF_USAGE
		    "      --keys         q stop, r reload, s status, + and - "
		    "workers, h help;\n"
		    "                     on a terminal they are on\n"
		    "      --quiet        nothing but the log, of it warnings "
		    "and errors\n"
		    "      --log-format   how records are written\n",
	}, {
		.name = "start", .run = cli_start,
		.help = "serve in the background; returns when ready",
		.usage = "belay start [-c FILE]\n" CONF_USAGE,
	}, {
		.name = "stop", .run = cli_stop,
		.help = "drain, and wait until the server is gone",
		.usage = "belay stop [-c FILE] [--now] [--timeout TIME]\n"
		    CONF_USAGE
		    "      --now           cut connections, do not drain\n"
		    "      --timeout TIME  how long to wait; without it what "
		    "the configuration\n"
		    "                      lets a drain take\n",
	}, {
		.name = "restart", .run = cli_restart,
		.help = "stop, then start",
		.usage = "belay restart [-c FILE] [--now] [--timeout TIME]\n"
		    CONF_USAGE
		    "  The configuration is checked first: a bad one stops "
		    "nothing.\n",
	}, {
		.name = "reload", .run = cli_reload,
		.help = "read the configuration again, keep the connections",
		.usage = "belay reload [-c FILE]\n" CONF_USAGE,
	}, {
		.name = "upgrade", .run = cli_upgrade,
		.help = "go on with another binary, same pid, same connections",
		.usage = "belay upgrade [BINARY] [-c FILE]\n" CONF_USAGE,
	}, {
		.name = "scale", .run = cli_scale,
		.help = "change the number of workers",
		.usage = "belay scale N|+N|-N [-c FILE]\n" CONF_USAGE,
	}, {
		.name = "reopen", .run = cli_reopen,
		.help = "open the log files again, after a rotation",
		.usage = "belay reopen [-c FILE]\n" CONF_USAGE,
	}, {
		.name = "check", .run = cli_check,
		.help = "check a configuration",
		.usage = "belay check [-c FILE] [--print]\n"
		    CONF_USAGE
		    "      --print        show every option with its effective "
		    "value\n",
	}, {
		.name = "status", .run = cli_status,
		.help = "workers, services, listeners, connections",
		.usage = "belay status [-c FILE] [--json]\n"
		    CONF_USAGE
		    "      --json         for programs\n",
	}, {
		.name = "audit", .run = cli_audit,
		.help = "is every connection accounted for?",
		.usage = "belay audit [-c FILE] [--json]\n"
		    CONF_USAGE
		    "      --json         for programs\n"
		    "  Exit 0: the ledger balances; 1: it does not.\n",
	}, {
		.name = "quarantine", .run = cli_quarantine,
		.help = "who is refused for crashing workers",
		.usage = "belay quarantine [-c FILE] [--json] [--lift CIDR]\n"
		    CONF_USAGE
		    "      --json         for programs\n"
		    "      --lift CIDR    admit these again\n",
	}, {
		.name = "logs", .run = cli_logs,
		.help = "read, filter and follow the log",
		.usage = "belay logs [-f] [-n N] [--level L] [--service S] "
		    "[--client CIDR]\n"
		    "           [--event E] [--json] [-c FILE | LOG]\n"
		    "  LOG                a JSON log, - is stdin; without it "
		    "the configuration's\n"
		    CONF_USAGE
		    "  -f, --follow       go on with what is appended, across "
		    "rotation;\n"
		    "                     begins with the last 10 records "
		    "unless -n is given\n"
		    "  -n, --lines N      only the last N records that match\n"
		    "      --level L      debug, info, warn or error: this one "
		    "and worse\n"
		    "      --service S    of that service\n"
		    "      --client CIDR  of clients in that network: "
		    "10.0.0.0/8, ::1\n"
		    "      --event E      of that event, or of a pattern: "
		    "'worker.*'\n"
		    "      --json         the records as they are, one object "
		    "a line\n"
		    "  Times are local.  Lines that are no records are marked "
		    "with \"? \"; with\n"
		    "  --json or a filter they are left out.\n",
	}, {
		.name = "send", .run = cli_send,
		.help = "a TCP client that says what happens",
		.usage = "belay send HOST:PORT|unix:PATH "
		    "[--data TEXT | --file FILE | --random | -]\n"
		    "           [--wait] [--half-close] [--repeat N] "
		    "[--every TIME]\n"
		    "           [--parallel N] [--timeout TIME] [--quiet]\n"
		    "  --data TEXT     send this text\n"
		    "  --file FILE     send this file\n"
		    "  -               send what comes on stdin\n"
		    "  --random        send random data and check that it "
		    "comes back\n"
		    "  --half-close    after the last byte end our side\n"
		    "  --wait          print until the peer closes\n"
		    "  --repeat N      send N times; on one connection as long "
		    "as it lives\n"
		    "  --every TIME    a time between the starts of two "
		    "rounds\n"
		    "  --parallel N    N connections at once\n"
		    "  --timeout TIME  to connect, and for the first reply; "
		    "5s\n"
		    "  --quiet         failures only; replies still go to "
		    "stdout\n",
	}, {
		.name = "listen", .run = cli_listen,
		.help = "the smallest server, for trying clients",
		.usage = "belay listen [HOST:]PORT [--once]\n"
		    "  HOST            127.0.0.1 where none is given; * is "
		    "every v4 address,\n"
		    "                  [::] every v6 address\n"
		    "  PORT            0: the kernel chooses\n"
		    "  --once          leave after the first client\n",
	}, {
		.name = "version", .run = cli_version,
		.help = "features built in, library versions",
		.usage = "belay version\n",
	}, {
		.name = "help", .run = cli_help,
		.help = "this list, or what one verb takes",
		.usage = "belay help [VERB]\n",
	},
	{ .name = NULL },
};

const char *const cli_later_verbs[] = {
	"drain", "top", "conns", "close", NULL
};

static const struct cli_verb *
find_verb(const char *name)
{
	const struct cli_verb *v;

	for (v = cli_verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

/* No such verb: says what may have been meant. */
static int
unknown_verb(const char *name)
{
	struct nearest n = { .word = name };
	const struct cli_verb *v;
	size_t i;

	for (i = 0; cli_later_verbs[i] != NULL; i++) {
		if (strcmp(cli_later_verbs[i], name) == 0) {
			fprintf(stderr, "belay: %s comes with a later "
			    "version\n", name);
			return CLI_USAGE;
		}
	}
	for (v = cli_verbs; v->name != NULL; v++)
		nearest_try(&n, v->name);
	if (n.best != NULL)
		fprintf(stderr, "belay: unknown verb \"%s\"; did you mean "
		    "%s?\n", name, n.best);
	else
		fprintf(stderr, "belay: unknown verb \"%s\"; `belay help` "
		    "lists them\n", name);
	return CLI_USAGE;
}

static void
print_verbs(FILE *out)
{
	const struct cli_verb *v;

	fputs("usage: belay VERB [-c FILE] ...\n\n", out);
	for (v = cli_verbs; v->name != NULL; v++)
		fprintf(out, "  %-11s%s\n", v->name, v->help);
	fputs("\n`belay help VERB` shows what a verb takes; belay(8) has all "
	    "of it.\n", out);
}

static int
print_usage(const struct cli_verb *v)
{
	printf("%s: %s\n\nusage: %s", v->name, v->help, v->usage);
	return cli_finish("help", CLI_DONE);
}

int
cli_help(int argc, char **argv)
{
	const struct cli_verb *v;

	if (argc < 2) {
		print_verbs(stdout);
		return cli_finish("help", CLI_DONE);
	}
	if (argc > 2)
		return cli_usage("help", "one verb at a time");
	v = find_verb(argv[1]);
	return v != NULL ? print_usage(v) : unknown_verb(argv[1]);
}

/* The verbs that hands know as options. */
static const char *
verb_name(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

int
cli_main(int argc, char **argv)
{
	const struct cli_verb *v;
	const char *name;

	if (argc < 2) {
		print_verbs(stderr);
		return CLI_USAGE;
	}
	name = verb_name(argv[1]);
	v = find_verb(name);
	if (v == NULL)
		return unknown_verb(name);
	if (argc > 2 && strcmp(verb_name(argv[2]), "help") == 0 &&
	    argv[2][0] == '-')
		return print_usage(v);
	return v->run(argc - 1, argv + 1);
}
