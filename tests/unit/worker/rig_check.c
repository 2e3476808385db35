/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig_check - what must be true of a slot whenever its worker rests.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig.h"
#include "worker/audit.h"
#include "worker/service/service.h"

struct row *
rig_row(struct rig *r, int fd)
{
	return &r->args.slot.rows[fd];
}

struct conn
rig_conn(struct rig *r, int fd)
{
	struct row *row = rig_row(r, fd);

	return (struct conn){ .w = &r->w, .row = row, .fd = fd,
	    .conf = &r->conf->services[row->service],
	    .service = r->w.service[row->service] };
}

int
rig_next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	assert_int_not_equal(fd, -1);
	close(fd);
	return fd;
}

struct ledger
rig_ledger(const struct rig *r)
{
	struct ledger l;

	slot_ledger(&r->args.slot, &l);
	return l;
}

uint64_t
rig_ended(const struct rig *r, enum reason why)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < r->args.slot.nservices; i++)
		n += r->args.slot.counts[i].ended[why];
	return n;
}

/* Every buffer is free, or one row's, or the worker's. */
static uint32_t
buffers_in_rows(const struct slot *s)
{
	uint32_t n = 0;

	for (uint32_t fd = 0; fd < s->nrows; fd++) {
		const struct row *r = &s->rows[fd];

		if (r->state == ROW_FREE)
			continue;
		n += r->in_buf != 0 && r->in_buf != s->head->hand.in_buf;
		for (uint32_t buf = r->out_head; buf != 0;
		    buf = buf == r->out_tail ? 0 : s->bufs[buf].next)
			n++;
	}
	return n;
}

void
rig_check(struct rig *r)
{
	struct slot *s = &r->args.slot;
	struct ledger l = rig_ledger(r);
	uint32_t held = buffers_in_rows(s);

	if (!ledger_balances(&l))
		fail_msg("accepted %" PRIu64 " closed %" PRIu64 " rejected %"
		    PRIu64 " open %" PRIu64 " lost %" PRIu64, l.accepted,
		    l.closed, l.rejected, l.open, l.lost);
	assert_int_equal(r->w.open, l.open);
	s->head->audit.asked++;
	audit_answer(&r->w);
	assert_int_equal(s->head->audit.answered, s->head->audit.asked);
	assert_int_equal(s->head->audit.rows_without_fd, 0);
	assert_int_equal(s->head->audit.fds_without_row, 0);
	assert_int_equal(s->head->hand.phase, HAND_NONE);
	assert_int_not_equal(s->head->hand.in_buf, 0);
	if (held + 1 + pool_left(&r->w.pool) != s->nbufs - 1)
		fail_msg("%u buffers in rows, %u free, of %u", held,
		    pool_left(&r->w.pool), s->nbufs - 1);
}

const char *
rig_log(struct rig *r)
{
	static char text[LOG_BATCH_MAX + 1];
	const struct log_batch *b = r->args.slot.log;

	memcpy(text, b->buf, b->len);
	text[b->len] = '\0';
	return text;
}
