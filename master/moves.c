/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moves - starting orders, and the verdict on those that broke.
 */
#include <sys/socket.h>
#include <string.h>

#include "common/fd.h"
#include "common/move.h"
#include "master/generations.h"
#include "master/giving.h"
#include "master/moves.h"
#include "master/policy_spread.h"
#include "master/slots.h"

enum {
	CHANNEL_BYTES = 1 << 20,	/* so that a window fits */
	AGAIN_MS = 50,
	STUCK_MS = 1000			/* nothing could move: not at once */
};

static bool
has_given_rows(const struct master *m, unsigned i)
{
	const struct slot *s = &m->slot[i];
	uint32_t high = s->head->high < s->nrows ? s->head->high : s->nrows;

	for (uint32_t fd = 0; fd < high; fd++)
		if (s->rows[fd].state != ROW_FREE &&
		    (s->rows[fd].flags & ROW_F_GIVEN))
			return true;
	return false;
}

/*
 * How far the taker has published, once it takes no more by this order; false:
 * it still may.  A dead one's armed redo record counts: it will be done.
 *
 * An order that was not begun lies in the taker's channel, and would bring what
 * the giver goes on with: it is barred first, then looked at, while the taker
 * begins first and then looks whether it may (Dekker).
 */
static bool
taken_up_to(const struct master *m, const struct book_slot *giver,
    uint64_t *seq)
{
	const struct slot *s = &m->slot[giver->give_to];
	struct slot_take *t;

	*seq = 0;
	if (m->book->slots[giver->give_to].role == SLOT_UNUSED)
		return true;		/* went down with all it had taken */
	t = &s->head->takes[giver->give_take];
	if (atomic_load(&t->order) != giver->give_order)
		atomic_store(&t->barred, giver->give_order);
	if (atomic_load(&t->order) != giver->give_order)
		return true;		/* it never began, nor will */
	if (atomic_load(&t->done) != t->order &&
	    proc_alive(&slots_page(m, giver->give_to)->worker))
		return false;
	*seq = t->seq;
	if (s->head->redo.armed && s->head->redo.take == giver->give_take &&
	    s->head->redo.counter == COUNTER_MOVED_IN &&
	    s->head->redo.take_seq > *seq)
		*seq = s->head->redo.take_seq;
	return true;
}

static void
send_settle(struct master *m, unsigned i, uint64_t seq)
{
	struct msg msg = { .version = MSG_VERSION, .type = MSG_SETTLE,
	    .number = m->book->slots[i].give_order, .seq = seq };

	(void)!send(m->book->slots[i].worker_fd, &msg, sizeof msg,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* How many its order has brought to the taker so far. */
static uint64_t
taken(const struct master *m, const struct book_slot *giver)
{
	const struct slot_take *t;

	if (m->book->slots[giver->give_to].role == SLOT_UNUSED)
		return 0;
	t = &m->slot[giver->give_to].head->takes[giver->give_take];
	return t->order == giver->give_order ? t->seq : 0;
}

static void
log_moved(const struct master *m, unsigned i, uint64_t connections)
{
	const struct book_slot *bs = &m->book->slots[i];
	struct log_rec r;

	log_begin(&r, LOG_L_INFO, LOG_WORKER_MOVED, "connections moved");
	log_uint(&r, "slot", i + 1);
	log_uint(&r, "to_slot", bs->give_to + 1);
	log_uint(&r, "connections", connections);
	log_end(&r);
}

void
moves_end(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	uint64_t connections = taken(m, bs);

	if (bs->give_open && connections > 0)
		log_moved(m, i, connections);
	if (connections == 0)
		bs->give_again_ms = m->now_ms + STUCK_MS;
	bs->give_open = false;
}

/* False: the order waits in the channel, or will never be begun.  Who was asked
 * may have died with it just read; barred as in taken_up_to(). */
static bool
has_begun(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	struct slot_give *g = &m->slot[i].head->give;

	if (atomic_load(&g->order) == bs->give_order)
		return true;
	if (bs->give_birth == slots_page(m, i)->worker.births)
		return false;
	atomic_store(&g->barred, bs->give_order);
	if (atomic_load(&g->order) == bs->give_order)
		return true;
	bs->give_open = false;
	return false;
}

/* The order i gives by: over and settled, or when to look again. */
static int64_t
order_review(struct master *m, unsigned i)
{
	struct book_slot *bs = &m->book->slots[i];
	const struct slot_give *g = &m->slot[i].head->give;
	bool alive = proc_alive(&slots_page(m, i)->worker);
	uint64_t seq;

	if (!has_begun(m, i))
		return INT64_MAX;
	if (alive && (!slots_is_ready(m, i) ||
	    atomic_load(&g->done) != g->order))
		return INT64_MAX;	/* it runs: MSG_MOVED will come */
	if (!has_given_rows(m, i)) {
		moves_end(m, i);
		return INT64_MAX;
	}
	if (!alive)
		/* its successor is waited for */
		return INT64_MAX;
	if (taken_up_to(m, bs, &seq))
		send_settle(m, i, seq);
	return m->now_ms + AGAIN_MS;
}

/* A take of slot t that no order uses, SLOT_TAKES: none. */
static unsigned
take_free(const struct master *m, unsigned t)
{
	for (unsigned n = 0; n < SLOT_TAKES; n++) {
		const struct slot_take *take = &m->slot[t].head->takes[n];
		bool used = atomic_load(&take->done) != take->order;

		for (unsigned i = 0; i < BOOK_SLOTS && !used; i++)
			used = m->book->slots[i].give_open &&
			    m->book->slots[i].give_to == t &&
			    m->book->slots[i].give_take == n;
		if (!used)
			return n;
	}
	return SLOT_TAKES;
}

/* Services by name: the taker may have another config. */
static void
map_services(const struct master *m, unsigned from, unsigned to,
    struct move_order *what)
{
	const struct book_slot *a = &m->book->slots[from];
	const struct book_slot *b = &m->book->slots[to];

	what->nservices = a->nservices;
	for (unsigned i = 0; i < MOVE_SERVICES; i++)
		what->map[i] = MOVE_NOWHERE;
	for (unsigned i = 0; i < a->nservices && i < MOVE_SERVICES; i++)
		what->map[i] = (uint16_t)(a->generation == b->generation ? i :
		    generations_map(m, a->generation, i, b->generation));
}

static void
order_start(struct master *m, unsigned from, unsigned to, uint32_t count)
{
	struct book_slot *bs = &m->book->slots[from];
	struct { struct msg msg; struct move_order what; } give;
	struct msg take = { .version = MSG_VERSION, .type = MSG_TAKE };
	int bytes = CHANNEL_BYTES, sp[2];

	take.kind = take_free(m, to);
	if (take.kind == SLOT_TAKES || socketpair(AF_UNIX, SOCK_SEQPACKET |
	    SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sp) == -1)
		return;
	if (setsockopt(sp[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes,
	    sizeof bytes) == -1)
		setsockopt(sp[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	memset(&give, 0, sizeof give);
	give.msg = (struct msg){ .version = MSG_VERSION, .type = MSG_GIVE };
	give.what.count = count;
	map_services(m, from, to, &give.what);
	bs->give_to = to;
	bs->give_take = take.kind;
	bs->give_count = count;
	bs->give_birth = slots_page(m, from)->worker.births;
	bs->give_order = take.number = give.msg.number = ++m->book->next_order;
	bs->give_open = true;		/* from here on a new master knows */
	/* Whoever does not get its end: the other one sees the end of it. */
	(void)!fd_send(m->book->slots[to].worker_fd, &take, sizeof take,
	    &sp[1], 1);
	if (fd_send(bs->worker_fd, &give, sizeof give, &sp[0], 1) == -1)
		bs->give_open = false;
	fd_close(&sp[0]);
	fd_close(&sp[1]);
}

/* What an order has not brought yet. */
static uint64_t
still_to_come(const struct master *m, const struct book_slot *giver)
{
	uint64_t n;

	if (m->book->slots[giver->give_to].role == SLOT_UNUSED)
		return 0;
	n = taken(m, giver);
	return n < giver->give_count ? giver->give_count - n : 0;
}

/* The slots as the policy sees them; what is on its way counts as arrived. */
static size_t
spread_fill(const struct master *m, struct spread_slot s[BOOK_SLOTS])
{
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct book_slot *bs = &m->book->slots[i];

		s[i] = (struct spread_slot){ .used = bs->role != SLOT_UNUSED };
		if (!s[i].used)
			continue;
		s[i].connections = slots_open(m, i);
		s[i].capacity = bs->nrows - SLOT_RESERVE;
		s[i].ready = slots_is_ready(m, i);
		s[i].retiring = bs->role == SLOT_RETIRING ||
		    giving_lives(m, i);
		s[i].gives = bs->give_open || bs->give_again_ms > m->now_ms;
	}
	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		const struct book_slot *bs = &m->book->slots[i];
		uint64_t n = bs->give_open ? still_to_come(m, bs) : 0;

		s[bs->give_to].connections += n;
		s[i].connections -= n < s[i].connections ? n :
		    s[i].connections;
	}
	return BOOK_SLOTS;
}

int64_t
moves_review(struct master *m)
{
	struct spread_slot s[BOOK_SLOTS];
	int64_t next = INT64_MAX, at;
	struct spread_move move;

	for (unsigned i = 0; i < BOOK_SLOTS; i++) {
		if (m->book->slots[i].role == SLOT_UNUSED)
			continue;
		at = m->book->slots[i].give_open ? order_review(m, i) :
		    INT64_MAX;
		next = at < next ? at : next;
		at = m->book->slots[i].give_again_ms;
		next = at > m->now_ms && at < next ? at : next;
	}
	if (m->book->leaving || slots_count(m, SLOT_SERVING) +
	    slots_count(m, SLOT_RETIRING) < 2)
		return next;
	for (int n = 0; n < BOOK_SLOTS; n++) {
		if (!policy_spread(s, spread_fill(m, s), &move))
			break;
		order_start(m, move.from, move.to, move.count);
		if (!m->book->slots[move.from].give_open)
			return m->now_ms + AGAIN_MS;
	}
	return next;
}
