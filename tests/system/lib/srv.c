/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * srv - a server under test: its directory, its start and end, its verbs.
 *
 * Servers of a test stand in one list, so that the test's teardown can end what
 * a failed test left behind, and show what it had said.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fd.h"
#include "tests/system/lib/belay.h"

enum { ARGS_MAX = 32 };

static struct srv *
srv_make(const char *variable)
{
	const char *tmp = getenv("TMPDIR"), *binary = getenv(variable);
	struct srv *srv = calloc(1, sizeof *srv);

	assert_non_null(srv);
	if (binary == NULL || binary[0] == '\0')
		fail_msg("%s does not name the server's binary", variable);
	srv->binary = binary;
	srv->pid_fd = -1;
	if (tmp == NULL || strlen(tmp) > 24)
		tmp = "/tmp";
	snprintf(srv->dir, sizeof srv->dir, "%s/belay-test-XXXXXX", tmp);
	assert_non_null(mkdtemp(srv->dir));
	srv->said_fd = memfd_create("said", MFD_CLOEXEC);
	assert_int_not_equal(srv->said_fd, -1);
	srv_log_open(srv);
	srv_register(srv);
	return srv;
}

struct srv *
srv_new(void)
{
	return srv_make("BELAY");
}

struct srv *
srv_new_faulty(void)
{
	return srv_make("BELAY_FAULTY");
}

const char *
srv_path(const struct srv *srv, const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % nitems(paths)];

	snprintf(path, sizeof paths[0], "%s/%s", srv->dir, name);
	return path;
}

static void
write_file(const char *path, const char *head, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(head, f) != EOF && fputs(text, f) != EOF);
	assert_int_equal(fclose(f), 0);
}

static void	 conf_write(struct srv *srv, const char *fmt, va_list ap)
		    __attribute__((format(printf, 2, 0)));

static void
conf_write(struct srv *srv, const char *fmt, va_list ap)
{
	char *text, head[512];
	int n = 0;

	assert_int_not_equal(vasprintf(&text, fmt, ap), -1);
	if (strstr(text, "pid_file") == NULL)
		n += snprintf(head + n, sizeof head - (size_t)n,
		    "pid_file = \"%s/belay.pid\"\n", srv->dir);
	if (strstr(text, "control_socket") == NULL)
		n += snprintf(head + n, sizeof head - (size_t)n,
		    "control_socket = \"%s/control.sock\"\n", srv->dir);
	if (strstr(text, "log {") == NULL)
		n += snprintf(head + n, sizeof head - (size_t)n,
		    "log { target = \"%s/log.json\" }\n", srv->dir);
	head[n] = '\0';
	write_file(srv_path(srv, "belay.conf"), head, text);
	free(text);
}

void
srv_conf(struct srv *srv, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_write(srv, fmt, ap);
	va_end(ap);
}

void
srv_file(struct srv *srv, const char *name, const char *text)
{
	size_t i;

	write_file(srv_path(srv, name), "", text);
	for (i = 0; i < srv->nfiles; i++)
		if (strcmp(srv->files[i], name) == 0)
			return;
	assert_in_range(srv->nfiles, 0, SRV_FILES_MAX - 1);
	snprintf(srv->files[srv->nfiles++], sizeof srv->files[0], "%s", name);
}

/* BINARY VERB -c CONF, then more; environment as the server's. */
static void
command(struct srv *srv, const char *args[ARGS_MAX], const char *verb,
    const char *const *more)
{
	size_t n = 0;

	args[n++] = srv->binary;
	args[n++] = verb;
	args[n++] = "-c";
	args[n++] = srv_path(srv, "belay.conf");
	while (more != NULL && *more != NULL && n < ARGS_MAX - 1)
		args[n++] = *more++;
	args[n] = NULL;
	setenv("DIR", srv->dir, 1);
	setenv("XDG_RUNTIME_DIR", srv->dir, 1);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
}

static void
boot_child(struct srv *srv, const char *args[ARGS_MAX], pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The first of a pid namespace does not see its parent. */
	if ((getppid() == parent || getpid() == 1) && dup2(null, 0) != -1 &&
	    dup2(srv->said_fd, 1) != -1 && dup2(srv->said_fd, 2) != -1) {
		signal(SIGPIPE, SIG_DFL);
		if (srv->prepare != NULL)
			srv->prepare(srv);
		execv(args[0], (char *const *)(uintptr_t)args);
	}
	_exit(127);
}

/* A server that is started again has its earlier READY behind the mark. */
void
srv_boot(struct srv *srv)
{
	const char *args[ARGS_MAX];
	size_t mark = srv->mark;
	pid_t self = getpid();

	srv_mark(srv);
	command(srv, args, "run", srv->args);
	srv->pid = fork();
	assert_int_not_equal(srv->pid, -1);
	if (srv->pid == 0)
		boot_child(srv, args, self);
	srv->pid_fd = (int)syscall(SYS_pidfd_open, srv->pid, 0);
	assert_int_not_equal(srv->pid_fd, -1);
	srv_wait_event(srv, "master.ready", NULL);
	srv->mark = mark;
}

struct srv *
srv_start(const char *fmt, ...)
{
	struct srv *srv = srv_new();
	va_list ap;

	va_start(ap, fmt);
	conf_write(srv, fmt, ap);
	va_end(ap);
	srv_boot(srv);
	return srv;
}

/* Of a server that was started several times, as the last start has it. */
const char *
srv_addr(struct srv *srv, const char *service, size_t n)
{
	size_t i, first = 0, found = 0;
	json_t *rec;

	srv_log_read(srv);
	for (i = 0; i < srv->nrecs; i++)
		if (srv_is_event(srv->recs[i], "master.stop"))
			first = i;
	for (i = first; i < srv->nrecs; i++) {
		rec = json_object_get(srv->recs[i], "service");
		if (srv_is_event(srv->recs[i], "listener.open") &&
		    rec != NULL && strcmp(json_string_value(rec),
		    service) == 0 && found++ == n)
			return json_string_value(json_object_get(srv->recs[i],
			    "address"));
	}
	fail_msg("no address %zu of service %s in the log", n, service);
	return NULL;
}

int
srv_port(struct srv *srv, const char *service)
{
	const char *addr = srv_addr(srv, service, 0);

	return atoi(strrchr(addr, ':') + 1);
}

pid_t
srv_worker_pid(struct srv *srv, int slot)
{
	json_t *rec = srv_last_event(srv, "worker.start", "{s:i}", "slot",
	    slot);

	if (rec == NULL)
		fail_msg("the log knows no worker of slot %d", slot);
	return (pid_t)json_integer_value(json_object_get(rec, "worker_pid"));
}

pid_t
srv_master_pid(struct srv *srv)
{
	json_t *rec = srv_last_event(srv, "master.restart", NULL);

	if (rec == NULL)
		rec = srv_last_event(srv, "master.ready", NULL);
	assert_non_null(rec);
	return (pid_t)json_integer_value(json_object_get(rec, "pid"));
}

void
srv_signal(struct srv *srv, int signo)
{
	assert_true(srv->pid > 0);
	assert_int_equal(kill(srv->pid, signo), 0);
}

bool
srv_reaped(struct srv *srv)
{
	int status;

	if (srv->pid == 0)
		return true;
	if (waitpid(srv->pid, &status, WNOHANG) != srv->pid)
		return false;
	srv->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
	srv->pid = 0;
	fd_close(&srv->pid_fd);
	return true;
}

int
srv_wait_end(struct srv *srv)
{
	struct pollfd fd = { .fd = srv->pid_fd, .events = POLLIN };

	if (!srv_reaped(srv) && poll(&fd, 1, LIMIT_MS) != 1)
		fail_msg("the server does not end");
	assert_true(srv_reaped(srv));
	return srv->status;
}

int
srv_stop(struct srv *srv)
{
	srv_signal(srv, SIGTERM);
	return srv_wait_end(srv);
}

static void
verb_start(struct srv *srv, struct proc *p, const char *verb, va_list ap)
{
	const char *args[ARGS_MAX], *more[ARGS_MAX] = { NULL };
	size_t n = 0;

	while (n < ARGS_MAX - 1 && (more[n] = va_arg(ap, const char *)) != NULL)
		n++;
	command(srv, args, verb, more);
	proc_start(p, args);
}

void
srv_verb_start(struct srv *srv, struct proc *p, const char *verb, ...)
{
	va_list ap;

	va_start(ap, verb);
	verb_start(srv, p, verb, ap);
	va_end(ap);
}

int
srv_verb(struct srv *srv, struct proc *p, const char *verb, ...)
{
	va_list ap;

	va_start(ap, verb);
	verb_start(srv, p, verb, ap);
	va_end(ap);
	return proc_wait(p);
}
