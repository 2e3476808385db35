/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_quarantine - the rules of quarantine, see the header.
 *
 * A master may die in here: an entry is counted after it is filled, and a crash
 * has its life last.
 */
#include <string.h>

#include "master/policy_quarantine.h"

static bool
is_same(const struct cidr *a, const struct cidr *b)
{
	return a->bits == b->bits && cidr_overlap(a, b);
}

static bool
is_known(const struct quarantine_state *st, uint64_t life)
{
	for (int i = 0; i < QUARANTINE_CRASHES; i++)
		if (st->crashes[i].life == life)
			return true;
	return false;
}

static void
remember(struct quarantine_state *st, const struct quarantine_event *ev)
{
	struct quarantine_crash *c =
	    &st->crashes[st->next++ % QUARANTINE_CRASHES];

	c->life = 0;
	c->client = ev->client;
	c->at_ms = ev->now_ms;
	c->life = ev->life;
}

static uint32_t
count(const struct quarantine_state *st, const struct quarantine_event *ev,
    int64_t window_ms)
{
	uint32_t n = 0;

	for (int i = 0; i < QUARANTINE_CRASHES; i++) {
		const struct quarantine_crash *c = &st->crashes[i];

		n += c->life != 0 && is_same(&c->client, &ev->client) &&
		    ev->now_ms - c->at_ms < window_ms;
	}
	return n;
}

static struct quarantine_client *
find(struct quarantine_state *st, const struct cidr *client)
{
	for (uint32_t i = 0; i < st->n; i++)
		if (is_same(&st->clients[i].client, client))
			return &st->clients[i];
	return NULL;
}

static void
take_out(struct quarantine_state *st, uint32_t i,
    struct quarantine_client *gone)
{
	*gone = st->clients[i];
	st->clients[i] = st->clients[st->n - 1];
	st->n--;
}

/* A place for one more: where the list is full, the one that goes first. */
static struct quarantine_client *
place(struct quarantine_state *st)
{
	struct quarantine_client gone;
	uint32_t first = 0;

	if (st->n < QUARANTINE_CLIENTS)
		return &st->clients[st->n];
	for (uint32_t i = 1; i < st->n; i++)
		if (st->clients[i].until_ms < st->clients[first].until_ms)
			first = i;
	take_out(st, first, &gone);
	return &st->clients[st->n];
}

enum quarantine_what
quarantine_crashed(struct quarantine_state *st,
    const struct quarantine_conf *conf, const struct quarantine_event *ev)
{
	struct quarantine_client *c;
	uint32_t n;

	if (conf->crashes == 0)
		return QUARANTINE_OFF;
	if (is_known(st, ev->life))
		return QUARANTINE_KNOWN;
	remember(st, ev);
	if (ev->exempt)
		return QUARANTINE_EXEMPT;
	n = count(st, ev, conf->window_ms);
	c = find(st, &ev->client);
	if (c != NULL) {		/* by a connection it had before */
		c->crashes++;
		c->until_ms = ev->now_ms + conf->time_ms;
		return QUARANTINE_LONGER;
	}
	if (n < conf->crashes || n < QUARANTINE_LIVES)
		return QUARANTINE_NOT_YET;
	if (ev->held > QUARANTINE_FEW &&
	    ev->held * QUARANTINE_SHARE > ev->open)
		return QUARANTINE_TOO_MANY;
	c = place(st);
	*c = (struct quarantine_client){ .client = ev->client, .crashes = n,
	    .since_ms = ev->now_ms, .until_ms = ev->now_ms + conf->time_ms };
	st->n++;
	return QUARANTINE_BEGIN;
}

bool
quarantine_expire(struct quarantine_state *st, int64_t now_ms,
    struct quarantine_client *gone)
{
	for (uint32_t i = 0; i < st->n; i++)
		if (st->clients[i].until_ms <= now_ms) {
			take_out(st, i, gone);
			return true;
		}
	return false;
}

bool
quarantine_forgive(struct quarantine_state *st, const struct cidr *c,
    struct quarantine_client *gone)
{
	for (uint32_t i = 0; i < QUARANTINE_CRASHES; i++)
		if (cidr_overlap(&st->crashes[i].client, c))
			st->crashes[i].client.family = 0;	/* nobody's */
	for (uint32_t i = 0; i < st->n; i++)
		if (cidr_overlap(&st->clients[i].client, c)) {
			take_out(st, i, gone);
			return true;
		}
	return false;
}

int64_t
quarantine_next_ms(const struct quarantine_state *st)
{
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < st->n; i++)
		if (st->clients[i].until_ms < next)
			next = st->clients[i].until_ms;
	return next;
}
