/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_error - collects what is wrong with a configuration.
 *
 * One line per error, "file:line: text", so that an editor can jump to it.
 * Text that came from the file is shown escaped and cut: it may be junk.
 */
#ifndef COMMON_CONF_ERROR_H
#define COMMON_CONF_ERROR_H

#include <stdarg.h>

#include "common/conf.h"

enum { CONF_SHOW_MAX = 80, CONF_WHY_MAX = 256 };

struct conf_pos {
	const char *file;		/* borrowed */
	unsigned line;			/* 0: the file as a whole */
};

/* Keeps at most 64 KiB of whole lines, but counts all. */
void	 conf_errors_add(struct conf_errors *e, struct conf_pos pos,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	 conf_errors_vadd(struct conf_errors *e, struct conf_pos pos,
	    const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
/* Nothing more will be kept: readers of junk may stop. */
bool	 conf_errors_full(const struct conf_errors *e);
/* What a message shows of text: printable, at most CONF_SHOW_MAX - 1 bytes. */
const char *conf_show(const char *text, char buf[static CONF_SHOW_MAX]);

#endif
