/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * args - the options of one verb, from rows.
 *
 * Our own rather than getopt_long(3): that one keeps its place in globals,
 * takes abbreviations that a later option can break, and cannot say which name
 * was meant.
 */
#include <stdbool.h>
#include <string.h>

#include "common/conf_value.h"
#include "common/nearest.h"
#include "master/cli/args.h"
#include "master/cli/cli.h"

struct args {
	const char *verb;
	int argc, at;			/* at: the next word to look at */
	char **argv;
	const struct args_option *options;
	char *out;
};

/* The option named by the n bytes at name, or NULL. */
static const struct args_option *
find_long(const struct args *a, const char *name, size_t n)
{
	const struct args_option *o;

	for (o = a->options; o->name != NULL; o++)
		if (strncmp(o->name, name, n) == 0 && o->name[n] == '\0')
			return o;
	return NULL;
}

static const struct args_option *
find_letter(const struct args *a, char letter)
{
	const struct args_option *o;

	for (o = a->options; o->name != NULL; o++)
		if (o->letter != '\0' && o->letter == letter)
			return o;
	return NULL;
}

static void
say_unknown(const struct args *a, const char *word)
{
	const struct args_option *o;
	struct nearest n = { .word = word + strspn(word, "-") };

	for (o = a->options; o->name != NULL; o++)
		nearest_try(&n, o->name);
	if (n.best != NULL)
		cli_usage(a->verb, "unknown option %s; did you mean --%s?",
		    word, n.best);
	else
		cli_usage(a->verb, "unknown option %s", word);
}

static int
say_range(const struct args *a, const struct args_option *o, const char *text)
{
	const char *unit = o->type == ARGS_MSEC ? "ms" : "";

	if (o->max != 0)
		cli_usage(a->verb, "--%s %s: from %llu%s to %llu%s", o->name,
		    text, (unsigned long long)o->min, unit,
		    (unsigned long long)o->max, unit);
	else
		cli_usage(a->verb, "--%s %s: at least %llu%s", o->name, text,
		    (unsigned long long)o->min, unit);
	return -1;
}

static int
store(const struct args *a, const struct args_option *o, const char *text)
{
	char why[CONF_WHY_MAX];
	uint64_t number = 0;
	int64_t ms;
	int rc;

	if (o->type == ARGS_TEXT) {
		memcpy(a->out + o->off, &text, sizeof(text));
		return 0;
	}
	rc = o->type == ARGS_MSEC ? conf_value_msec(text, &number, why) :
	    conf_value_uint(text, &number, why);
	if (rc == -1) {
		cli_usage(a->verb, "--%s %s: %s", o->name, text, why);
		return -1;
	}
	if (number < o->min || (o->max != 0 && number > o->max) ||
	    (o->type == ARGS_MSEC && number > INT64_MAX))
		return say_range(a, o, text);
	ms = (int64_t)number;
	if (o->type == ARGS_MSEC)
		memcpy(a->out + o->off, &ms, sizeof(ms));
	else
		memcpy(a->out + o->off, &number, sizeof(number));
	return 0;
}

/* One option; text is its value where it was written into the same word. */
static int
take_option(struct args *a, const struct args_option *o, const char *text)
{
	const bool yes = true;

	if (o->type == ARGS_FLAG && text == NULL) {
		memcpy(a->out + o->off, &yes, sizeof(yes));
		return 0;
	}
	if (o->type == ARGS_FLAG) {
		cli_usage(a->verb, "--%s takes no value", o->name);
		return -1;
	}
	if (text == NULL && a->at >= a->argc) {
		cli_usage(a->verb, "--%s needs a value", o->name);
		return -1;
	}
	return store(a, o, text != NULL ? text : a->argv[a->at++]);
}

static int
take_word(struct args *a, const char *word)
{
	const struct args_option *o;
	const char *value = NULL;
	size_t n;

	if (word[1] == '-') {
		n = strcspn(word + 2, "=");
		o = find_long(a, word + 2, n);
		value = word[2 + n] == '=' ? word + 3 + n : NULL;
	} else {
		o = find_letter(a, word[1]);
		value = word[2] != '\0' ? word + 2 : NULL;
		if (o != NULL && o->type == ARGS_FLAG && value != NULL)
			o = NULL;	/* letters are not bundled */
	}
	if (o == NULL) {
		say_unknown(a, word);
		return -1;
	}
	return take_option(a, o, value);
}

int
args_parse(int argc, char **argv, const struct args_option *options, void *out)
{
	struct args a = { .verb = argv[0], .argc = argc, .at = 1,
	    .argv = argv, .options = options, .out = out };
	bool only_words = false;
	char *word;
	int n = 0;

	while (a.at < argc) {
		word = argv[a.at++];
		if (only_words || word[0] != '-' || word[1] == '\0') {
			argv[a.at - 1] = argv[++n];	/* none is lost */
			argv[n] = word;
		} else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (take_word(&a, word) == -1)
			return -1;
	}
	return n;
}

int
args_parse_only(int argc, char **argv, const struct args_option *options,
    void *out)
{
	int n = args_parse(argc, argv, options, out);

	if (n > 0)
		return cli_usage(argv[0], "unexpected word \"%s\"", argv[1]);
	return n < 0 ? CLI_USAGE : CLI_DONE;
}
