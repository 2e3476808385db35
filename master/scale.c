/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scale - checks; reconcile() makes and retires the slots.
 */
#include <stdlib.h>

#include "master/reconcile.h"
#include "master/scale.h"
#include "master/slots.h"

int
scale_parse(const struct master *m, const char *word)
{
	char *end;
	long n = strtol(word, &end, 10);

	if (*word == '\0' || *end != '\0' || n > BOOK_SLOTS || n < -BOOK_SLOTS)
		return -1;
	if (*word == '+' || *word == '-')
		n += m->book->workers;
	return n < 0 ? 0 : (int)n;
}

const char *
scale_refuse(const struct master *m, int workers)
{
	uint64_t open = 0, room = 0;

	if (workers < 1)
		return "at least one worker stays";
	if (workers > BOOK_SLOTS / 2)
		return "at most 128 workers";
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role == SLOT_UNUSED)
			continue;
		open += slots_open(m, i);
		room = m->book->slots[i].nrows - SLOT_RESERVE;
	}
	if ((uint64_t)workers * room < open)
		return "so few workers cannot hold the open connections";
	return NULL;
}

bool
scale_is_done(const struct master *m)
{
	return reconcile_all_ready(m) && slots_count(m, SLOT_RETIRING) == 0;
}
