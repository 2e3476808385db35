/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message - what the verbs say on stderr, in one form.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "master/cli/cli.h"

static void
print_message(const char *verb, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
print_message(const char *verb, const char *fmt, va_list ap)
{
	(void)fflush(stdout);		/* keeps both streams in order */
	fprintf(stderr, "belay %s: ", verb);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void
cli_error(const char *verb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(verb, fmt, ap);
	va_end(ap);
}

int
cli_usage(const char *verb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(verb, fmt, ap);
	va_end(ap);
	fprintf(stderr, "`belay help %s` shows what it takes\n", verb);
	return CLI_USAGE;
}

int
cli_finish(const char *verb, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	cli_error(verb, "cannot write the output: %s", strerror(errno));
	return code == CLI_DONE ? CLI_FAILED : code;
}
