/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - every row has its socket, every socket that is connected a row.
 */
#include <sys/socket.h>
#include <fcntl.h>

#include "worker/audit.h"
#include "worker/channel.h"
#include "worker/move.h"

static bool
is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	return getpeername(fd, (struct sockaddr *)&peer, &len) != -1;
}

static bool
is_channel(const struct worker *w, int fd)
{
	for (unsigned i = 0; i < w->args->nkeep; i++)
		if (w->args->keep_fds[i] == fd)
			return true;
	return false;
}

void
audit_answer(struct worker *w)
{
	struct slot *s = &w->slot;
	struct slot_audit *a = &s->head->audit;
	uint64_t asked = atomic_load(&a->asked), rows = 0, fds = 0;

	if (asked == atomic_load(&a->answered))
		return;
	for (uint32_t fd = 0; fd < s->nrows; fd++) {
		bool row = s->rows[fd].state != ROW_FREE;

		/* Descriptors behind high+64 cannot be: they are dense. */
		if (!row && fd > s->head->high + 64)
			break;
		if (row && fcntl((int)fd, F_GETFD) == -1)
			rows++;
		if (!row && !is_channel(w, (int)fd) &&
		    !move_is_channel(w, (int)fd) && is_connected((int)fd))
			fds++;
	}
	slot_ledger(s, &a->ledger);
	a->rows_without_fd = rows;
	a->fds_without_row = fds;
	atomic_store(&a->answered, asked);
	channel_tell(w, MSG_AUDITED);
}
