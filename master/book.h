/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * book - what the server must remember while no master lives.
 *
 * One memfd, mapped by anchor and master.  Level-triggered truth: the kernel
 * writes a child's pid here before the child runs (CLONE_PARENT_SETTID), the
 * anchor its end and the signals that came, the master what it has opened and
 * decided.  So a master may die between any two instructions, and the next
 * one goes on.  A second memfd has a page for each slot, of which a keeper
 * maps its own only; workers map neither.
 */
#ifndef MASTER_BOOK_H
#define MASTER_BOOK_H

#include <sys/types.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "common/addr.h"
#include "common/slot.h"
#include "master/listen.h"
#include "master/policy_liveness.h"
#include "master/policy_quarantine.h"
#include "master/policy_restart.h"
#include "master/state.h"

enum {
	BOOK_MAGIC = 0x62656c61, BOOK_VERSION = 1,
	BOOK_SLOTS = 256, BOOK_LISTENERS = 256, BOOK_SERVICES = 128,
	BOOK_GENERATIONS = 16, BOOK_PAGE = 4096
};

/*
 * A child.  Alive while it has a pid and births != deaths; one writer of each
 * field.  The pid is cleared before clone and stored by the kernel in it, so a
 * maker that dies in between leaves no child that only seems to live.
 */
struct proc {
	volatile pid_t pid;		/* the kernel, through clone */
	_Atomic uint32_t births;	/* its maker, before clone */
	_Atomic uint32_t deaths;	/* the anchor, last */
	_Atomic int status;		/* the anchor: wait status */
	_Atomic uint32_t stops;		/* the anchor: stopped or went on */
	int64_t born_ms;
};

/* A keeper's own page: its worker. */
struct book_page {
	struct proc worker;
	_Atomic uint32_t failed;	/* the birth that clone refused ... */
	_Atomic int failed_errno;	/* ... and why */
};

enum book_role {
	SLOT_UNUSED,
	SLOT_FRESH,			/* of a reload that is not committed */
	SLOT_SERVING,
	SLOT_RETIRING			/* gives away what it has */
};

struct book_slot {
	uint32_t role;			/* enum book_role */
	uint32_t wanted;		/* enum slot_wanted, as ordered */
	uint32_t nrows, nservices;
	uint32_t generation;
	struct proc keeper;
	int mem_fd;			/* the slot's memory */
	int keeper_fd, worker_fd;	/* our ends of its two channels */
	uint32_t born, dead;		/* births and deaths acted upon */
	uint32_t born0;			/* born when the slot was made */
	uint32_t ready;			/* the birth whose READY was noted */
	uint32_t backoff_noted;		/* the restart whose wait was logged */
	uint32_t chan_msgs;		/* messages since chan_since_ms */
	int64_t chan_since_ms;
	int64_t leave_ms;		/* told to leave, 0: not */
	/* the last order it was given; 0: none */
	uint64_t give_order;
	/* to which slot, by which of its takes */
	uint32_t give_to, give_take;
	uint32_t give_count;
	uint32_t give_birth;		/* of the worker that was asked */
	bool give_open;			/* not known to be settled */
	int64_t give_again_ms;		/* no order before; 0: at any time */
	struct restart_state restart;
	int64_t made_ms;
	uint32_t random;		/* its own, for recycling */
	uint32_t crashes;		/* by a fault */
	uint32_t recycle;		/* enum recycle_why: it is replaced */
	int last_status;		/* of its last worker that served */
	/* the birth that only gives: giving.h */
	uint32_t give_life;
	uint32_t gave;			/* the restart whose wait had one */
	struct liveness_state liveness;
	uint32_t stops;			/* of its worker, as last looked at */
	int64_t abort_ms;		/* hung: SIGKILL then, 0: not hung */
	uint32_t blamed;		/* the birth we ended for what it did */
};

struct book_listener {
	int fd;
	uint64_t service_id;		/* see generations.h */
	char service[64];		/* its name, for people */
	struct addr asked;		/* as configured */
	struct addr addr;		/* as bound: the port is real */
	struct listen_file file;	/* unix only */
	bool inherited;			/* the service manager's too */
};

/* Descriptors in the table that anchor and master share; -1: none. */
enum book_fd {
	FD_BOOK, FD_PAGES, FD_COMMONS, FD_WAKE, FD_CONF, FD_CONF_NEW, FD_LOG,
	FD_PID, FD_EXE, FD_ASKER,
	FD_CONTROL, FD_READY, FD_NAMED
};

/* services of a config, see generations.h */
struct book_generation {
	uint32_t number, nservices;
	uint64_t service[BOOK_SERVICES];
};

struct book_sums {			/* of slots that are gone */
	struct slot_counts service[BOOK_SERVICES];
	struct slot_counts gone;	/* of services that are gone too */
	uint64_t cut;
};

enum reload_step {
	RELOAD_NONE,
	RELOAD_REHEARSAL,		/* upgrade: can the new binary go on? */
	RELOAD_CANARY,			/* one fresh slot must prove itself */
	RELOAD_REST,			/* the others */
	RELOAD_MOVING,			/* committed: connections move */
	RELOAD_ANCHOR			/* upgrade: the anchor is next */
};

struct book_reload {
	uint32_t step;			/* enum reload_step */
	uint32_t generation;
	bool committed;
	bool upgrade;			/* slots come from binary */
	char binary[1024];
	int64_t began_ms, canary_ms, commit_ms;
	char restart_keys[256];		/* what only a restart would change */
};

struct book_start {			/* how the server was started */
	char conf_path[1024];		/* "": the built-in default */
	bool keys;			/* foreground keys on stdin */
	bool quiet;			/* no help line for people */
	int log_format;			/* enum log_format, -1: the config's */
	bool foreground;
	char exe[1024];			/* the file of this executable */
	unsigned inherited;		/* sockets, until they are listeners */
	char inherited_names[1024];	/* parted by colons */
};

struct book {
	uint32_t magic, version;
	struct book_start start;
	int fd[FD_NAMED];
	int log_kind;
	char log_target[512];		/* what FD_LOG is open on */
	uid_t uid;			/* what slots become, if drop */
	gid_t gid;
	bool drop;
	struct proc master;
	_Atomic uint32_t signals[64];	/* the anchor: how many came */
	uint32_t signals_done[64];	/* the master: how many it acted upon */
	_Atomic uint32_t ready;		/* the server served once */
	_Atomic uint32_t gone;		/* the master has left for good */
	/* the anchor shall execute reload.binary */
	_Atomic uint32_t reexec;
	_Atomic int exec_errno;		/* the anchor: why it could not */
	_Atomic uint32_t exit_code;
	_Atomic uint64_t turn;		/* state and the signal that led there,
					   in one store: see transition.c */
	/* enum mstate; only its setter writes */
	uint32_t state;
	int64_t state_since_ms;
	int64_t delay_until_ms;		/* drain_delay, 0: not or over */
	int64_t deadline_ms;		/* of the state, 0: none */
	bool leaving;			/* workers are told to leave */
	bool shut;			/* newcomers are held off */
	int64_t started_us;		/* CLOCK_REALTIME */
	struct book_reload reload;
	uint32_t generation;
	uint32_t workers;		/* wanted, by config or scale */
	uint64_t next_order;		/* of moves */
	struct book_generation generations[BOOK_GENERATIONS];
	uint32_t nlisteners;
	struct book_listener listeners[BOOK_LISTENERS];
	struct listen_file control_file;
	struct book_slot slots[BOOK_SLOTS];
	struct quarantine_state quarantine;
	struct book_sums retired, retired_next;	/* see retire.h */
	uint32_t retiring;		/* slot + 1 whose sums are in next */
	uint64_t audit_number;		/* of the question asked last */
	bool tty_saved;
	struct termios tty;		/* as it was before the keys */
};

/* Makes book and pages.  Returns the mapping, or NULL with errno. */
struct book *book_create(void);
struct book_page *book_map_pages(const struct book *b);	/* all; NULL: errno */

bool	proc_alive(const struct proc *p);
/*
 * clone(2) with flags, the pid stored in p by the kernel before the child
 * runs, so that no death is ever anonymous.  Legacy clone: container profiles
 * refuse clone3.  Returns 0 in the child, the pid, or -1 with errno and p as
 * it was.
 */
pid_t	proc_clone(struct proc *p, unsigned long flags);
/*
 * Race-free: by pidfd, and p is alive after that was opened.  A slot can write
 * its own page, so only a child of parent is signalled.  0, or -1.
 */
int	proc_kill(const struct proc *p, int sig, pid_t parent);

#endif
