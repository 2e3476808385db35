/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - the process's log: its settings, the thread's batch, and the calls by
 * which records are made.  How a record looks and how it is written is
 * elsewhere.  The settings are set before threads start and only read then.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/log_batch.h"
#include "common/log_format.h"
#include "common/log_sink.h"
#include "common/log_time.h"

const char *const log_level_name[LOG_NLEVELS] = {
	[LOG_L_DEBUG] = "debug",
	[LOG_L_INFO] = "info",
	[LOG_L_WARN] = "warn",
	[LOG_L_ERROR] = "error",
};

const char *const log_format_name[LOG_NFORMATS] = {
	[LOG_F_JSON] = "json",
	[LOG_F_LOGFMT] = "logfmt",
	[LOG_F_PRETTY] = "pretty",
};

const char *const log_role_name[LOG_NROLES] = {
	[LOG_R_ANCHOR] = "anchor",
	[LOG_R_MASTER] = "master",
	[LOG_R_KEEPER] = "keeper",
	[LOG_R_WORKER] = "worker",
	[LOG_R_STATUS] = "status",
	[LOG_R_SPAWNER] = "spawner",
};

const char *const log_event_name[LOG_NEVENTS] = {
	[LOG_MASTER_READY] = "master.ready",
	[LOG_MASTER_STATE] = "master.state",
	[LOG_MASTER_STOP] = "master.stop",
	[LOG_RELOAD_BEGIN] = "reload.begin",
	[LOG_RELOAD_DONE] = "reload.done",
	[LOG_RELOAD_FAILED] = "reload.failed",
	[LOG_UPGRADE_BEGIN] = "upgrade.begin",
	[LOG_UPGRADE_DONE] = "upgrade.done",
	[LOG_UPGRADE_FAILED] = "upgrade.failed",
	[LOG_WORKER_START] = "worker.start",
	[LOG_WORKER_READY] = "worker.ready",
	[LOG_WORKER_EXIT] = "worker.exit",
	[LOG_WORKER_CRASH] = "worker.crash",
	[LOG_WORKER_HANG] = "worker.hang",
	[LOG_WORKER_BACKOFF] = "worker.backoff",
	[LOG_WORKER_ADOPTED] = "worker.adopted",
	[LOG_WORKER_MOVED] = "worker.moved",
	[LOG_MASTER_RESTART] = "master.restart",
	[LOG_LISTENER_OPEN] = "listener.open",
	[LOG_LISTENER_CLOSE] = "listener.close",
	[LOG_LISTENER_OVERFLOW] = "listener.overflow",
	[LOG_CONN_OPEN] = "conn.open",
	[LOG_CONN_CLOSE] = "conn.close",
	[LOG_CONN_REJECT] = "conn.reject",
	[LOG_CLIENT_QUARANTINE] = "client.quarantine",
	[LOG_LIMIT_REACHED] = "limit.reached",
	[LOG_LOG_REOPEN] = "log.reopen",
	[LOG_CONFIG_WARNING] = "config.warning",
	[LOG_SERVICE_MESSAGE] = "service.message",
};

enum { MSG_MAX = 1024 };

static struct {
	enum log_level level;
	enum log_role role;
	int slot;
	int pid;			/* asked once per process */
	struct log_style style;
	struct log_sink sink;
} logger = {
	.level = LOG_L_INFO, .slot = -1, .sink = { .fd = STDERR_FILENO },
};

static _Thread_local struct log_batch *log_batch;

static void
log_identify(void)
{
	logger.pid = (int)getpid();
	log_style_ident(&logger.style, logger.pid, log_role_name[logger.role],
	    logger.slot);
	log_sink_pid(&logger.sink, logger.pid);
}

void
log_open(int fd, enum log_kind kind, enum log_format format,
    enum log_level level)
{
	int saved = errno;

	logger.level = level;
	logger.style.format = format;
	logger.style.colour = format == LOG_F_PRETTY && kind == LOG_K_FD &&
	    isatty(fd) == 1 && getenv("NO_COLOR") == NULL;
	logger.style.east_s = format == LOG_F_PRETTY ?
	    log_time_east_s(clock_real_us()) : 0;
	log_sink_open(&logger.sink, fd, kind, format);
	log_identify();
	errno = saved;
}

void
log_role(enum log_role role, int slot)
{
	logger.role = role;
	logger.slot = slot;
	log_batch = NULL;
	log_identify();
}

void
log_use_batch(struct log_batch *batch)
{
	log_batch = batch;
}

int
log_fd(void)
{
	return logger.sink.fd;
}

bool
log_on(enum log_level level)
{
	return level >= logger.level;
}

uint64_t
log_dropped(void)
{
	return logger.sink.dropped;
}

static void log_vbegin(struct log_rec *, enum log_level, enum log_event,
    const char *, va_list) __attribute__((format(printf, 4, 0)));

static void
log_vbegin(struct log_rec *r, enum log_level level, enum log_event ev,
    const char *msg, va_list ap)
{
	char text[MSG_MAX];
	struct log_head head = {
		.level = level, .event = log_event_name[ev], .msg = text,
	};
	int n, saved = errno;

	r->level = level;
	r->event = ev;
	r->off = !log_on(level);
	if (r->off)
		return;
	if (logger.pid == 0)
		log_identify();
	n = vsnprintf(text, sizeof(text), msg, ap);
	head.msg_len = n < 0 ? 0 : (size_t)n;
	if (head.msg_len >= sizeof(text)) {
		head.msg_len = sizeof(text) - 1;
		head.msg_cut = true;
	}
	head.real_us = clock_real_us();
	log_format_head(&logger.style, r, &head);
	errno = saved;
}

void
log_begin(struct log_rec *r, enum log_level level, enum log_event ev,
    const char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	log_vbegin(r, level, ev, msg, ap);
	va_end(ap);
}

void
log_bytes(struct log_rec *r, const char *key, const void *p, size_t n,
    size_t max)
{
	if (!r->off)
		log_format_text(&logger.style, r, key, p, n < max ? n : max,
		    n > max);
}

void
log_str(struct log_rec *r, const char *key, const char *value)
{
	if (!r->off)
		log_format_text(&logger.style, r, key, value, strlen(value),
		    false);
}

void
log_int(struct log_rec *r, const char *key, int64_t value)
{
	uint64_t abs = value < 0 ? -(uint64_t)value : (uint64_t)value;

	if (!r->off)
		log_format_uint(&logger.style, r, key, abs, value < 0);
}

void
log_uint(struct log_rec *r, const char *key, uint64_t value)
{
	if (!r->off)
		log_format_uint(&logger.style, r, key, value, false);
}

void
log_errno(struct log_rec *r, int errnum)
{
	if (!r->off)
		log_str(r, "errno", strerror(errnum));
}

/* The record becomes part of the batch with the store of len, whole. */
static void
log_to_batch(struct log_batch *b, const struct log_rec *r)
{
	uint32_t len;

	len = atomic_load_explicit(&b->len, memory_order_relaxed);
	if (len > LOG_BATCH_MAX - r->len) {
		(void)log_flush();		/* what it lost is counted */
		len = 0;
	}
	memcpy(b->buf + len, r->buf, r->len);
	atomic_store_explicit(&b->len, len + (uint32_t)r->len,
	    memory_order_release);
}

void
log_end(struct log_rec *r)
{
	int saved = errno;

	if (r->off)
		return;
	log_format_end(&logger.style, r);
	r->off = true;
	if (log_batch != NULL)
		log_to_batch(log_batch, r);
	else
		(void)log_sink_write(&logger.sink, r->buf, r->len);
	errno = saved;
}

void
log_line(enum log_level level, enum log_event ev, const char *msg, ...)
{
	struct log_rec r;
	va_list ap;

	va_start(ap, msg);
	log_vbegin(&r, level, ev, msg, ap);
	va_end(ap);
	log_end(&r);
}

/*
 * The batch is emptied after the write, not before: a crash between the two
 * makes its records appear twice, the other order would lose them.
 */
int
log_flush(void)
{
	struct log_batch *b = log_batch;
	uint32_t len;
	int ret;

	if (b == NULL)
		return 0;
	len = atomic_load_explicit(&b->len, memory_order_relaxed);
	if (len == 0)
		return 0;
	if (len > LOG_BATCH_MAX)
		return log_flush_batch(b);
	ret = log_sink_write(&logger.sink, b->buf, len);
	atomic_store_explicit(&b->len, 0, memory_order_release);
	return ret;
}

int
log_flush_batch(struct log_batch *batch)
{
	return log_batch_write(batch, &logger.sink, logger.style.colour);
}
