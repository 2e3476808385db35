/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf - the configuration: one row per option, parse, check, then publish.
 *
 * A row makes the libconfuse table, the default, the range check, the printed
 * form, the reload class and the man page check.  A struct conf is immutable
 * once published.  Services declare rows of their own (struct conf_section),
 * which are passed down to the loader, so this layer knows no service.
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/log.h"

enum conf_type {			/* and the C type at .off */
	CONF_BOOL,			/* bool */
	CONF_UINT,			/* uint64_t, decimal */
	CONF_SIZE,			/* uint64_t, 16k 1m 1g */
	CONF_MSEC,			/* int64_t: 250ms 30s 5m 1h */
	CONF_STRING,			/* char *, never NULL */
	CONF_ENUM,			/* int, index into names[] */
	CONF_STRINGS,			/* struct conf_strings */
	CONF_ADDRS,			/* struct conf_addrs */
	CONF_CIDRS			/* struct conf_cidrs */
};

enum conf_when { CONF_AT_ONCE, CONF_NEW_CONNECTIONS, CONF_RESTART };

struct conf_strings { char **v; size_t n; };
struct conf_addrs { struct addr *v; size_t n; };
struct conf_cidrs { struct cidr *v; size_t n; };

struct conf_option {
	const char *key;
	enum conf_type type;
	size_t off;			/* in the struct the table belongs to */
	const char *dflt;		/* as it would be written in the file */
	uint64_t min, max;		/* UINT SIZE MSEC; max 0: none */
	const char *const *names;	/* ENUM: NULL-terminated */
	enum conf_when when;
	const char *doc;		/* one line, for check --print */
};

/* What a handler adds to a service: its rows, and their struct's size. */
struct conf_section {
	const char *handler;		/* "echo"; its section's name too */
	const struct conf_option *options;	/* ends with .key == NULL */
	size_t size;
	/* Joint rules: NULL, or what is wrong and would be right (static). */
	const char *(*check)(const void *section);
};

struct conf_log {
	char *target;			/* stderr, syslog, or a path */
	int format, level;		/* enum log_format, enum log_level */
	bool connections;
};

struct conf_service {
	char *name;			/* the section's title */
	char *handler;
	const struct conf_section *section_def;
	void *section;			/* the handler's own options */
	struct conf_addrs listen;
	uint64_t backlog, fastopen, ttl;
	bool nodelay, v6only;
	int64_t keepalive_ms, defer_accept_ms, user_timeout_ms;
	int64_t first_byte_timeout_ms, idle_timeout_ms, write_timeout_ms;
	int64_t max_lifetime_ms;
	uint64_t max_requests;
	uint64_t client_prefix4, client_prefix6;
	struct conf_cidrs allow, deny;
};

struct conf {
	uint64_t workers;		/* 0: one per CPU; conf_workers() */
	char *user, *group;
	bool user_set;			/* in the file: it must exist */
	char *pid_file, *control_socket, *control_group;
	char *engine;
	uint64_t max_connections;
	int64_t drain_delay_ms, drain_timeout_ms, start_timeout_ms;
	int64_t hang_timeout_ms;
	int64_t restart_backoff_min_ms, restart_backoff_max_ms, stable_after_ms;
	int64_t max_worker_age_ms;	/* recycling; 0: never */
	uint64_t max_worker_connections_served, max_worker_memory;
	uint64_t quarantine_crashes;	/* 0: never */
	int64_t quarantine_window_ms, quarantine_time_ms;
	struct conf_cidrs quarantine_exempt;
	uint64_t crash_bytes;
	bool core_dumps;
	uint64_t nice;
	struct conf_log log;
	struct conf_service *services;
	size_t nservices;
};

/*
 * Messages, each "file:line: what is wrong, what would be right\n"; at most 64
 * KiB are kept.  Zero-initialised by the caller; conf_errors_free() after.
 */
struct conf_errors { char *text; size_t len; unsigned count; };
void	 conf_errors_free(struct conf_errors *e);

/*
 * Reads a file, expands includes and ${ENV}, parses and checks.  sections ends
 * with .handler == NULL; borrowed, must outlive the result.  Returns a conf
 * the caller owns, or NULL with at least one error in *e.
 * path NULL: the built-in default (etc/belay.conf embedded).
 */
struct conf *conf_load(const char *path, const struct conf_section *sections,
	    struct conf_errors *e);
/* The same from text (normalised, or a test's); name is for messages. */
struct conf *conf_parse(const char *name, const char *text, size_t len,
	    const struct conf_section *sections, struct conf_errors *e);
/* Tolerates NULL; nulls the caller's pointer. */
void	 conf_free(struct conf **conf);

/*
 * The normalised text: every option with its effective value; parses back to
 * an equal conf.  with_docs adds a comment per row (range, reload class, doc)
 * for check --print.  Returns malloc'd text, NULL with ENOMEM.
 */
char	*conf_print(const struct conf *conf, bool with_docs, size_t *len);
bool	 conf_equal(const struct conf *a, const struct conf *b);

unsigned conf_workers(const struct conf *conf);	/* the number meant by 0 too */
extern const char conf_default_text[];		/* etc/belay.conf */

/* The tables, for the man page test and check --print. */
extern const struct conf_option conf_global_options[], conf_log_options[],
    conf_service_options[];

#endif
