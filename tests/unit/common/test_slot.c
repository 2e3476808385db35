/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slot: layout, seals, mapping only what is a slot, and the ledger's sums.
 */
#include <sys/mman.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/addr.h"
#include "common/slot.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

static const struct { uint32_t nservices, nrows; } sizes[] = {
	{ 1, 1 }, { 1, 64 }, { 3, 1024 }, { 128, 20000 },
};

/* Parts lie one behind the other, each aligned, none in another. */
static void
check_layout(const struct slot *s)
{
	const struct { const char *at; size_t size; } parts[] = {
		{ (char *)s->head, sizeof *s->head },
		{ (char *)s->counts, s->nservices * sizeof *s->counts },
		{ (char *)s->log, sizeof *s->log },
		{ (char *)s->rows, s->nrows * sizeof *s->rows },
		{ (char *)s->bufs, s->nbufs * sizeof *s->bufs },
		{ s->data, (size_t)s->nbufs * SLOT_BUF_SIZE },
		{ (char *)s->head + s->size, 0 },
	};

	for (size_t i = 0; i + 1 < NITEMS(parts); i++) {
		assert_true(parts[i].at + parts[i].size <= parts[i + 1].at);
		assert_int_equal((uintptr_t)parts[i].at % 64, 0);
	}
	assert_ptr_equal(slot_data(s, 1), s->data + SLOT_BUF_SIZE);
	assert_ptr_equal(slot_data(s, s->nbufs), (char *)s->head + s->size);
	/* A row may hold a buffer each, and some are left for output. */
	assert_true(s->nbufs > s->nrows + 64);
}

static void
test_create(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(sizes); i++) {
		struct slot s, again;
		int fd = slot_create(&s, sizes[i].nservices, sizes[i].nrows);

		assert_int_not_equal(fd, -1);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(s.nrows, sizes[i].nrows);
		check_layout(&s);
		for (uint32_t row = 0; row < s.nrows; row++)
			assert_int_equal(s.rows[row].state, ROW_FREE);
		assert_int_equal(s.head->hand.phase, HAND_NONE);
		assert_int_equal(s.head->wanted, SLOT_SERVE);
		/* What one writes the other reads, by its own pointers. */
		assert_int_equal(slot_map(&again, fd, sizes[i].nservices,
		    sizes[i].nrows), 0);
		assert_ptr_not_equal(again.head, s.head);
		check_layout(&again);
		s.rows[s.nrows - 1].id = 4711;
		slot_data(&s, s.nbufs - 1)[SLOT_BUF_SIZE - 1] = 'x';
		assert_int_equal(again.rows[s.nrows - 1].id, 4711);
		assert_int_equal(slot_data(&again,
		    s.nbufs - 1)[SLOT_BUF_SIZE - 1], 'x');
		slot_unmap(&again);
		slot_unmap(&again);	/* twice is harmless */
		slot_unmap(&s);
		close(fd);
	}
}

/* A worker that shrinks it would kill whoever reads it. */
static void
test_seals(void **state)
{
	struct slot s;
	int fd = slot_create(&s, 1, 64);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)s.size - 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, (off_t)s.size + 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, (off_t)s.size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(errno, EPERM);
	slot_unmap(&s);
	close(fd);
}

static void
refuse(int fd, uint32_t nservices, uint32_t nrows, int errnum)
{
	struct slot s = { .size = 1 };

	errno = 0;
	assert_int_equal(slot_map(&s, fd, nservices, nrows), -1);
	assert_int_equal(errno, errnum);
}

static void
test_map_refuses(void **state)
{
	struct slot s;
	int fd = slot_create(&s, 1, 64), empty, null;

	(void)state;
	assert_int_not_equal(fd, -1);
	s.head->version++;
	refuse(fd, 1, 64, EPROTO);
	s.head->version--;
	s.head->magic++;
	refuse(fd, 1, 64, EPROTO);
	s.head->magic--;
	s.head->row_size++;
	refuse(fd, 1, 64, EPROTO);
	s.head->row_size--;
	refuse(fd, 1, 20000, EPROTO);	/* it would be read behind its end */
	refuse(fd, 128, 64, EPROTO);
	slot_unmap(&s);
	close(fd);
	refuse(fd, 1, 64, EBADF);
	empty = memfd_create("empty", MFD_CLOEXEC);
	refuse(empty, 1, 64, EPROTO);
	close(empty);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	refuse(null, 1, 64, EPROTO);
	close(null);
}

/* Each class of reasons has its line. */
static void
test_ledger(void **state)
{
	struct ledger l, sum = { .open = 0 };
	struct slot s;
	int fd = slot_create(&s, 2, 64);

	(void)state;
	assert_int_not_equal(fd, -1);
	s.counts[0].accepted = 20;
	s.counts[0].ended[REASON_CLIENT] = 3;
	s.counts[0].ended[REASON_DRAIN] = 2;
	s.counts[1].accepted = 10;
	s.counts[1].ended[REASON_ACL] = 4;
	s.counts[1].ended[REASON_DESCRIPTORS] = 1;
	s.counts[1].ended[REASON_HANDED] = 5;
	s.counts[1].ended[REASON_CRASH] = 6;
	for (int i = 0; i < 9; i++)
		s.rows[i * 7].state = i % 2 ? ROW_OPEN : ROW_LINGER;
	s.head->high = 57;
	slot_ledger(&s, &l);
	assert_int_equal(l.accepted, 30);
	assert_int_equal(l.closed, 5);
	assert_int_equal(l.rejected, 5);
	assert_int_equal(l.handed, 5);
	assert_int_equal(l.lost, 6);
	assert_int_equal(l.open, 9);
	assert_true(ledger_balances(&l));
	ledger_add(&sum, &l);
	ledger_add(&sum, &l);
	assert_int_equal(sum.accepted, 60);
	assert_int_equal(sum.open, 18);
	assert_true(ledger_balances(&sum));
	s.head->high = UINT32_MAX;	/* the master reads it all the same */
	slot_ledger(&s, &l);
	assert_int_equal(l.open, 9);
	s.counts[0].accepted++;
	slot_ledger(&s, &l);
	assert_false(ledger_balances(&l));
	slot_unmap(&s);
	close(fd);
}

static void
test_counts_add(void **state)
{
	struct slot_counts a, sum = { .accepted = 1 };

	(void)state;
	memset(&a, 0, sizeof a);
	a.accepted = 2;
	a.requests = 3;
	a.bytes_in = 4;
	a.bytes_out = 5;
	for (int r = 0; r < REASON_COUNT; r++)
		a.ended[r] = (uint64_t)r;
	counts_add(&sum, &a);
	counts_add(&sum, &a);
	assert_int_equal(sum.accepted, 5);
	assert_int_equal(sum.requests, 6);
	assert_int_equal(sum.bytes_in, 8);
	assert_int_equal(sum.bytes_out, 10);
	for (int r = 0; r < REASON_COUNT; r++)
		assert_int_equal(sum.ended[r], 2 * r);
}

static void
test_client(void **state)
{
	static const struct { struct row row; const char *text; } rows[] = {
		{ { .family = AF_INET, .ip = { 127, 0, 0, 1 }, .port = 80 },
		    "127.0.0.1:80" },
		{ { .family = AF_INET6, .ip = { [15] = 1 }, .port = 65535 },
		    "[::1]:65535" },
		{ { .family = AF_UNIX, .ip = { 1, 2 }, .port = 3 }, "unix:" },
	};
	char buf[ADDR_TEXT_MAX];
	struct row wild;

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++)
		assert_string_equal(row_client(&rows[i].row, buf),
		    rows[i].text);
	/* Whatever lies in it, it is a short text. */
	memset(&wild, 0xff, sizeof wild);
	for (int family = 0; family < 256; family++) {
		wild.family = (uint8_t)family;
		assert_in_range(strlen(row_client(&wild, buf)), 0,
		    ADDR_TEXT_MAX - 1);
	}
}

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < HAND_NCALLS; i++)
		assert_non_null(hand_call_name[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_seals),
		cmocka_unit_test(test_map_refuses),
		cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_counts_add),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
