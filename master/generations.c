/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * generations - services by a hash of name and handler (FNV-1a, 64 bit).
 */
#include "common/move.h"
#include "master/generations.h"

static uint64_t
hash(uint64_t h, const char *s)
{
	do {
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	/* the NUL counts: it keeps them apart */
	} while (*s++ != '\0');
	return h;
}

uint64_t
generations_service_id(const struct conf_service *s)
{
	return hash(hash(UINT64_C(14695981039346656037), s->name), s->handler);
}

void
generations_note(struct master *m, uint32_t number, const struct conf *conf)
{
	struct book_generation *g =
	    &m->book->generations[number % BOOK_GENERATIONS];

	g->number = 0;
	g->nservices = (uint32_t)conf->nservices;
	for (unsigned i = 0; i < conf->nservices && i < BOOK_SERVICES; i++)
		g->service[i] = generations_service_id(&conf->services[i]);
	g->number = number;
}

unsigned
generations_map(const struct master *m, uint32_t from, unsigned i, uint32_t to)
{
	const struct book_generation *a =
	    &m->book->generations[from % BOOK_GENERATIONS];
	const struct book_generation *b =
	    &m->book->generations[to % BOOK_GENERATIONS];

	if (a->number != from || b->number != to || i >= a->nservices)
		return MOVE_NOWHERE;
	for (unsigned n = 0; n < b->nservices && n < BOOK_SERVICES; n++)
		if (b->service[n] == a->service[i])
			return n;
	return MOVE_NOWHERE;
}
