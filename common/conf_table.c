/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_table - one row per option.
 *
 * A row is the libconfuse table, the default, the range, the printed form, the
 * reload class and the line in the manual.  The order is the printed order.
 * 0 means "no limit" wherever a limit is given.
 */
#include <assert.h>

#include "common/conf.h"
#include "common/conf_table.h"

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

enum {					/* milliseconds, for ranges */
	SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE
};

static const char *const format_names[] = {
	[LOG_F_JSON] = "json", [LOG_F_LOGFMT] = "logfmt",
	[LOG_F_PRETTY] = "pretty", NULL,
};
static_assert(nitems(format_names) == LOG_NFORMATS + 1, "name every format");

static const char *const level_names[] = {
	[LOG_L_DEBUG] = "debug", [LOG_L_INFO] = "info", [LOG_L_WARN] = "warn",
	[LOG_L_ERROR] = "error", NULL,
};
static_assert(nitems(level_names) == LOG_NLEVELS + 1, "name every level");

const char *const conf_when_name[] = {
	[CONF_AT_ONCE] = "at once",
	[CONF_NEW_CONNECTIONS] = "new connections",
	[CONF_RESTART] = "restart",
};

const struct conf_option conf_global_options[] = {
	{ .key = "workers", .type = CONF_UINT,
	    .off = offsetof(struct conf, workers),
	    .dflt = "0", .max = 1024, .when = CONF_AT_ONCE,
	    .doc = "how many workers; 0: one per CPU" },
	{ .key = "user", .type = CONF_STRING,
	    .off = offsetof(struct conf, user),
	    .dflt = "belay", .when = CONF_RESTART,
	    .doc = "who the workers are, when started as root" },
	{ .key = "group", .type = CONF_STRING,
	    .off = offsetof(struct conf, group),
	    .dflt = "belay", .when = CONF_RESTART,
	    .doc = "their group, when started as root" },
	{ .key = "pid_file", .type = CONF_STRING,
	    .off = offsetof(struct conf, pid_file),
	    .dflt = "/run/belay/belay.pid", .when = CONF_RESTART,
	    .doc = "holds the pid that signals go to" },
	{ .key = "control_socket", .type = CONF_STRING,
	    .off = offsetof(struct conf, control_socket),
	    .dflt = "/run/belay/control.sock", .when = CONF_RESTART,
	    .doc = "where the verbs reach the server" },
	{ .key = "control_group", .type = CONF_STRING,
	    .off = offsetof(struct conf, control_group),
	    .dflt = "", .when = CONF_RESTART,
	    .doc = "members may use the control socket too" },
	{ .key = "engine", .type = CONF_STRING,
	    .off = offsetof(struct conf, engine),
	    .dflt = "auto", .when = CONF_AT_ONCE,
	    .doc = "how workers wait: auto, epoll" },
	{ .key = "max_connections", .type = CONF_UINT,
	    .off = offsetof(struct conf, max_connections),
	    .dflt = "0", .max = 16777216, .when = CONF_AT_ONCE,
	    .doc = "of the whole server; 0: what RLIMIT_NOFILE allows, less "
	    "a reserve" },
	{ .key = "drain_delay", .type = CONF_MSEC,
	    .off = offsetof(struct conf, drain_delay_ms),
	    .dflt = "0s", .max = HOUR, .when = CONF_AT_ONCE,
	    .doc = "after TERM, keep accepting this long, not ready" },
	{ .key = "drain_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf, drain_timeout_ms),
	    .dflt = "30s", .max = 24 * HOUR, .when = CONF_AT_ONCE,
	    .doc = "how long connections may take to end; 0: for ever" },
	{ .key = "start_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf, start_timeout_ms),
	    .dflt = "10s", .max = HOUR, .when = CONF_AT_ONCE,
	    .doc = "a worker that is not ready by then has failed; 0: never" },
	{ .key = "hang_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf, hang_timeout_ms),
	    .dflt = "30s", .max = 24 * HOUR, .when = CONF_AT_ONCE,
	    .doc = "a worker busy in one turn that long is killed; 0: never" },
	{ .key = "restart_backoff_min", .type = CONF_MSEC,
	    .off = offsetof(struct conf, restart_backoff_min_ms),
	    .dflt = "100ms", .min = 1, .max = HOUR, .when = CONF_AT_ONCE,
	    .doc = "the first wait after a failed start; it doubles" },
	{ .key = "restart_backoff_max", .type = CONF_MSEC,
	    .off = offsetof(struct conf, restart_backoff_max_ms),
	    .dflt = "30s", .min = 1, .max = 24 * HOUR, .when = CONF_AT_ONCE,
	    .doc = "the longest wait between starts" },
	{ .key = "stable_after", .type = CONF_MSEC,
	    .off = offsetof(struct conf, stable_after_ms),
	    .dflt = "60s", .max = 24 * HOUR, .when = CONF_AT_ONCE,
	    .doc = "a worker that lived so long is forgiven its failed "
	    "starts" },
	{ .key = "max_worker_age", .type = CONF_MSEC,
	    .off = offsetof(struct conf, max_worker_age_ms),
	    .dflt = "0s", .max = 8760 * (uint64_t)HOUR, .when = CONF_AT_ONCE,
	    .doc = "a slot that old is replaced, connections move; 0: never" },
	{ .key = "max_worker_connections_served", .type = CONF_UINT,
	    .off = offsetof(struct conf, max_worker_connections_served),
	    .dflt = "0", .when = CONF_AT_ONCE,
	    .doc = "a slot that accepted so many is replaced; 0: never" },
	{ .key = "max_worker_memory", .type = CONF_SIZE,
	    .off = offsetof(struct conf, max_worker_memory),
	    .dflt = "0", .when = CONF_AT_ONCE,
	    .doc = "a slot whose worker uses so much is replaced; 0: never" },
	{ .key = "quarantine_crashes", .type = CONF_UINT,
	    .off = offsetof(struct conf, quarantine_crashes),
	    .dflt = "3", .max = 32, .when = CONF_AT_ONCE,
	    .doc = "a client that crashed so many workers is refused; 0: "
	    "never" },
	{ .key = "quarantine_window", .type = CONF_MSEC,
	    .off = offsetof(struct conf, quarantine_window_ms),
	    .dflt = "60s", .min = 1, .max = 24 * HOUR, .when = CONF_AT_ONCE,
	    .doc = "within which time it crashed them" },
	{ .key = "quarantine_time", .type = CONF_MSEC,
	    .off = offsetof(struct conf, quarantine_time_ms),
	    .dflt = "10m", .min = 1, .max = 8760 * (uint64_t)HOUR,
	    .when = CONF_AT_ONCE,
	    .doc = "how long it is refused" },
	{ .key = "quarantine_exempt", .type = CONF_CIDRS,
	    .off = offsetof(struct conf, quarantine_exempt),
	    .dflt = "{}", .when = CONF_AT_ONCE,
	    .doc = "clients that are never refused for it, as prefixes" },
	{ .key = "crash_bytes", .type = CONF_SIZE,
	    .off = offsetof(struct conf, crash_bytes),
	    .dflt = "0", .max = 4096, .when = CONF_AT_ONCE,
	    .doc = "how much of the connection in hand worker.crash may show" },
	{ .key = "core_dumps", .type = CONF_BOOL,
	    .off = offsetof(struct conf, core_dumps),
	    .dflt = "false", .when = CONF_AT_ONCE,
	    .doc = "whether a crashed worker leaves a core file" },
	{ .key = "nice", .type = CONF_UINT, .off = offsetof(struct conf, nice),
	    .dflt = "0", .max = 19, .when = CONF_AT_ONCE,
	    .doc = "the workers' nice value" },
	{ .key = NULL },
};

const struct conf_option conf_log_options[] = {
	{ .key = "target", .type = CONF_STRING,
	    .off = offsetof(struct conf_log, target),
	    .dflt = "stderr", .when = CONF_AT_ONCE,
	    .doc = "stderr, syslog, or the path of a file" },
	{ .key = "format", .type = CONF_ENUM,
	    .off = offsetof(struct conf_log, format),
	    .dflt = "json", .names = format_names, .when = CONF_AT_ONCE,
	    .doc = "how a record is written" },
	{ .key = "level", .type = CONF_ENUM,
	    .off = offsetof(struct conf_log, level),
	    .dflt = "info", .names = level_names, .when = CONF_AT_ONCE,
	    .doc = "the least level that is written" },
	{ .key = "connections", .type = CONF_BOOL,
	    .off = offsetof(struct conf_log, connections),
	    .dflt = "true", .when = CONF_AT_ONCE,
	    .doc = "whether conn.open and conn.close are written" },
	{ .key = NULL },
};

const struct conf_option conf_service_options[] = {
	{ .key = "handler", .type = CONF_STRING,
	    .off = offsetof(struct conf_service, handler),
	    .dflt = "", .when = CONF_NEW_CONNECTIONS,
	    .doc = "what the bytes mean" },
	{ .key = "listen", .type = CONF_ADDRS,
	    .off = offsetof(struct conf_service, listen),
	    .dflt = "{}", .when = CONF_AT_ONCE,
	    .doc = "one or more addresses: 127.0.0.1:80 [::]:80 unix:/path" },
	{ .key = "backlog", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, backlog),
	    .dflt = "4096", .min = 1, .max = 65535, .when = CONF_AT_ONCE,
	    .doc = "connections the kernel queues for us" },
	{ .key = "nodelay", .type = CONF_BOOL,
	    .off = offsetof(struct conf_service, nodelay),
	    .dflt = "true", .when = CONF_NEW_CONNECTIONS,
	    .doc = "TCP_NODELAY: small answers leave at once" },
	{ .key = "keepalive", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, keepalive_ms),
	    .dflt = "0s", .max = 9 * HOUR, .when = CONF_NEW_CONNECTIONS,
	    .doc = "probe a silent client this often, whole seconds; 0: "
	    "never" },
	{ .key = "defer_accept", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, defer_accept_ms),
	    .dflt = "0s", .max = HOUR, .when = CONF_NEW_CONNECTIONS,
	    .doc = "accept only once data came, whole seconds; 0: at once" },
	{ .key = "fastopen", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, fastopen),
	    .dflt = "0", .max = 65535, .when = CONF_NEW_CONNECTIONS,
	    .doc = "TCP Fast Open requests that may wait; 0: off" },
	{ .key = "user_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, user_timeout_ms),
	    .dflt = "0s", .max = 24 * HOUR, .when = CONF_NEW_CONNECTIONS,
	    .doc = "how long sent data may stay unacknowledged; 0: the "
	    "kernel's" },
	{ .key = "ttl", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, ttl),
	    .dflt = "0", .max = 255, .when = CONF_NEW_CONNECTIONS,
	    .doc = "hops that our packets may take; 0: the kernel's" },
	{ .key = "v6only", .type = CONF_BOOL,
	    .off = offsetof(struct conf_service, v6only),
	    .dflt = "true", .when = CONF_RESTART,
	    .doc = "whether [::] leaves v4 clients alone" },
	{ .key = "first_byte_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, first_byte_timeout_ms),
	    .dflt = "30s", .max = 8760 * (uint64_t)HOUR,
	    .when = CONF_NEW_CONNECTIONS,
	    .doc = "how long a client may be silent at first; 0: for ever" },
	{ .key = "idle_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, idle_timeout_ms),
	    .dflt = "5m", .max = 8760 * (uint64_t)HOUR, .when = CONF_AT_ONCE,
	    .doc = "how long a connection may be silent; 0: for ever" },
	{ .key = "write_timeout", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, write_timeout_ms),
	    .dflt = "1m", .max = 8760 * (uint64_t)HOUR, .when = CONF_AT_ONCE,
	    .doc = "how long a client may read nothing; 0: for ever" },
	{ .key = "max_lifetime", .type = CONF_MSEC,
	    .off = offsetof(struct conf_service, max_lifetime_ms),
	    .dflt = "0s", .max = 8760 * (uint64_t)HOUR,
	    .when = CONF_NEW_CONNECTIONS,
	    .doc = "the longest life of a connection; 0: no limit" },
	{ .key = "max_requests", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, max_requests),
	    .dflt = "0", .when = CONF_NEW_CONNECTIONS,
	    .doc = "requests a connection may make; 0: no limit" },
	{ .key = "client_prefix4", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, client_prefix4),
	    .dflt = "32", .min = 8, .max = 32, .when = CONF_AT_ONCE,
	    .doc = "bits of a v4 address that are one client" },
	{ .key = "client_prefix6", .type = CONF_UINT,
	    .off = offsetof(struct conf_service, client_prefix6),
	    .dflt = "64", .min = 16, .max = 128, .when = CONF_AT_ONCE,
	    .doc = "bits of a v6 address that are one client" },
	{ .key = "allow", .type = CONF_CIDRS,
	    .off = offsetof(struct conf_service, allow),
	    .dflt = "{}", .when = CONF_NEW_CONNECTIONS,
	    .doc = "who may connect, as prefixes; empty: all" },
	{ .key = "deny", .type = CONF_CIDRS,
	    .off = offsetof(struct conf_service, deny),
	    .dflt = "{}", .when = CONF_NEW_CONNECTIONS,
	    .doc = "who may not; the longest match decides" },
	{ .key = NULL },
};

const char *const conf_engines[] = { "auto", "epoll", NULL };

const char *const conf_later_engines[] = {
	"uring", "epoll-et", "poll", "select", "spin", "blocking", "threads",
	"coroutine", NULL,
};

const char *const conf_later_targets[] = { "journal", NULL };

const char *const conf_later_handlers[] = {
	"http", "proxy", "exec", "program", "module", "status", NULL,
};

const char *const conf_later_global[] = {
	"cpu_affinity", "sandbox", NULL,
};

const char *const conf_later_service[] = {
	"engine", "min_rate", "max_connections", "max_per_client",
	"accept_rate", "accept_rate_per_client", "proxy_protocol", "tls",
	"http", "proxy",
	"exec", "program", "module", "status", NULL,
};
