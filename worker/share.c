/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - reading and writing load lines.
 *
 * Two workers that leave the accept set in the same instant must not both
 * succeed: each first says that it is out, then looks whether another is in
 * (Dekker), so the set is never empty.
 */
#include <string.h>

#include "common/msg.h"
#include "worker/balance.h"
#include "worker/channel.h"
#include "worker/share.h"

enum {
	SIBLINGS_MAX = 256,		/* looked at; more add nothing */
	TELL_MS = 100			/* the master is not asked more often */
};

void
share_ready(struct worker *w, bool ready)
{
	atomic_store(&w->load->ready, ready);
}

void
share_accepting(struct worker *w, bool accepting)
{
	atomic_store(&w->load->accepting, accepting);
}

static size_t
siblings(const struct worker *w, struct balance_sibling s[SIBLINGS_MAX])
{
	struct commons *all = w->args->commons;
	uint32_t nslots = atomic_load_explicit(&all->nslots,
	    memory_order_relaxed);
	size_t n = 0;

	if (nslots > COMMONS_SLOTS)
		nslots = COMMONS_SLOTS;
	for (uint32_t i = 0; i < nslots && n < SIBLINGS_MAX; i++) {
		struct load_line *l = &all->load[i];

		if (l == w->load)
			continue;
		s[n++] = (struct balance_sibling){
			.connections = atomic_load_explicit(&l->connections,
			    memory_order_relaxed),
			.ready = atomic_load(&l->ready),
			.accepting = atomic_load(&l->accepting),
		};
	}
	return n;
}

/* Would leave if only somebody else accepted: those who are out must look. */
static void
wake_those_out(struct worker *w, struct balance_sibling *s, size_t n)
{
	bool above;

	for (size_t i = 0; i < n; i++)
		s[i].accepting = s[i].ready;
	above = !balance_accept(w->open, true, s, n);
	if (above && w->now_ms - w->told_balance_ms >= TELL_MS) {
		channel_tell(w, MSG_BALANCE);
		w->told_balance_ms = w->now_ms;
	}
}

bool
share_is_above(struct worker *w)
{
	struct balance_sibling s[SIBLINGS_MAX];
	size_t n;

	if (w->open <= BALANCE_SLACK && w->accepting &&
	    w->load->accepting)
		return false;
	n = siblings(w, s);
	if (balance_accept(w->open, w->accepting, s, n)) {
		if (w->accepting) {
			share_accepting(w, true);	/* a look back */
			wake_those_out(w, s, n);
		}
		return false;
	}
	if (!w->accepting)
		return true;
	share_accepting(w, false);
	n = siblings(w, s);
	if (!balance_accept(w->open, true, s, n))
		return true;
	share_accepting(w, true);
	return false;
}
