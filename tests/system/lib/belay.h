/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * belay - what system tests stand on: a server in a directory of its own, its
 * log as records, its verbs, clients, and the checks every test ends with.
 *
 * Whatever goes wrong fails the running cmocka test.  Waits are for events,
 * with LIMIT_MS as the deadline of each.  A test looks like this:
 *
 *	struct srv *srv = srv_start("service \"e\" { handler = \"echo\"\n"
 *	    "listen = {\"127.0.0.1:0\"} }\n");
 *	int fd = client_open(srv_addr(srv, "e", 0));
 *	...
 *	client_close(&fd);
 *	srv_finish(&srv);
 *
 * with main() running its group with test_begin as group setup and test_end as
 * the teardown of each test.  BELAY names the binary, BELAY_FAULTY the one with
 * the services that misbehave.
 */
#ifndef TESTS_SYSTEM_LIB_BELAY_H
#define TESTS_SYSTEM_LIB_BELAY_H

#include <sys/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

enum { LIMIT_MS = 10000, SRV_EXPECT_MAX = 16, SRV_FILES_MAX = 16 };

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

/* For cmocka: the group's setup, each test's teardown. */
int	 test_begin(void **state);
int	 test_end(void **state);
/* Milliseconds that are left until then, at least 0; for poll(2). */
int	 test_left_ms(int64_t deadline_ms);
int64_t	 test_deadline_ms(void);	/* LIMIT_MS from now */
/* Prints "skip: why" and skips the test, unless the program is in PATH. */
void	 test_need_program(const char *name);
bool	 test_has_v6(void);		/* ::1 can be used here */
bool	 test_sanitized(void);		/* everything takes longer */
/* n, or the part of it that a sanitizer's slowness leaves time for. */
size_t	 test_scale(size_t n, size_t divisor);
/* n connections, or as many as RLIMIT_NOFILE has room for beside spare files;
 * says so. */
size_t	 test_fit_files(size_t n, size_t spare);
/* Of BELAY_SEED, or any; printed, so that a run can be had again. */
uint64_t test_seed(void);
uint64_t test_random(uint64_t *seed);	/* splitmix64 */
/* Waits until the process is gone; somebody else reaps it. */
void	 test_wait_gone(pid_t pid);

/* ------------------------------------------------------ programs ---- */

struct proc {
	pid_t pid;
	int pid_fd, in_fd;		/* -1: not open */
	int out_fd, err_fd;
	char *out, *err;		/* what it said, NUL-terminated */
	size_t out_len, err_len;
	int status;			/* ended: exit code, 128 + signal */
};

/* argv[0] is looked for in PATH.  Each proc ends with proc_end(). */
void	 proc_start(struct proc *p, const char *const argv[]);
/* To its stdin, reading meanwhile what it says. */
void	 proc_feed(struct proc *p, const void *buf, size_t len);
void	 proc_feed_end(struct proc *p);	/* EOF on its stdin */
/* Reads until its stdout, or stderr, holds the text. */
void	 proc_wait_said(struct proc *p, const char *text);
/* EOF to its stdin, reads to its end; returns status. */
int	 proc_wait(struct proc *p);
/* Kills it if it lives; gives everything back. */
void	 proc_end(struct proc *p);

/* -------------------------------------------------------- server ---- */

struct srv {
	struct srv *next;
	char dir[48];			/* belay.conf, log.json, ... */
	const char *binary;
	const char *const *args;	/* more for `run`; NULL: none */
	/* In the child that becomes the server; NULL: nothing. */
	void (*prepare)(const struct srv *srv);
	pid_t pid;			/* of the anchor; 0: not started */
	int pid_fd, said_fd;		/* said: its stdout and stderr */
	int status;			/* once ended, as of proc */
	int inotify_fd, log_fd;
	uint64_t log_inode;
	char *part;			/* of a line that is not all there */
	size_t part_len;
	json_t **recs;
	size_t nrecs, mark;
	const char *expected[SRV_EXPECT_MAX];
	size_t nexpected;
	char files[SRV_FILES_MAX][32];	/* made by the test */
	size_t nfiles;
};

/* A directory, nothing started.  srv_new_faulty: BELAY_FAULTY. */
struct srv *srv_new(void);
struct srv *srv_new_faulty(void);
/*
 * Writes belay.conf: the text, and pid_file, control_socket and log where it
 * does not say them itself.  ${DIR} in it is the server's directory.
 */
void	 srv_conf(struct srv *srv, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Any other file of that directory; name is a plain one. */
void	 srv_file(struct srv *srv, const char *name, const char *text);
/* `belay run`, until READY. */
void	 srv_boot(struct srv *srv);
/* The three in one. */
struct srv *srv_start(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

/* The n-th address of a service as the log announced it; kept by srv. */
const char *srv_addr(struct srv *srv, const char *service, size_t n);
int	 srv_port(struct srv *srv, const char *service);
/* The path of a file in its directory; one of a few static buffers. */
const char *srv_path(const struct srv *srv, const char *name);

void	 srv_signal(struct srv *srv, int signo);
/* Until the server has ended; returns its status. */
int	 srv_wait_end(struct srv *srv);
int	 srv_stop(struct srv *srv);		/* TERM, then that */
/* BINARY VERB -c CONF ARGS... NULL; p as after proc_wait().  Its status. */
int	 srv_verb(struct srv *srv, struct proc *p, const char *verb, ...)
	    __attribute__((sentinel));
/* The same, not waited for. */
void	 srv_verb_start(struct srv *srv, struct proc *p, const char *verb, ...)
	    __attribute__((sentinel));

/*
 * The end of a test: audit, stop, and what DESIGN section 8 demands.  Frees.
 * A server that the test has ended itself is not asked for its audit.
 */
void	 srv_finish(struct srv **srv);
/* The log may, and must, hold this event with level error.  Borrowed. */
void	 srv_expect_error(struct srv *srv, const char *event);

/* --------------------------------------------- kills and the ledger ---- */

/* Its process with this title, "worker 1", "keeper 2", "master"; 0: there is
 * none at this moment. */
pid_t	 srv_process(struct srv *srv, const char *title);
pid_t	 srv_must_find(struct srv *srv, const char *title);
/* Children of the anchor: the master, and two for each slot. */
size_t	 srv_count_processes(struct srv *srv);
/* "keeper N" or "worker N" of another slot than that; one static buffer. */
const char *srv_title_beside(struct srv *srv, const char *role, int slot);
/* Which slot this client's connection came to, as conn.open has it. */
int	 srv_slot_of(struct srv *srv, int fd);
/* SIGKILL to it; false: there is none at this moment. */
bool	 srv_kill(struct srv *srv, const char *title);
/* Time on a processor, of a process that lives. */
uint64_t srv_cpu_ns(pid_t pid);
/* Workers that are ready, as the status has it. */
size_t	 srv_ready_workers(struct srv *srv);
/* What `belay audit --json` says, which must balance; for json_decref(). */
json_t	*srv_audit(struct srv *srv);
/* One of its sums: "accepted", "open", "lost", ... */
uint64_t srv_audit_count(struct srv *srv, const char *what);

/* ------------------------------------------------------- its log ---- */

/*
 * Fields are told as for json_pack(): "{s:i}", "slot", 1; NULL: any.  A record
 * matches that has them all.  Looked at are the records since the mark, at
 * first all.
 */
void	 srv_mark(struct srv *srv);	/* from here on */
/* Waits for the n-th match; returns it, borrowed from srv. */
json_t	*srv_wait_nth(struct srv *srv, size_t n, const char *event,
	    const char *fmt, ...);
json_t	*srv_wait_event(struct srv *srv, const char *event,
	    const char *fmt, ...);
size_t	 srv_count_events(struct srv *srv, const char *event,
	    const char *fmt, ...);
/* The latest of all records that matches, or NULL; no wait. */
json_t	*srv_last_event(struct srv *srv, const char *event,
	    const char *fmt, ...);

/* As the log has them. */
pid_t	 srv_worker_pid(struct srv *srv, int slot);
pid_t	 srv_master_pid(struct srv *srv);

/* Between the files of this library. */
void	 srv_log_open(struct srv *srv);	/* before the server starts */
void	 srv_log_read(struct srv *srv);	/* what is there now */
/* Sleeps until there is more, or the server ends; false: the deadline. */
bool	 srv_log_wait(struct srv *srv, int64_t deadline_ms);
void	 srv_log_free(struct srv *srv);
bool	 srv_is_event(const json_t *rec, const char *event);
void	 srv_register(struct srv *srv);	/* test_end() knows it from now on */
bool	 srv_reaped(struct srv *srv);	/* has it ended?  Sets status. */

/* ------------------------------------------------------- clients ---- */

/* "127.0.0.1:80", "[::1]:80", "unix:/path". */
int	 client_open(const char *addr);
int	 client_try(const char *addr);	/* or -1 with errno */
/* TCP with the smallest window: what it does not read waits in the server. */
int	 client_open_tight(const char *addr);
void	 client_send(int fd, const void *buf, size_t len);
void	 client_say(int fd, const char *text);
void	 client_recv(int fd, void *buf, size_t len);	/* exactly */
/* Until EOF; returns how many.  More than size fails. */
size_t	 client_recv_all(int fd, void *buf, size_t size);
void	 client_expect(int fd, const char *text);
void	 client_expect_eof(int fd);
void	 client_expect_reset(int fd);
/* The address that the server sees; one static buffer. */
const char *client_local(int fd);
/* Until something can be read, EOF included; false: not within ms. */
bool	 client_readable(int fd, int ms);
void	 client_shut(int fd);		/* our FIN */
void	 client_close(int *fd);
void	 client_reset(int *fd);		/* closes with a RST */
/* n connections; freed by the second. */
int	*client_open_many(size_t n, const char *addr);
void	 client_close_many(int **fds, size_t n);

/* ------------------------------------------- byte-checked streams ---- */

/* Byte pos of a stream: lost, doubled or swapped ones do not fit. */
void	 pattern_fill(uint64_t seed, uint64_t pos, void *buf, size_t len);
/* Index of the first wrong byte, or len. */
size_t	 pattern_check(uint64_t seed, uint64_t pos, const void *buf,
	    size_t len);

struct streams;			/* many echo connections, driven by the test */
struct streams_sum {
	uint64_t bytes;			/* that came back right */
	size_t open, lost, wrong;	/* streams */
	uint64_t least;			/* bytes back, of the slowest stream */
};

/* window: bytes under way per stream. */
struct streams *streams_open(size_t n, const char *addr, size_t window);
/* Readable when streams_step() has something to do. */
int	 streams_fd(const struct streams *s);
/* Sends and receives what can be; sleeps at most ms for it. */
void	 streams_step(struct streams *s, int ms);
/* Until so many more bytes came back, on each stream that is open. */
void	 streams_flow(struct streams *s, uint64_t bytes_each);
struct streams_sum streams_sum(const struct streams *s);
/* Half-closes, reads the rest, sees the EOF, closes; frees. */
struct streams_sum streams_finish(struct streams **s);

/* Short echo connections, each followed by the next, beside the streams. */
struct churn;
struct churn_sum {
	size_t done, lost, wrong;	/* visits; a wrong one is lost too */
};

/* addr is borrowed. */
struct churn *churn_open(size_t n, const char *addr, uint64_t seed);
int	 churn_fd(const struct churn *c);
/* Returns what epoll_wait() did. */
int	 churn_step(struct churn *c, int ms);
/* No new visits; until the last has ended.  Frees. */
struct churn_sum churn_finish(struct churn **c);

#endif
