/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * move - the protocol of common/move.h, with deaths at any step.
 *
 * One giver slot, one taker slot, a master; a seqpacket pair for each order,
 * whose messages stay readable when the sender is gone and are lost when the
 * receiver is.  What is `shared` below outlives a worker: slot memory, book,
 * descriptor tables (the keepers').  Each step stores or reads one shared
 * thing; what a process keeps to itself costs no step.
 *
 *	-DN		connections
 *	-DORDERS	how many orders the master gives, one after another
 *	-DDEATHS_G, _T, _M	of giver, taker, master
 *	-DGONE		the taker's keeper may die too: its table is gone
 *	-DMUTANT	breaks one rule, see run.sh: it must be found
 *	-DLIVE		the liveness property, else safety and rest
 */
#ifndef N
#define N 2
#endif
#ifndef ORDERS
#define ORDERS 2
#endif
#ifndef DEATHS_G
#define DEATHS_G 1
#endif
#ifndef DEATHS_T
#define DEATHS_T 1
#endif
#ifndef DEATHS_M
#define DEATHS_M 1
#endif
#ifndef GONE
#define GONE 0
#endif
#ifndef MUTANT
#define MUTANT 0
#endif
#define CAP	2		/* messages that a channel holds */

mtype = { GIVE, SETTLE }

/* A row.  GIVEN is ROW_F_GIVEN; CLOSING says that its reason is MOVED. */
#define FREE	0
#define OPEN	1
#define GIVEN	2
#define CLOSING	3

/* An end of a pair: where its one descriptor is. */
#define NOWHERE	0
#define MASTER	1
#define MSG	2
#define TABLE	3
#define SHUT	4

/* The giver's slot. */
byte g_row[N] = OPEN;
byte g_seq[N];			/* given_seq */
byte g_order, g_done, g_revoked;
bool g_alive = true, g_ready = true;
byte g_ended, g_moved;

/* The taker's slot. */
byte t_row[N];
bool t_fd[N];			/* a copy of the descriptor is in its table */
byte t_order, t_seq, t_done, t_revoked;
bool t_taking;			/* HAND_TAKE */
bool r_armed;			/* the redo record */
byte r_conn, r_seq, r_in;
bool t_alive = true, t_ready = true, t_keeper = true;
byte t_births;
byte t_in, t_ended, t_lost;

/* The book. */
byte b_order;
bool b_open, b_known;
byte b_seq;			/* the verdict, if b_known */
bool b_slot = true;		/* the taker's slot is in use */
bool m_alive = true;

/* What the kernel has. */
byte g_end[ORDERS + 1], t_end[ORDERS + 1];
chan data[ORDERS + 1] = [CAP] of { byte, byte };	/* number, connection */
chan acks[ORDERS + 1] = [N + 1] of { byte };
chan g_chan = [CAP] of { mtype, byte, byte };		/* order, seq */
chan t_chan = [CAP] of { byte };
bool gone[N];			/* the client has ended */

/* Ghosts: no code knows these. */
bool taken[N];			/* the commit of its move */
byte ended[N];			/* how often it was ended, or lost */

#define G_UP		(g_alive && g_ready)
#define T_UP		(t_alive && t_ready)
#define GIVES(c)	(g_row[c] == GIVEN)
#if N == 2
#define ANY_GIVEN	(GIVES(0) || GIVES(1))
#define ONE_OWNER	(OWNED(0) && OWNED(1))
#else
#define ANY_GIVEN	(GIVES(0) || GIVES(1) || GIVES(2))
#define ONE_OWNER	(OWNED(0) && OWNED(1) && OWNED(2))
#endif

/* At rest: served by one, or ended once. */
#define OWNED(c)	((g_row[c] == OPEN) + (t_row[c] == OPEN) + ended[c] \
			== 1 && g_row[c] <= OPEN)

inline close_g(o)		/* the giver's end: its acknowledgements go */
{
	d_step {
		g_end[o] = SHUT;
		do
		:: nempty(acks[o]) -> acks[o]?_
		:: else -> break
		od
	}
}

inline close_t(o)		/* the taker's: what is on its way goes */
{
	d_step {
		t_end[o] = SHUT;
		do
		:: nempty(data[o]) -> data[o]?_,_
		:: else -> break
		od
	}
}

inline check_two()		/* after each store that makes an owner */
{
	assert(!(g_row[c] == OPEN && t_row[c] == OPEN));
	assert(ended[c] == 0)
}

/* ------------------------------------------------------------- giver ---- */

inline drop(x)			/* conn_abandon(REASON_MOVED) */
{
	atomic {
		assert(MUTANT == 1 || taken[x]);
		g_row[x] = CLOSING
	};
	atomic { g_row[x] = FREE; g_moved++ }
}

inline adopt(x)			/* serves on */
{
	atomic {
		g_row[x] = OPEN;
		assert(!taken[x])
	}
}

inline give_end()
{
	close_g(fd);
	atomic { g_done = g_order; fd = 0; seq = 0; acked = 0; cur = 0;
		blocked = false }
}

inline give_begin()
{
	if
	:: fd != 0 -> close_g(o)
	:: fd == 0 ->
		g_order = o;
		if
		:: g_revoked >= o ->
			close_g(o);
			g_done = o
		:: atomic { g_revoked < o -> fd = o; cur = 0; seq = 0;
			acked = 0; blocked = false }
		fi
	fi
}

inline give_settle()
{
	if
	:: atomic { o == g_order && fd == o -> skip };
		give_end()
	:: else -> skip
	fi;
	if
	:: o == g_order && fd == 0 ->
		c = 0;
		do
		:: c < N && GIVES(c) && g_seq[c] <= s -> drop(c); c++
		:: c < N && GIVES(c) && g_seq[c] > s -> adopt(c); c++
		:: c < N && !GIVES(c) -> c++
		:: c == N -> c = 0; break
		od
	:: else -> skip
	fi
}

inline give_one()
{
	atomic {
		fd != 0 && cur < N && g_row[cur] == OPEN && !blocked ->
		g_seq[cur] = seq + 1;
		g_row[cur] = GIVEN
	};
	if
	:: atomic { t_end[fd] != SHUT && nfull(data[fd]) ->
		data[fd]!seq + 1,cur; seq++;
#if MUTANT == 1
		c = cur;
#endif
		cur++ };
#if MUTANT == 1
		drop(c); c = 0
#endif
	/* Full, gone, or the kernel is out of something. */
	:: atomic { g_row[cur] = OPEN; blocked = true }
	fi
}

inline give_read()
{
	atomic { fd != 0 && nempty(acks[fd]) -> acks[fd]?s; blocked = false };
	do
	:: acked < s ->
		atomic {
			acked++;
			c = 0;
			do
			:: c < N && (!GIVES(c) || g_seq[c] != acked) -> c++
			:: else -> break
			od
		};
		if
		:: c < N -> drop(c)
		:: else -> assert(MUTANT == 1)
		fi;
		c = 0
	:: else -> s = 0; break
	od
}

inline recover_g()
{
	c = 0;
	do
	:: atomic { c < N ->
		if
		:: g_row[c] == CLOSING -> g_row[c] = FREE; g_moved++
#if MUTANT == 10
		:: GIVES(c) -> g_row[c] = OPEN; assert(!taken[c])
#endif
		:: else -> skip
		fi;
		c++ }
	:: atomic { c == N -> c = 1 ; break }
	od;
	do
	:: c <= ORDERS && g_end[c] == TABLE -> close_g(c); c++
	:: atomic { c <= ORDERS && g_end[c] != TABLE -> c++ }
	:: atomic { c > ORDERS -> c = 0; break }
	od;
	g_done = g_order;
	g_ready = true
}

active proctype giver()
{
	byte fd, seq, acked, cur, c, o, s;
	bool blocked;

	goto serve;
begin:
	{
		recover_g();
serve:
end:
		do
		:: atomic { g_chan?GIVE,o,_ -> g_end[o] = TABLE };
			give_begin();
			o = 0
		:: atomic { g_chan?SETTLE,o,s };
			give_settle();
			atomic { o = 0; s = 0 }
		:: give_one()
		:: atomic { fd != 0 && cur < N && g_row[cur] != OPEN -> cur++ }
		:: give_read()
		:: fd != 0 && t_end[fd] == SHUT -> give_end()
#if MUTANT == 11
		:: fd != 0 && acked == seq && cur >= N -> give_end()
#else
		:: fd != 0 && acked == seq && (cur >= N || blocked) ->
			give_end()
#endif
		:: atomic { g_row[0] == OPEN && gone[0] ->
			g_row[0] = FREE; g_ended++; ended[0]++ }
		:: atomic { g_row[1] == OPEN && gone[1] ->
			g_row[1] = FREE; g_ended++; ended[1]++ }
#if N > 2
		:: atomic { g_row[2] == OPEN && gone[2] ->
			g_row[2] = FREE; g_ended++; ended[2]++ }
#endif
		od
	} unless {
		atomic {
			!g_alive ->
			fd = 0; seq = 0; acked = 0; cur = 0; c = 0; o = 0;
			s = 0; blocked = false;
			g_alive = true;
			goto begin
		}
	}
}

/* ------------------------------------------------------------- taker ---- */

inline take_end()
{
	close_t(fd);
	atomic { t_done = t_order; fd = 0 }
}

inline take_begin()
{
	if
	:: fd != 0 -> close_t(o)
	:: fd == 0 ->
		t_seq = 0;
		t_order = o;
		if
		:: t_revoked >= o ->
			close_t(o);
			t_done = o
		:: atomic { t_revoked < o -> fd = o }
		fi
	fi
}

/* Each store of redo_apply(): a successor does all of them again. */
inline redo_apply()
{
#if MUTANT == 3
	atomic { t_row[r_conn] = OPEN; c = r_conn; check_two(); c = 0 };
	t_in = r_in;
	t_seq = r_seq;
#else
	t_in = r_in;
	t_seq = r_seq;
	atomic { t_row[r_conn] = OPEN; c = r_conn; check_two(); c = 0 };
#endif
	atomic { r_armed = false; r_conn = 0; r_seq = 0; r_in = 0 }
}

/* A connection's row before its number, and no record of both: a mutant. */
inline publish_torn()
{
	atomic { t_row[c] = OPEN; taken[c] = true; t_in++ };
	t_seq = s
}

inline send_ack()
{
	atomic {
		if
		:: g_end[fd] != SHUT -> assert(nfull(acks[fd]));
			acks[fd]!t_seq
		:: else -> skip
		fi
	}
}

inline take_one()
{
	atomic {
		fd != 0 && nempty(data[fd]) ->
		data[fd]?s,c;
		assert(s == t_seq + 1);
		t_fd[c] = true;
#if MUTANT != 8
		t_taking = true
#endif
	};
#if MUTANT == 3
	publish_torn();
#else
#if MUTANT == 9
	t_row[c] = OPEN;		/* a copy that shows the old state */
	t_row[c] = FREE;
#endif
	atomic { r_conn = c; r_seq = s; r_in = t_in + 1; r_armed = true;
		taken[c] = true; c = 0; s = 0 };
	redo_apply();
#endif
	atomic { t_taking = false; c = 0; s = 0 };
	send_ack()
}

inline sweep_t()		/* newcomer_sweep() */
{
	do
	:: atomic { c < N ->
		if
		:: t_fd[c] && t_row[c] == FREE && t_taking -> t_fd[c] = false
		:: t_fd[c] && t_row[c] == FREE && !t_taking ->
			t_row[c] = OPEN;	/* as if accepted */
			check_two();
			assert(taken[c])
		:: else -> skip
		fi;
		c++ }
	:: atomic { c == N -> c = 1; break }
	od;
	do
	:: c <= ORDERS && t_end[c] == TABLE -> close_t(c); c++
	:: atomic { c <= ORDERS && t_end[c] != TABLE -> c++ }
	:: atomic { c > ORDERS -> c = 0; break }
	od
}

inline recover_t()
{
	if
	:: r_armed -> redo_apply()
	:: else -> skip
	fi;
	sweep_t();
	t_done = t_order;
	t_taking = false;
	t_ready = true
}

active proctype taker()
{
	byte fd, c, o, s;

	goto serve;
begin:
	{
		recover_t();
serve:
end:
		do
		:: atomic { t_chan?o -> t_end[o] = TABLE };
			take_begin();
			o = 0
		:: take_one()
		/* Full, or it retires: what is in the channel is not taken. */
		:: fd != 0 -> send_ack(); take_end()
		:: fd != 0 && g_end[fd] == SHUT -> take_end()
		:: atomic { t_row[0] == OPEN && gone[0] ->
			t_row[0] = FREE; t_fd[0] = false; t_ended++;
			ended[0]++ }
		:: atomic { t_row[1] == OPEN && gone[1] ->
			t_row[1] = FREE; t_fd[1] = false; t_ended++;
			ended[1]++ }
#if N > 2
		:: atomic { t_row[2] == OPEN && gone[2] ->
			t_row[2] = FREE; t_fd[2] = false; t_ended++;
			ended[2]++ }
#endif
		od
	} unless {
		atomic {
			!t_alive && t_keeper ->
			fd = 0; c = 0; o = 0; s = 0;
			t_alive = true;
			t_births++;
			goto begin
		}
	}
}

/* ------------------------------------------------------------ master ---- */

/* What the taker of a broken order has: s, if `sure`. */
inline taken_up_to()
{
	sure = false;
	if
	:: atomic { b_known -> s = b_seq; sure = true }
	:: else ->
		births = t_births;
#if MUTANT != 4
		if
		:: t_order != b_order -> t_revoked = b_order
		:: else -> skip
		fi;
#endif
		if
		:: atomic { t_order != b_order -> s = 0; sure = true }
		:: t_order == b_order ->
			if
			:: t_done == b_order -> s = t_seq; sure = true
#if MUTANT == 2
			:: t_done != b_order -> s = t_seq; sure = true
#else
			:: t_done != b_order && t_alive -> skip
			:: t_done != b_order && !t_alive -> dead_taker()
#endif
			fi
		fi
	fi;
	births = 0
}

inline dead_taker()
{
	s = t_seq;
#if MUTANT != 6
	if
	:: atomic { r_armed -> s = r_seq }
	:: else -> skip
	fi;
#endif
#if MUTANT == 13
	sure = true
#else
	sure = t_births == births
#endif
}

inline order_start()
{
	atomic {
		b_order < ORDERS && !b_open && G_UP && T_UP && b_slot &&
		    t_done == t_order ->
		b_order++;
		b_known = false;
		b_open = true;
		g_end[b_order] = MASTER;
		t_end[b_order] = MASTER
	};
	if
	:: atomic { nfull(t_chan) -> t_chan!b_order; t_end[b_order] = MSG }
	:: full(t_chan)
	fi;
	if
	:: atomic { nfull(g_chan) -> g_chan!GIVE,b_order,0;
		g_end[b_order] = MSG }
	:: full(g_chan) -> b_open = false
	fi;
	close_own()
}

inline close_own()		/* also what a dead master had open */
{
	atomic {
		if
		:: b_order > 0 && g_end[b_order] == MASTER -> close_g(b_order)
		:: else -> skip
		fi;
		if
		:: b_order > 0 && t_end[b_order] == MASTER -> close_t(b_order)
		:: else -> skip
		fi
	}
}

/* The order was not begun: from now on it never will be. */
inline order_revoke()
{
	atomic { b_open && G_UP && g_order != b_order ->
#if MUTANT == 5
		false;
#endif
		g_revoked = b_order };
	if
	:: g_order != b_order -> b_open = false
	:: else -> skip
	fi
}

inline order_review()
{
	/* A look that finds nothing to do is none here. */
	atomic {
		b_open && G_UP && g_order == b_order &&
		    (g_done == g_order || !t_alive) &&
		    (!ANY_GIVEN || b_known || t_order != b_order ||
		    t_done == b_order || !t_alive || MUTANT == 2)
	};
	if
#if MUTANT == 7
	:: g_done == g_order -> b_open = false
#else
	:: g_done == g_order && !ANY_GIVEN -> b_open = false
#endif
	:: else ->
		taken_up_to();
		if
#if MUTANT == 12
		:: atomic { sure && nfull(g_chan) && !b_known ->
#else
		:: atomic { sure && nfull(g_chan) ->
#endif
			g_chan!SETTLE,b_order,s }
		:: else -> skip
		fi;
		atomic { s = 0; sure = false }
	fi
}

/* Keeper and worker are dead: what they had is lost, the verdict is not. */
inline slot_release()
{
	atomic { b_slot && !t_keeper && !t_alive };
	if
#if MUTANT != 14
	:: b_open ->
		taken_up_to();
		assert(sure);
		atomic { b_seq = s; s = 0; sure = false };
		b_known = true
#endif
	:: else -> skip
	fi;
	atomic {
		b_slot = false;
		c = 0;
		do
		:: c < N && (t_row[c] == OPEN || (r_armed && r_conn == c)) ->
			t_row[c] = FREE; t_lost++; ended[c]++; c++
		:: c < N && !(t_row[c] == OPEN || (r_armed && r_conn == c)) ->
			c++
		:: c == N -> c = 0; break
		od;
		if
		:: r_armed -> t_in = r_in; r_armed = false
		:: else -> skip
		fi;
#if MUTANT == 14
		t_order = 0; t_seq = 0; t_done = 0;
#endif
		r_conn = 0; r_seq = 0; r_in = 0
	}
}

active proctype master()
{
	byte s, births, c;
	bool sure;

	goto serve;
begin:
	{
		close_own();
serve:
end:
		do
		:: order_start()
		:: order_revoke()
		:: order_review()
		:: slot_release()
		od
	} unless {
		atomic {
			!m_alive ->
			s = 0; births = 0; sure = false; c = 0;
			m_alive = true;
			goto begin
		}
	}
}

/* ------------------------------------------------- deaths and clients ---- */

active proctype fate()
{
	byte g = DEATHS_G, t = DEATHS_T, m = DEATHS_M;

end:
	do
	:: atomic { g > 0 && g_alive -> g--; g_alive = false; g_ready = false }
	:: atomic { t > 0 && t_alive -> t--; t_alive = false; t_ready = false }
	:: atomic { m > 0 && m_alive -> m--; m_alive = false }
#if GONE
	/* The table goes with the keeper, and so what is in its channels. */
	:: atomic { t_keeper && !t_alive -> t_keeper = false;
		t_fd[0] = false; t_fd[1] = false;
		if
		:: t_end[1] == TABLE -> close_t(1)
		:: else -> skip
		fi;
#if ORDERS > 1
		if
		:: t_end[2] == TABLE -> close_t(2)
		:: else -> skip
		fi
#endif
		}
#endif
	od
}

active proctype client()
{
end:
	do
	:: !gone[0] -> gone[0] = true
	:: !gone[1] -> gone[1] = true
#if N > 2
	:: !gone[2] -> gone[2] = true
#endif
	od
}

/* -------------------------------------------------------- properties ---- */

#define G_OPEN	((g_row[0] != FREE) + (g_row[1] != FREE) + G_OPEN_MORE)
#define T_OPEN	((t_row[0] != FREE) + (t_row[1] != FREE) + T_OPEN_MORE)
#if N > 2
#define G_OPEN_MORE	(g_row[2] != FREE)
#define T_OPEN_MORE	(t_row[2] != FREE)
#else
#define G_OPEN_MORE	0
#define T_OPEN_MORE	0
#endif

#ifdef LIVE
ltl settles { <>[] (!b_open && ONE_OWNER) }
#else
/* When nobody can do any more: no order waits, nobody is forgotten. */
active proctype rest()
{
	timeout;
	assert(!b_open);
	assert(!ANY_GIVEN);
	assert(ONE_OWNER);
	assert(N == g_ended + G_OPEN + g_moved);
	assert(t_in == t_ended + T_OPEN + t_lost);
	assert(g_moved == t_in)
}
#endif
