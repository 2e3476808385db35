/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_help - what the tests of the configuration share.
 */
#include "tests/unit/common/conf_help.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

static const struct conf_option echo_options[] = {
	{ .key = "delay", .type = CONF_MSEC, .dflt = "0s", .max = 3600000,
	    .off = offsetof(struct help_echo, delay_ms), .doc = "delay" },
	{ .key = "delay_if", .type = CONF_STRING, .dflt = "",
	    .off = offsetof(struct help_echo, delay_if), .doc = "if" },
	{ .key = NULL },
};

static const char *
echo_check(const void *section)
{
	const struct help_echo *e = section;

	return e->delay_if[0] != '\0' && e->delay_ms == 0 ?
	    "delay_if needs a delay, such as delay = 1s" : NULL;
}

static const struct conf_option reply_options[] = {
	{ .key = "text", .type = CONF_STRING, .dflt = "",
	    .off = offsetof(struct help_reply, text), .doc = "text" },
	{ .key = "wait", .type = CONF_BOOL, .dflt = "true",
	    .off = offsetof(struct help_reply, wait), .doc = "wait" },
	{ .key = "close", .type = CONF_BOOL, .dflt = "true",
	    .off = offsetof(struct help_reply, close), .doc = "close" },
	{ .key = "http", .type = CONF_BOOL, .dflt = "false",
	    .off = offsetof(struct help_reply, http), .doc = "http" },
	{ .key = NULL },
};

static const struct conf_option sink_options[] = {
	{ .key = "max_bytes", .type = CONF_SIZE, .dflt = "1k", .min = 1,
	    .max = 3072, .off = offsetof(struct help_sink, max_bytes),
	    .doc = "max" },
	{ .key = NULL },
};

static const struct conf_option no_options[] = { { .key = NULL } };

static const char *const words[] = { "one", "two", "three", NULL };

static const struct conf_option all_options[] = {
	{ .key = "flag", .type = CONF_BOOL, .dflt = "false",
	    .off = offsetof(struct help_all, flag), .doc = "flag" },
	{ .key = "number", .type = CONF_UINT, .dflt = "7",
	    .off = offsetof(struct help_all, number), .doc = "number" },
	{ .key = "size", .type = CONF_SIZE, .dflt = "1k",
	    .off = offsetof(struct help_all, size), .doc = "size" },
	{ .key = "ms", .type = CONF_MSEC, .dflt = "1s",
	    .off = offsetof(struct help_all, ms), .doc = "ms" },
	{ .key = "text", .type = CONF_STRING, .dflt = "\"a\\tb\"",
	    .off = offsetof(struct help_all, text), .doc = "text" },
	{ .key = "word", .type = CONF_ENUM, .dflt = "two", .names = words,
	    .off = offsetof(struct help_all, word), .doc = "word" },
	{ .key = "words", .type = CONF_STRINGS, .dflt = "{\"x\", \"y z\"}",
	    .off = offsetof(struct help_all, words), .doc = "words" },
	{ .key = "addrs", .type = CONF_ADDRS, .dflt = "{\"[::1]:1\"}",
	    .off = offsetof(struct help_all, addrs), .doc = "addrs" },
	{ .key = "cidrs", .type = CONF_CIDRS, .dflt = NULL,
	    .off = offsetof(struct help_all, cidrs), .doc = "cidrs" },
	{ .key = NULL },
};

#define FOUR								\
	{ "echo", echo_options, sizeof(struct help_echo), echo_check },	\
	{ "reply", reply_options, sizeof(struct help_reply), NULL },	\
	{ "sink", sink_options, sizeof(struct help_sink), NULL },	\
	{ "discard", no_options, 0, NULL }

const struct conf_section help_sections[] = { FOUR, { .handler = NULL } };
const struct conf_section help_sections_all[] = {
	FOUR, { "all", all_options, sizeof(struct help_all), NULL },
	{ .handler = NULL },
};

struct conf *
help_parse(const char *text, const struct conf_section *sections)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_parse("t", text, strlen(text), sections, &e);

	if (conf == NULL)
		fail_msg("refused:\n%s%s", text, e.text);
	assert_int_equal(e.count, 0);
	conf_errors_free(&e);
	return conf;
}

static void
help_refused(const char *what, struct conf *conf, struct conf_errors *e,
    const char *errors)
{
	if (conf != NULL)
		fail_msg("not refused:\n%s", what);
	assert_true(e->count > 0);
	assert_non_null(e->text);
	assert_int_equal(e->len, strlen(e->text));
	assert_string_equal(e->text, errors);
	conf_errors_free(e);
}

void
help_refuse(const char *text, const char *errors)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_parse("t", text, strlen(text), help_sections,
	    &e);

	help_refused(text, conf, &e, errors);
}

void
help_refuse_file(const char *path, const char *errors)
{
	struct conf_errors e = { 0 };
	struct conf *conf = conf_load(path, help_sections, &e);

	help_refused(path, conf, &e, errors);
}

static char folder[64];
static int home = -1;

void
help_folder_enter(void)
{
	(void)strcpy(folder, "/tmp/belay-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(home != -1);
	assert_int_equal(chdir(folder), 0);
}

static int
help_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
help_folder_leave(void)
{
	assert_int_equal(fchdir(home), 0);
	assert_int_equal(close(home), 0);
	assert_int_equal(nftw(folder, help_remove, 16, FTW_DEPTH | FTW_PHYS),
	    0);
}

void
help_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}
