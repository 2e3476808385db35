/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_value - single values as people write them, and back.
 *
 * Pure functions.  Parsers return 0, or -1 with why set to what is wrong and
 * what would be right; *out is then untouched.  Printers give the shortest
 * form that parses back to the same value.
 */
#ifndef COMMON_CONF_VALUE_H
#define COMMON_CONF_VALUE_H

#include "common/conf_error.h"

enum { CONF_VALUE_MAX = 32 };		/* bytes of a printed number */

int	 conf_value_uint(const char *text, uint64_t *out,
	    char why[static CONF_WHY_MAX]);		/* decimal */
int	 conf_value_size(const char *text, uint64_t *out,
	    char why[static CONF_WHY_MAX]);		/* 512 16k 1m 1g */
int	 conf_value_msec(const char *text, uint64_t *out,
	    char why[static CONF_WHY_MAX]);		/* 250ms 30s 5m 1h 0 */
int	 conf_value_bool(const char *text, bool *out,
	    char why[static CONF_WHY_MAX]);		/* true on yes ... */
int	 conf_value_enum(const char *text, const char *const *names, int *out,
	    char why[static CONF_WHY_MAX]);

const char *conf_value_print_size(uint64_t v, char buf[static CONF_VALUE_MAX]);
const char *conf_value_print_msec(uint64_t v, char buf[static CONF_VALUE_MAX]);

#endif
