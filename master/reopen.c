/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reopen - the log's descriptor keeps its number for life, so exchanging what
 * is behind it (dup3) changes it for all who share the table.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "common/fd.h"
#include "common/log_target.h"
#include "common/msg.h"
#include "master/reopen.h"

static void
use(struct master *m)
{
	const struct conf_log *l = &m->conf->log;
	int format = m->book->start.log_format;
	int level = l->level;

	if (m->book->start.quiet && level < LOG_L_WARN)
		level = LOG_L_WARN;
	log_open(m->book->fd[FD_LOG], (enum log_kind)m->book->log_kind,
	    (enum log_format)(format >= 0 ? format : l->format),
	    (enum log_level)level);
}

/* In the background, a terminal or pipe is the caller's: it is left alone. */
static bool
is_lent(const struct master *m, int fd)
{
	struct stat st;

	return !m->book->start.foreground && fd == STDERR_FILENO &&
	    (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode));
}

int
reopen_first(struct master *m, const char **why)
{
	enum log_kind kind;
	int fd = log_target_open(m->conf->log.target, NULL, &kind, why);

	if (fd == -1)
		return -1;
	if (is_lent(m, fd)) {
		fprintf(stderr, "belay: in the background the log goes "
		    "nowhere: set log { target = ... }\n");
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		*why = "cannot open /dev/null";
		if (fd == -1)
			return -1;
	}
	m->book->log_kind = (int)kind;
	strlcpy(m->book->log_target, m->conf->log.target,
	    sizeof m->book->log_target);
	m->book->fd[FD_LOG] = fd;
	use(m);
	return 0;
}

void
reopen_adopt(struct master *m)
{
	use(m);
}

static void
tell_keepers(struct master *m)
{
	struct msg msg = { .version = MSG_VERSION, .type = MSG_LOG_FD };

	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct book_slot *bs = &m->book->slots[i];

		if (bs->role == SLOT_UNUSED || !proc_alive(&bs->keeper))
			continue;
		if (fd_send(bs->keeper_fd, &msg, sizeof msg,
		    &m->book->fd[FD_LOG], 1) == -1)
			log_line(LOG_L_WARN, LOG_LOG_REOPEN,
			    "slot %u keeps the old log: %s", i + 1,
			    strerror(errno));
	}
}

const char *
reopen_log(struct master *m)
{
	const char *why = NULL;
	enum log_kind kind;
	struct log_rec r;
	int fd;

	if (strcmp(m->conf->log.target, "stderr") == 0)
		return NULL;		/* nothing to rotate */
	fd = log_target_open(m->conf->log.target, NULL, &kind, &why);
	if (fd == -1 || dup3(fd, m->book->fd[FD_LOG], O_CLOEXEC) == -1) {
		log_begin(&r, LOG_L_WARN, LOG_LOG_REOPEN,
		    "the log cannot be opened again, the old one stays in use");
		log_errno(&r, errno);
		log_str(&r, "hint", why != NULL ? why : "");
		log_end(&r);
		fd_close(&fd);
		return why != NULL ? why : "the log cannot be opened again";
	}
	fd_close(&fd);
	strlcpy(m->book->log_target, m->conf->log.target,
	    sizeof m->book->log_target);
	use(m);
	tell_keepers(m);
	log_line(LOG_L_INFO, LOG_LOG_REOPEN, "log opened again");
	return NULL;
}

void
reopen_if_changed(struct master *m)
{
	use(m);
	if (strcmp(m->book->log_target, m->conf->log.target) != 0)
		reopen_log(m);
}
