/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - structured records: one line each, whole, never torn.
 *
 * A record is built on the caller's stack and leaves in one piece: straight to
 * the sink, or into a batch that lies in slot memory, so that a crash of the
 * process that wrote it loses none.  Names of events and keys are the contract
 * of INTERFACE section 6.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_L_DEBUG, LOG_L_INFO, LOG_L_WARN, LOG_L_ERROR, LOG_NLEVELS
};
enum log_format { LOG_F_JSON, LOG_F_LOGFMT, LOG_F_PRETTY, LOG_NFORMATS };
enum log_role {
	LOG_R_ANCHOR, LOG_R_MASTER, LOG_R_KEEPER, LOG_R_WORKER, LOG_R_STATUS,
	LOG_R_SPAWNER, LOG_NROLES
};
/* what the sink's descriptor is */
enum log_kind { LOG_K_FD, LOG_K_SYSLOG, LOG_NKINDS };

/* INTERFACE 6, in its order; log_event_name[] has the dotted names. */
enum log_event {
	LOG_MASTER_READY, LOG_MASTER_STATE, LOG_MASTER_STOP,
	LOG_RELOAD_BEGIN, LOG_RELOAD_DONE, LOG_RELOAD_FAILED,
	LOG_UPGRADE_BEGIN, LOG_UPGRADE_DONE, LOG_UPGRADE_FAILED,
	LOG_WORKER_START, LOG_WORKER_READY, LOG_WORKER_EXIT, LOG_WORKER_CRASH,
	LOG_WORKER_HANG, LOG_WORKER_BACKOFF, LOG_WORKER_ADOPTED,
	LOG_WORKER_MOVED, LOG_MASTER_RESTART,
	LOG_LISTENER_OPEN, LOG_LISTENER_CLOSE, LOG_LISTENER_OVERFLOW,
	LOG_CONN_OPEN, LOG_CONN_CLOSE, LOG_CONN_REJECT, LOG_CLIENT_QUARANTINE,
	LOG_LIMIT_REACHED, LOG_LOG_REOPEN, LOG_CONFIG_WARNING,
	/* what a service logs: sink's messages */
	LOG_SERVICE_MESSAGE,
	LOG_NEVENTS
};

extern const char *const log_level_name[LOG_NLEVELS];
extern const char *const log_format_name[LOG_NFORMATS];
extern const char *const log_role_name[LOG_NROLES];
extern const char *const log_event_name[LOG_NEVENTS];

enum {
	/* bytes of one record, its newline included */
	LOG_RECORD_MAX = 4096,
	/* bytes of records that may wait in a slot */
	LOG_BATCH_MAX = 65536 - 64
};

/*
 * Lies in slot memory.  Only len is the truth: bytes behind it do not exist,
 * so a record is published by one store and a half-made one is never seen.
 */
struct log_batch {
	_Atomic uint32_t len;
	char pad[60];
	char buf[LOG_BATCH_MAX];
};

/* One record in the making; lives on the stack of its maker. */
struct log_rec {
	enum log_level level;
	enum log_event event;
	/* below the level: every call is a no-op */
	bool off;
	bool cut;			/* a field did not fit and was marked */
	size_t len;
	char buf[LOG_RECORD_MAX];
};

/*
 * Sets this process's log: the only mutable state of the module.  Borrows fd
 * (kept until the next call); slot < 0: none.  A fresh process (a clone) calls
 * log_role() instead and keeps the sink.
 */
void	 log_open(int fd, enum log_kind kind, enum log_format format,
	    enum log_level level);
void	 log_role(enum log_role role, int slot);
/* Borrows batch (NULL: write at once); thread-local. */
void	 log_use_batch(struct log_batch *batch);
int	 log_fd(void);

bool	 log_on(enum log_level level);

/* msg is a printf format, for people; fields follow, then log_end() once. */
void	 log_begin(struct log_rec *r, enum log_level level, enum log_event ev,
	    const char *msg, ...) __attribute__((format(printf, 4, 5)));
void	 log_str(struct log_rec *r, const char *key, const char *value);
/* Any bytes: escaped, at most max of them shown. */
void	 log_bytes(struct log_rec *r, const char *key, const void *p, size_t n,
	    size_t max);
void	 log_int(struct log_rec *r, const char *key, int64_t value);
void	 log_uint(struct log_rec *r, const char *key, uint64_t value);
/* key errno: its text */
void	 log_errno(struct log_rec *r, int errnum);
/* Ends, and writes or batches the record.  Keeps errno. */
void	 log_end(struct log_rec *r);

/* begin + end for records without fields. */
void	 log_line(enum log_level level, enum log_event ev, const char *msg, ...)
	    __attribute__((format(printf, 3, 4)));

/* Writes the batch out; 0, or -1 with errno (the batch is emptied all the
 * same: a full disk must not stop the service; log_dropped() counts). */
int	 log_flush(void);
/* The same for another's batch, a dead worker's; len is checked first. */
int	 log_flush_batch(struct log_batch *batch);
uint64_t log_dropped(void);

/*
 * Repeated warnings: true if this one may be logged now; *suppressed is how
 * many were held back since the last that was.  One static struct per place.
 */
struct log_rate { int64_t next_ms; uint64_t held; };
bool	 log_rate_ok(struct log_rate *rate, int64_t now_ms, int64_t every_ms,
	    uint64_t *suppressed);

#endif
