/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slots - the child table: making, finding, waking and ending slots.
 */
#ifndef MASTER_SLOTS_H
#define MASTER_SLOTS_H

#include "common/msg.h"
#include "master/master.h"

struct book_page *slots_page(const struct master *m, unsigned i);

/* Maps the memory of all slots in the book again, for a new master.  0, or -1
 * with errno. */
int	slots_map(struct master *m);
/* Makes a slot from a config: memory, channels, keeper.  Borrows conf, which
 * lives on in the keeper.  Its index, or -1 with errno. */
int	slots_make(struct master *m, const struct conf *conf,
	    uint32_t generation, enum book_role role);

/* Gives everything back; its keeper sees the end of its channel and leaves. */
void	slots_release(struct master *m, unsigned i);

unsigned slots_count(const struct master *m, enum book_role role);
/* Says "look" to a worker; what to look at lies in the slot. */
void	slots_wake(struct master *m, unsigned i);
/* Asks the keeper to let a worker live, by number: asking twice is harmless. */
void	slots_ask_worker(struct master *m, unsigned i);
/* Orders to leave; the worker is woken. */
void	slots_leave(struct master *m, unsigned i, enum slot_wanted how);
enum slots_said {
	SLOTS_ALL,			/* all that it had to say was read */
	SLOTS_TOO_MUCH,			/* it talks without end */
	SLOTS_END			/* nobody has the other end any more */
};
/* Reads and answers what its worker said. */
enum slots_said slots_read(struct master *m, unsigned i);

/* Drops what is queued on its channel unread. */
void	slots_drop_news(struct master *m, unsigned i);
/* Its channels are of no more use: closes our ends. */
void	slots_hang_up(struct master *m, unsigned i);

/* A living worker that can obey orders. */
bool	slots_is_ready(const struct master *m, unsigned i);
/* Rows in use, as the slot says, at most its number of rows. */
uint64_t slots_open(const struct master *m, unsigned i);

#endif
