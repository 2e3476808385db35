/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker - a worker's life: take over, say READY, turn.
 *
 * One turn: wait, read the clock, serve what is ready, look at time limits and
 * orders.  Nothing but the engine's wait blocks, and an idle worker does not
 * wake up.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "common/bug.h"
#include "common/clock.h"
#include "worker/accept.h"
#include "worker/audit.h"
#include "worker/channel.h"
#include "worker/conn_life.h"
#include "worker/crash.h"
#include "worker/leave.h"
#include "worker/move.h"
#include "worker/recover.h"
#include "worker/service/service.h"
#include "worker/share.h"

enum {
	/* records may wait this long in the batch */
	LOG_WAIT_MS = 20,
	LOG_ENOUGH = 16384		/* bytes that are written at once */
};

static void *
map_array(size_t n, size_t size)
{
	void *at = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Private memory: pages are paid for when they are touched.  No descriptor is
 * opened here, recovery comes first. */
static int
worker_open(struct worker *w, const struct worker_args *args)
{
	uint32_t nrows = args->slot.nrows;
	unsigned n = args->slot.nservices;

	*w = (struct worker){ .args = args, .conf = args->conf,
	    .slot = args->slot, .later_head = LATER_END, .reserve_fd = -1 };
	w->nlisteners = w->slot.head->deaf ? 0 : args->nlisteners;
	w->only_gives = args->birth != 0 &&
	    atomic_load(&w->slot.head->give_life) == args->birth;
	w->retired = w->only_gives;
	w->load = &args->commons->load[args->number - 1];
	w->engine = engine_find(args->conf->engine);
	w->now_ms = clock_mono_ms();
	/* Descriptors of ours may lie above the rows, connections may not. */
	w->watch = map_array(nrows + SLOT_RESERVE, sizeof *w->watch);
	w->give.fd = -1;
	for (int i = 0; i < SLOT_TAKES; i++)
		w->take_fd[i] = -1;
	w->later_next = map_array(nrows, sizeof *w->later_next);
	w->service = map_array(n, sizeof *w->service);
	w->shared = map_array(n, sizeof *w->shared);
	if (w->watch == NULL || w->later_next == NULL || w->service == NULL ||
	    w->shared == NULL || w->engine == NULL ||
	    timers_open(&w->timers, nrows) == -1 ||
	    pool_open(&w->pool, w->slot.nbufs) == -1)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		w->service[i] = service_find(w->conf->services[i].handler);
		if (w->service[i] == NULL)
			return -1;
		if (!w->only_gives)
			w->shared[i] = w->service[i]->configure(
			    &w->conf->services[i]);
	}
	return 0;
}

/* This slot's part of the server's limit, and what its table holds. */
static uint32_t
open_limit(const struct worker *w)
{
	uint64_t all = w->conf->max_connections, fit = w->slot.nrows;
	unsigned workers = conf_workers(w->conf);
	uint32_t highest = 0;

	for (unsigned i = 0; i < w->args->nkeep; i++)
		if (w->args->keep_fds[i] > (int)highest)
			highest = (uint32_t)w->args->keep_fds[i];
	fit = fit > highest + 8 ? fit - highest - 8 : 1;
	all = (all + workers - 1) / workers;
	return (uint32_t)(all != 0 && all < fit ? all : fit);
}

static int
worker_begin(struct worker *w)
{
	struct recovery rec = { .lost = 0 };
	int kept;
	struct slot_head *h = w->slot.head;

	atomic_store(&h->state, SLOT_STARTING);
	log_use_batch(w->slot.log);
	if (crash_open(h) == -1)
		return -1;
	recover_rows(w, &rec);
	log_flush_batch(w->slot.log);	/* checked: a dead one's, or torn */
	kept = w->engine->open(w);
	rec.engine_kept = kept == 1;
	if (kept == -1 ||
	    w->engine->set(w, w->args->channel_fd, 0, ENGINE_IN, 1) == -1)
		return -1;
	w->watch[w->args->channel_fd].what = WATCH_CHANNEL;
	w->max_open = open_limit(w);
	recover_resume(w, &rec);
	if (rec.successor) {
		struct log_rec r;

		log_begin(&r, LOG_L_INFO, LOG_WORKER_ADOPTED,
		    "took over %u connections", (unsigned)h->adopted);
		log_uint(&r, "adopted", h->adopted);
		log_uint(&r, "newcomers", h->newcomers);
		log_uint(&r, "lost", rec.lost);
		log_uint(&r, "took_us", h->adopt_us);
		log_end(&r);
	}
	return w->only_gives ? 0 : accept_open(w);
}

static int64_t
earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int
wait_time(const struct worker *w)
{
	int64_t at = timers_next(&w->timers);

	at = earliest(at, accept_next(w));
	at = earliest(at, leave_next(w));
	if (w->slot.log->len > 0)
		at = earliest(at, w->log_since_ms + LOG_WAIT_MS);
	if (conn_any_later(w) || give_has_more(w) || at <= w->now_ms)
		return 0;
	if (at == INT64_MAX)
		return -1;
	return at - w->now_ms < INT32_MAX ? (int)(at - w->now_ms) : INT32_MAX;
}

static void
dispatch(struct worker *w, const struct engine_ready *e)
{
	switch (w->watch[e->fd].what) {
	case WATCH_CONN:
		conn_event(w, e->fd, e->gen, e->events);
		break;
	case WATCH_LISTENER:
		accept_some(w, e->fd);
		break;
	case WATCH_CHANNEL:
		channel_read(w);
		break;
	case WATCH_GIVE:
		give_read(w);
		break;
	case WATCH_TAKE:
		take_read(w, e->fd);
		break;
	default:
		break;			/* closed in this very turn */
	}
}

static void
write_log(struct worker *w)
{
	uint32_t len = w->slot.log->len;

	if (len == 0) {
		w->log_since_ms = 0;
		return;
	}
	if (w->log_since_ms == 0)
		w->log_since_ms = w->now_ms;
	if (len < LOG_ENOUGH && w->now_ms - w->log_since_ms < LOG_WAIT_MS)
		return;
	/* log_dropped() counts what did not go */
	(void)log_flush();
	w->log_since_ms = 0;
}

/*
 * busy and watched, the liveness of DESIGN section 3: the master watches only
 * those who say that they are busy, so nobody wakes up when nobody is.  The
 * store of busy and the load of watched must not change places, nor must the
 * master's store of watched and load of busy, else both miss each other.
 */
static int
wait_ready(struct worker *w, struct engine_ready *ready)
{
	struct slot_head *h = w->slot.head;
	int timeout_ms = wait_time(w), n;

	atomic_store_explicit(&h->busy, 0, memory_order_release);
	n = w->engine->wait(w, ready, timeout_ms);
	if (n == -1)
		bug("the engine cannot wait");	/* its descriptor is gone */
	atomic_store(&h->busy, 1);
	atomic_fetch_add_explicit(&h->turns, 1, memory_order_relaxed);
	w->now_ms = clock_mono_ms();
	if (!atomic_load(&h->watched)) {
		atomic_store(&h->watched, 1);
		channel_tell(w, MSG_WATCH);
	}
	return n;
}

static void
turn(struct worker *w, struct engine_ready *ready)
{
	int n = wait_ready(w, ready), fd;

	for (int i = 0; i < n; i++)
		dispatch(w, &ready[i]);
	conn_resume_later(w);
	while ((fd = timers_pop(&w->timers, w->now_ms)) != -1)
		conn_expire(w, fd);
	leave_review(w);
	give_some(w);
	accept_review(w);
	accept_look(w);
	audit_answer(w);
	write_log(w);
}

_Noreturn void
worker_main(const struct worker_args *args)
{
	static struct worker w;
	static struct engine_ready ready[ENGINE_BATCH];

	if (worker_open(&w, args) == -1 || worker_begin(&w) == -1) {
		struct log_rec r;

		log_begin(&r, LOG_L_ERROR, LOG_WORKER_EXIT,
		    "worker cannot begin to serve");
		log_errno(&r, errno);
		log_end(&r);
		log_flush();
		_exit(WORKER_EXIT_START);
	}
	atomic_store(&w.slot.head->state,
	    w.only_gives ? SLOT_LEAVING : SLOT_READY);
	share_ready(&w, !w.only_gives);
	channel_tell(&w, MSG_READY);
	while (!leave_is_done(&w))
		turn(&w, ready);
	log_flush();
	_exit(WORKER_EXIT_DONE);
}

const char *
worker_engine_name(const char *conf_name)
{
	const struct engine *e = engine_find(conf_name);

	return e == NULL ? NULL : e->name;
}

void
worker_print_features(FILE *out)
{
	fprintf(out, "services:");
	for (const struct service *const *s = services; *s != NULL; s++)
		fprintf(out, " %s", (*s)->section.handler);
	fprintf(out, "\nengines:");
	for (const struct engine *const *e = engines; *e != NULL; e++)
		fprintf(out, " %s", (*e)->name);
	fprintf(out, "\n");
}
