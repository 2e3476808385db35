/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli_server - a server of the control socket that is a script.
 */
#include <sys/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/master/cli_fixture.h"

static void
serve(int fd, void *arg)
{
	struct cli_server *s = arg;
	size_t n = 0;
	char c;

	while (n + 1 < sizeof(s->request) && recv(fd, &c, 1, 0) == 1 &&
	    c != '\n')
		s->request[n++] = c;
	s->request[n] = '\0';
	peer_write(fd, s->answer, strlen(s->answer));
	if (s->leave_fd != -1)
		close(s->leave_fd);
	s->leave_fd = -1;
}

int
cli_server_open(void **state)
{
	struct cli_server *s = calloc(1, sizeof(*s));
	FILE *f;

	if (s == NULL)
		return -1;
	*state = s;
	s->leave_fd = -1;
	strcpy(s->dir, "/tmp/cli_verb.XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/s", s->dir);
	snprintf(s->pid_file, sizeof(s->pid_file), "%s/pid", s->dir);
	snprintf(s->conf, sizeof(s->conf), "%s/conf", s->dir);
	f = fopen(s->conf, "w");
	if (f == NULL)
		return -1;
	fprintf(f, "control_socket = \"%s\"\npid_file = \"%s\"\n"
	    "drain_timeout = 1s\n"
	    "service \"e\" { handler = \"echo\" "
	    "listen = {\"127.0.0.1:7\", \"[::1]:7\"} }\n", s->path,
	    s->pid_file);
	return fclose(f);
}

int
cli_server_close(void **state)
{
	struct cli_server *s = *state;
	int rc;

	unlink(s->pid_file);
	unlink(s->conf);
	rc = rmdir(s->dir);
	free(s);
	return rc;
}

void
cli_server_start(struct cli_server *s)
{
	cli_peer_start_unix(&s->peer, s->path, serve, s);
}

struct cli_result
cli_server_call(struct cli_server *s, const char *verb, const char *answer)
{
	struct cli_result r;
	char line[256];

	s->answer = answer;
	s->request[0] = '\0';
	snprintf(line, sizeof(line), "belay %s -c %s", verb, s->conf);
	if (answer != NULL)
		cli_server_start(s);
	r = cli_call(cli_main, line, NULL);
	if (answer != NULL)
		cli_peer_stop(&s->peer);
	unlink(s->path);
	return r;
}
