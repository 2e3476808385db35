/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main - the command line, and the verbs that become the server.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>
#include <bsd/unistd.h>

#include "common/fd.h"
#include "master/activation.h"
#include "master/anchor.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"
#include "master/handover.h"
#include "master/master.h"
#include "worker/worker.h"

const struct conf_section *
main_sections(void)
{
	return worker_sections();
}

void
main_print_features(FILE *out)
{
	worker_print_features(out);
}

static const struct option run_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "keys", no_argument, NULL, 'k' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "log-format", required_argument, NULL, 'f' },
	{ NULL, 0, NULL, 0 }
};

/* Index of a log format's name, -1: no such. */
static int
format_by_name(const char *name)
{
	for (int i = 0; i < LOG_NFORMATS; i++)
		if (strcmp(log_format_name[i], name) == 0)
			return i;
	return -1;
}

/* An absolute path: a reload finds the file whatever happens to the folder. */
static int
use_conf_path(struct book_start *s, const char *path)
{
	char full[PATH_MAX];

	if (path == NULL)
		return CLI_DONE;
	/* What is wrong with a file that is not there, its reader says. */
	if (realpath(path, full) == NULL)
		strlcpy(full, path, sizeof full);
	if (strlcpy(s->conf_path, full, sizeof s->conf_path) >=
	    sizeof s->conf_path)
		return cli_usage("run", "the path of the configuration is "
		    "too long");
	return CLI_DONE;
}

static int
parse_start(int argc, char **argv, struct book_start *s)
{
	const char *path = NULL;
	int c;

	*s = (struct book_start){ .log_format = -1 };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "c:", run_options, NULL)) != -1) {
		if (c == 'c')
			path = optarg;
		else if (c == 'k')
			s->keys = true;
		else if (c == 'q')
			s->quiet = true;
		else if (c == 'f' && format_by_name(optarg) != -1)
			s->log_format = format_by_name(optarg);
		else if (c == 'f')
			return cli_usage(argv[0], "--log-format is pretty, "
			    "json or logfmt, not \"%s\"", optarg);
		else
			return cli_usage(argv[0], "no such option: %s",
			    argv[optind - 1]);
	}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected word \"%s\"",
		    argv[optind]);
	return use_conf_path(s, path != NULL ? path :
	    cli_conf_default());
}

/* The file that an upgrade without a name executes: the path we came from,
 * where a package puts the next version. */
static void
own_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	path[n > 0 ? n : 0] = '\0';
}

/* The whole server, in this process; returns its exit code. */
static int
serve(const struct book_start *start, int ready_fd)
{
	struct book *b = book_create();

	if (b == NULL) {
		perror("belay: shared memory");
		return CLI_FAILED;
	}
	b->start = *start;
	b->fd[FD_READY] = ready_fd;
	b->fd[FD_EXE] = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	own_path(b->start.exe, sizeof b->start.exe);
	log_role(LOG_R_ANCHOR, -1);
	return anchor_run(b, master_main);
}

int
cli_run(int argc, char **argv)
{
	struct book_start start;
	int rc = parse_start(argc, argv, &start);

	if (rc != CLI_DONE)
		return rc;
	start.foreground = true;
	activation_note(&start);
	if (start.log_format == -1 && isatty(STDERR_FILENO))
		start.log_format = LOG_F_PRETTY;
	return serve(&start, -1);
}

/* Leaves the caller's session; stdin and stdout are of no more use. */
static int
become_daemon(const struct book_start *start, int ready_fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (setsid() == -1 || null_fd == -1 ||
	    dup2(null_fd, STDIN_FILENO) == -1 ||
	    dup2(null_fd, STDOUT_FILENO) == -1) {
		perror("belay: start");
		return CLI_FAILED;
	}
	fd_close(&null_fd);
	return serve(start, ready_fd);
}

/* Waits for READY, or for what went wrong: one byte, the exit code. */
static int
wait_ready(pid_t pid, int fd)
{
	unsigned char code;
	int status;
	ssize_t n;

	do
		n = read(fd, &code, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1 && code == CLI_DONE)
		return CLI_DONE;
	/* What failed is gone when we say so. */
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		return n == 1 ? code : WEXITSTATUS(status);
	fprintf(stderr, "belay: start: the server ended before it was ready\n");
	return CLI_FAILED;
}

int
cli_start(int argc, char **argv)
{
	struct book_start start;
	int p[2], rc = parse_start(argc, argv, &start);
	pid_t pid;

	if (rc != CLI_DONE)
		return rc;
	if (pipe2(p, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		perror("belay: start");
		return CLI_FAILED;
	}
	if (pid == 0) {
		fd_close(&p[0]);
		_exit(become_daemon(&start, p[1]));
	}
	fd_close(&p[1]);
	return wait_ready(pid, p[0]);
}

int
main(int argc, char **argv, char **envp)
{
	int code;

	setproctitle_init(argc, argv, envp);
	master_use_services(worker_sections(), worker_engine_name);
	if (handover_take_part(&code))
		return code;
	return cli_main(argc, argv);
}
