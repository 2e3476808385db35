/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slot - making, sealing and mapping a slot's memory, and its ledger.
 *
 * The layout is a pure function of the numbers of services and rows, so the
 * master, the keeper and every worker compute it and none reads it from the
 * memory that a worker can scribble on.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/fd.h"
#include "common/slot.h"

const char *const hand_call_name[HAND_NCALLS] = {
	[HAND_C_NONE] = "receive",
	[HAND_C_OPEN] = "open",
	[HAND_C_INPUT] = "input",
	[HAND_C_TIMER] = "timer",
	[HAND_C_ROOM] = "room",
	[HAND_C_CLOSE] = "close",
};

static size_t
page_round(size_t n)
{
	return (n + 4095) & ~(size_t)4095;
}

struct layout { size_t counts, log, rows, bufs, data, size; uint32_t nbufs; };

/*
 * Two buffers a row and some: a connection that finds the pool empty waits
 * until another's output has left (pool.c), and pages never touched are never
 * paid for.
 */
static struct layout
layout_make(uint32_t nservices, uint32_t nrows)
{
	struct layout l = { .nbufs = 2 * nrows + 256 };

	l.counts = page_round(sizeof(struct slot_head));
	l.log = l.counts + page_round(nservices * sizeof(struct slot_counts));
	l.rows = l.log + page_round(sizeof(struct log_batch));
	l.bufs = l.rows + page_round(nrows * sizeof(struct row));
	l.data = l.bufs + page_round(l.nbufs * sizeof(struct slot_buf));
	l.size = l.data + (size_t)l.nbufs * SLOT_BUF_SIZE;
	return l;
}

static int
slot_attach(struct slot *s, int fd, uint32_t nservices, uint32_t nrows)
{
	struct layout l = layout_make(nservices, nrows);
	struct stat st;
	char *at;

	if (fstat(fd, &st) == -1)
		return -1;
	if ((uint64_t)st.st_size != l.size) {	/* reading on would be fatal */
		errno = EPROTO;
		return -1;
	}
	at = mmap(NULL, l.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -1;
	*s = (struct slot){
		.head = (struct slot_head *)at,
		.counts = (struct slot_counts *)(at + l.counts),
		.log = (struct log_batch *)(at + l.log),
		.rows = (struct row *)(at + l.rows),
		.bufs = (struct slot_buf *)(at + l.bufs),
		.data = at + l.data,
		.size = l.size,
		.nrows = nrows, .nbufs = l.nbufs, .nservices = nservices,
	};
	return 0;
}

int
slot_create(struct slot *s, uint32_t nservices, uint32_t nrows)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd = memfd_create("belay-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	/* Sealed: a worker's ftruncate would kill its reader by SIGBUS. */
	if (ftruncate(fd, (off_t)layout_make(nservices, nrows).size) == -1 ||
	    fcntl(fd, F_ADD_SEALS, seals) == -1 ||
	    slot_attach(s, fd, nservices, nrows) == -1) {
		fd_close(&fd);
		return -1;
	}
	s->head->row_size = sizeof(struct row);
	s->head->nrows = nrows;
	s->head->nbufs = s->nbufs;
	s->head->nservices = nservices;
	s->head->hand.fd = -1;
	s->head->version = SLOT_VERSION;
	s->head->magic = SLOT_MAGIC;
	return fd;
}

int
slot_map(struct slot *s, int fd, uint32_t nservices, uint32_t nrows)
{
	if (slot_attach(s, fd, nservices, nrows) == -1)
		return -1;
	if (s->head->magic == SLOT_MAGIC && s->head->version == SLOT_VERSION &&
	    s->head->row_size == sizeof(struct row))
		return 0;
	slot_unmap(s);
	errno = EPROTO;
	return -1;
}

void
slot_unmap(struct slot *s)
{
	if (s->head != NULL)
		munmap(s->head, s->size);
	memset(s, 0, sizeof *s);
}

static uint64_t
rows_open(const struct slot *s)
{
	uint32_t high = s->head->high < s->nrows ? s->head->high : s->nrows;
	uint64_t n = 0;

	for (uint32_t fd = 0; fd < high; fd++)
		n += s->rows[fd].state != ROW_FREE;
	return n;
}

void
counts_add(struct slot_counts *sum, const struct slot_counts *c)
{
	sum->accepted += c->accepted;
	sum->moved_in += c->moved_in;
	for (int r = 0; r < REASON_COUNT; r++)
		sum->ended[r] += c->ended[r];
	sum->requests += c->requests;
	sum->bytes_in += c->bytes_in;
	sum->bytes_out += c->bytes_out;
}

void
ledger_count(struct ledger *l, const struct slot_counts *c)
{
	uint64_t sum[REASON_C_LOST + 1] = { 0 };

	l->accepted += c->accepted;
	l->moved_in += c->moved_in;
	for (int r = 0; r < REASON_COUNT; r++)
		sum[reasons[r].class] += c->ended[r];
	l->closed += sum[REASON_C_CLOSED];
	l->rejected += sum[REASON_C_REJECTED];
	l->handed += sum[REASON_C_HANDED];
	l->lost += sum[REASON_C_LOST];
	l->moved_out += sum[REASON_C_MOVED];
}

void
slot_ledger(const struct slot *s, struct ledger *l)
{
	memset(l, 0, sizeof *l);
	for (uint32_t i = 0; i < s->nservices; i++)
		ledger_count(l, &s->counts[i]);
	l->open = rows_open(s);
}

void
ledger_add(struct ledger *sum, const struct ledger *l)
{
	sum->accepted += l->accepted;
	sum->closed += l->closed;
	sum->rejected += l->rejected;
	sum->handed += l->handed;
	sum->open += l->open;
	sum->lost += l->lost;
	sum->moved_in += l->moved_in;
	sum->moved_out += l->moved_out;
}

bool
ledger_balances(const struct ledger *l)
{
	return l->accepted + l->moved_in == l->closed + l->rejected +
	    l->handed + l->open + l->lost + l->moved_out;
}

void
row_addr(const struct row *r, struct addr *a)
{
	memset(a, 0, sizeof *a);
	a->u.sa.sa_family = r->family;
	switch (r->family) {
	case AF_INET:
		memcpy(&a->u.sin.sin_addr, r->ip, 4);
		a->u.sin.sin_port = htons(r->port);
		a->len = sizeof a->u.sin;
		break;
	case AF_INET6:
		memcpy(&a->u.sin6.sin6_addr, r->ip, 16);
		a->u.sin6.sin6_port = htons(r->port);
		a->len = sizeof a->u.sin6;
		break;
	default:
		a->len = sizeof a->u.sa.sa_family;
		break;
	}
}

const char *
row_client(const struct row *r, char *buf)
{
	struct addr a;

	row_addr(r, &a);
	return addr_print(&a.u.sa, a.len, buf);
}
