/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer - a binary heap with each descriptor's place in it.
 */
#include <sys/mman.h>
#include <stddef.h>

#include "worker/timer.h"

int
timers_open(struct timers *t, uint32_t nrows)
{
	size_t n = nrows;
	char *at = mmap(NULL, n * (sizeof *t->when + 2 * sizeof *t->heap),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	*t = (struct timers){
		.when = (int64_t *)at,
		.heap = (uint32_t *)(at + n * sizeof *t->when),
		.place = (uint32_t *)(at + n * sizeof *t->when) + n,
	};
	return 0;
}

static void
heap_put(struct timers *t, uint32_t i, uint32_t fd)
{
	t->heap[i] = fd;
	t->place[fd] = i + 1;
}

static void
heap_up(struct timers *t, uint32_t i)
{
	uint32_t fd = t->heap[i];

	while (i > 0 && t->when[t->heap[(i - 1) / 2]] > t->when[fd]) {
		heap_put(t, i, t->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(t, i, fd);
}

static void
heap_down(struct timers *t, uint32_t i)
{
	uint32_t fd = t->heap[i], child;

	while ((child = 2 * i + 1) < t->n) {
		if (child + 1 < t->n &&
		    t->when[t->heap[child + 1]] < t->when[t->heap[child]])
			child++;
		if (t->when[t->heap[child]] >= t->when[fd])
			break;
		heap_put(t, i, t->heap[child]);
		i = child;
	}
	heap_put(t, i, fd);
}

void
timers_set(struct timers *t, int fd, int64_t when_ms)
{
	uint32_t place = t->place[fd];

	if (when_ms == 0) {
		timers_clear(t, fd);
	} else if (place == 0) {
		t->when[fd] = when_ms;
		t->heap[t->n] = (uint32_t)fd;
		heap_up(t, t->n++);
	} else if (when_ms < t->when[fd]) {
		t->when[fd] = when_ms;
		heap_up(t, place - 1);
	}
}

void
timers_clear(struct timers *t, int fd)
{
	uint32_t place = t->place[fd], last;

	if (place == 0)
		return;
	t->place[fd] = 0;
	last = t->heap[--t->n];
	if (last == (uint32_t)fd)
		return;
	heap_put(t, place - 1, last);
	heap_up(t, place - 1);
	heap_down(t, t->place[last] - 1);
}

int
timers_pop(struct timers *t, int64_t now_ms)
{
	int fd;

	if (t->n == 0 || t->when[t->heap[0]] > now_ms)
		return -1;
	fd = (int)t->heap[0];
	timers_clear(t, fd);
	return fd;
}

int64_t
timers_next(const struct timers *t)
{
	return t->n > 0 ? t->when[t->heap[0]] : INT64_MAX;
}
