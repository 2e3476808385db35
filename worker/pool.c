/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - a stack of freed buffers and a mark below which all were used once.
 *
 * Last in, first out, so that few pages are ever touched.
 */
#include <sys/mman.h>
#include <stddef.h>

#include "worker/pool.h"

int
pool_open(struct pool *p, uint32_t nbufs)
{
	size_t size = (size_t)nbufs * (sizeof *p->stack + sizeof *p->used);
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	*p = (struct pool){
		.stack = (uint32_t *)at,
		.used = (uint8_t *)at + (size_t)nbufs * sizeof *p->stack,
		.fresh = 1,			/* 0 means none */
		.nbufs = nbufs,
	};
	return 0;
}

bool
pool_mark(struct pool *p, uint32_t buf)
{
	if (buf == 0 || buf >= p->nbufs || p->used[buf])
		return false;
	p->used[buf] = 1;
	if (buf >= p->fresh)
		p->fresh = buf + 1;
	return true;
}

void
pool_rebuilt(struct pool *p)
{
	p->nstack = 0;
	for (uint32_t buf = p->fresh; buf-- > 1; )
		if (!p->used[buf])
			p->stack[p->nstack++] = buf;
}

uint32_t
pool_take(struct pool *p)
{
	if (p->nstack > 0)
		return p->stack[--p->nstack];
	return p->fresh < p->nbufs ? p->fresh++ : 0;
}

void
pool_give(struct pool *p, uint32_t buf)
{
	if (buf != 0)
		p->stack[p->nstack++] = buf;
}

uint32_t
pool_left(const struct pool *p)
{
	return p->nstack + (p->nbufs - p->fresh);
}
