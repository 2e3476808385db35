/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_conf - any bytes as a configuration: refused with a message, or taken;
 * and what is taken is printed and read back as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"

struct all {				/* a field of every type */
	bool flag;
	uint64_t number, size;
	int64_t ms;
	char *text;
	int word;
	struct conf_strings words;
	struct conf_addrs addrs;
	struct conf_cidrs cidrs;
};

static const char *const words[] = { "one", "two", NULL };

static const struct conf_option all_options[] = {
	{ .key = "flag", .type = CONF_BOOL, .dflt = "false",
	    .off = offsetof(struct all, flag), .doc = "flag" },
	{ .key = "number", .type = CONF_UINT, .dflt = "7",
	    .off = offsetof(struct all, number), .doc = "number" },
	{ .key = "size", .type = CONF_SIZE, .dflt = "1k",
	    .off = offsetof(struct all, size), .doc = "size" },
	{ .key = "ms", .type = CONF_MSEC, .dflt = "1s",
	    .off = offsetof(struct all, ms), .doc = "ms" },
	{ .key = "text", .type = CONF_STRING, .dflt = "",
	    .off = offsetof(struct all, text), .doc = "text" },
	{ .key = "word", .type = CONF_ENUM, .dflt = "two", .names = words,
	    .off = offsetof(struct all, word), .doc = "word" },
	{ .key = "words", .type = CONF_STRINGS, .dflt = "{\"x\"}",
	    .off = offsetof(struct all, words), .doc = "words" },
	{ .key = "addrs", .type = CONF_ADDRS, .dflt = "{}",
	    .off = offsetof(struct all, addrs), .doc = "addrs" },
	{ .key = "cidrs", .type = CONF_CIDRS, .dflt = "{}",
	    .off = offsetof(struct all, cidrs), .doc = "cidrs" },
	{ .key = NULL },
};
static const struct conf_option no_options[] = { { .key = NULL } };

static const struct conf_section sections[] = {
	{ .handler = "echo", .options = all_options,
	    .size = sizeof(struct all) },
	{ .handler = "discard", .options = no_options },
	{ .handler = NULL },
};

static void
check(bool holds, const char *what, const char *text)
{
	if (holds)
		return;
	(void)fprintf(stderr, "%s\n%s\n", what, text);
	abort();
}

static void
check_again(const struct conf *conf, bool with_docs)
{
	struct conf_errors e = { 0 };
	struct conf *again;
	size_t len;
	char *text = conf_print(conf, with_docs, &len);

	check(text != NULL && strlen(text) == len, "not printed", "");
	again = conf_parse("again", text, len, sections, &e);
	check(again != NULL, e.text, text);
	check(conf_equal(conf, again), "not equal", text);
	conf_free(&again);
	conf_errors_free(&e);
	free(text);
}

/* What we pass on, libconfuse takes: a line of its own says otherwise. */
static void
check_understood(const struct conf_errors *e)
{
	static const char words_of_it[] = ": cannot be parsed";
	char *line = e->text, *behind;

	for (; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1) {
		behind = line + strcspn(line, ":") + 1;
		behind += strspn(behind, "0123456789");
		check(strncmp(behind, words_of_it, strlen(words_of_it)) != 0,
		    "libconfuse disagrees", line);
	}
}

/* What libFuzzer calls. */
int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_parse("input", (const char *)data, size,
	    sections, &e);

	/* One of the two, never both or neither. */
	check((conf == NULL) == (e.count > 0), "no verdict", "");
	check(e.count == 0 || (e.text != NULL && strlen(e.text) == e.len &&
	    e.len <= 65536 && e.text[e.len - 1] == '\n'), "no message", "");
	check_understood(&e);
	if (conf != NULL) {
		check_again(conf, false);
		check_again(conf, true);
	}
	conf_free(&conf);
	conf_errors_free(&e);
	return 0;
}
