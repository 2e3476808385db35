/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_table - words of the configuration that are not option rows: handlers,
 * engines and keys that belong to the format but not to this version.
 */
#ifndef COMMON_CONF_TABLE_H
#define COMMON_CONF_TABLE_H

/* NULL-terminated.  A name moves from here to a row when it is built. */
extern const char *const conf_later_global[];
extern const char *const conf_later_service[];	/* keys and sub-sections */
extern const char *const conf_later_handlers[];
extern const char *const conf_later_engines[];
extern const char *const conf_later_targets[];	/* of log */
extern const char *const conf_engines[];

extern const char *const conf_when_name[];	/* by enum conf_when */

#endif
