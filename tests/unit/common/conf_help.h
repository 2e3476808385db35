/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_help - what the tests of the configuration share.
 */
#ifndef TESTS_UNIT_COMMON_CONF_HELP_H
#define TESTS_UNIT_COMMON_CONF_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/conf.h"
#include "common/conf_error.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* The same rows as the four services have, and one with what they have not. */
struct help_echo { int64_t delay_ms; char *delay_if; };
struct help_reply { char *text; bool wait, close, http; };
struct help_sink { uint64_t max_bytes; };
struct help_all {
	bool flag;
	uint64_t number, size;
	int64_t ms;
	char *text;
	int word;
	struct conf_strings words;
	struct conf_addrs addrs;
	struct conf_cidrs cidrs;
};
extern const struct conf_section help_sections[];	/* the four */
extern const struct conf_section help_sections_all[];	/* and "all" */

/* Parses a text named "t"; fails the test with the errors if it is refused. */
struct conf *help_parse(const char *text, const struct conf_section *sections);
/* Fails the test unless text is refused with exactly these errors. */
void	 help_refuse(const char *text, const char *errors);
/* conf_load() of a path, refused with exactly these errors. */
void	 help_refuse_file(const char *path, const char *errors);

/* A fresh empty folder, also the working folder; and all of it gone again. */
void	 help_folder_enter(void);
void	 help_folder_leave(void);
void	 help_write(const char *path, const char *text);
/* A service that listens, for texts that are about something else. */
#define HELP_SERVICE \
	"service \"e\" { handler = \"echo\" listen = \"127.0.0.1:1\" }\n"

#endif
