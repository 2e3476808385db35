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

/* A row; GIVEN is ROW_F_GIVEN. */
#define FREE	0
#define OPEN	1
#define GIVEN	2

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
byte t_in, t_ended, t_lost;

/* The book. */
byte b_order;
bool b_open, b_known;
byte b_seq;			/* the verdict, if b_known */
byte b_told;			/* a mutant's */
bool b_slot = true;		/* the taker's slot is in use */
bool m_alive = true;

/* What the kernel has. */
byte g_end[ORDERS + 1], t_end[ORDERS + 1];
chan data[ORDERS + 1] = [CAP] of { byte, byte };	/* number, connection */
chan acks[ORDERS + 1] = [N + 1] of { byte };
chan g_chan = [CAP] of { mtype, byte, byte };		/* order, seq */
chan t_chan = [CAP] of { byte };
chan kill_g = [0] of { bit };
chan kill_t = [0] of { bit };
chan kill_m = [0] of { bit };
bool calm;			/* no more deaths, no client ends */

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
	atomic {
		g_end[o] = SHUT;
		do
		:: nempty(acks[o]) -> acks[o]?_
		:: empty(acks[o]) -> break
		od
	}
}

inline close_t(o)		/* the taker's: what is on its way goes */
{
	atomic {
		t_end[o] = SHUT;
		do
		:: nempty(data[o]) -> data[o]?_,_
		:: empty(data[o]) -> break
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
		assert(taken[x]);
		g_row[x] = FREE;
		g_seq[x] = 0;
		g_moved++
	}
}

inline adopt(x)			/* serves on */
{
	atomic {
		g_row[x] = OPEN;
		g_seq[x] = 0;
		assert(!taken[x])
	}
}

inline give_end()
{
	close_g(fd);
	atomic { g_done = g_order; fd = 0; seq = 0; acked = 0; cur = 0;
		blocked = false }
}

/* Revoked: the master took it for one that would never begin. */
inline give_begin()
{
	g_order = o;
	if
	:: atomic { g_revoked >= o -> close_g(o); g_done = o; o = 0 }
	:: atomic { g_revoked < o -> fd = o; o = 0 }
	fi
}

inline give_settle()
{
	c = 0;
	do
	:: atomic { c < N && GIVES(c) && g_seq[c] <= s -> drop(c); c++ }
	:: atomic { c < N && GIVES(c) && g_seq[c] > s -> adopt(c); c++ }
	:: atomic { c < N && !GIVES(c) -> c++ }
	:: atomic { c == N -> c = 0; o = 0; s = 0; break }
	od
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
	:: atomic { g_row[cur] = OPEN; g_seq[cur] = 0; blocked = true }
	fi
}

inline give_read()
{
	atomic { fd != 0 && nempty(acks[fd]) -> acks[fd]?s; blocked = false };
	do
	:: atomic { acked < s ->
		acked++;
		c = 0;
		do
		:: c < N && (!GIVES(c) || g_seq[c] != acked) -> c++
		:: c < N && GIVES(c) && g_seq[c] == acked -> drop(c); break
		:: c == N -> assert(MUTANT == 1); break
		od;
		c = 0 }
	:: atomic { acked >= s -> s = 0; break }
	od
}

/* One step: nobody looks at a slot that is not READY, but at its channels. */
inline recover_g()
{
#if MUTANT == 10
	do
	:: c < N && GIVES(c) -> adopt(c); c++
	:: c < N && !GIVES(c) -> c++
	:: c == N -> c = 0; break
	od;
#endif
	c = 1;
	do
	:: c <= ORDERS && g_end[c] == TABLE -> close_g(c); c++
	:: c <= ORDERS && g_end[c] != TABLE -> c++
	:: c > ORDERS -> c = 0; break
	od;
	g_done = g_order;
	g_alive = true;
	g_ready = true
}

active proctype giver()
{
	byte fd, seq, acked, cur, c, o, s;
	bool blocked;

	goto serve;
begin:
	{
		skip;
serve:
end:
		do
		:: atomic { fd == 0 && g_chan?[GIVE,_,_] -> g_chan?GIVE,o,_;
			g_end[o] = TABLE };
			give_begin()
		:: atomic { g_chan?[SETTLE,_,_] -> g_chan?SETTLE,o,s;
			if
			:: o == g_order -> skip
			:: o != g_order -> o = 0; s = 0
			fi };
			if
			:: o != 0 -> assert(fd == 0); give_settle()
			:: o == 0
			fi
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
		:: atomic { g_row[0] == OPEN && !calm ->
			g_row[0] = FREE; g_ended++; ended[0]++ }
		:: atomic { g_row[1] == OPEN && !calm ->
			g_row[1] = FREE; g_ended++; ended[1]++ }
#if N > 2
		:: atomic { g_row[2] == OPEN && !calm ->
			g_row[2] = FREE; g_ended++; ended[2]++ }
#endif
		od
	} unless {
		atomic {
			kill_g?_ ->
			g_alive = false; g_ready = false;
			fd = 0; seq = 0; acked = 0; cur = 0; c = 0; o = 0;
			s = 0; blocked = false
		};
		atomic { recover_g(); goto begin }
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
	t_seq = 0;
	t_order = o;
	if
	:: atomic { t_revoked >= o -> close_t(o); t_done = o; o = 0 }
	:: atomic { t_revoked < o -> fd = o; o = 0 }
	fi
}

/* Each store of redo_apply(): a successor does all of them again. */
inline redo_apply()
{
	t_seq = r_seq;
	atomic { t_row[r_conn] = OPEN; t_in = r_in; c = r_conn; check_two();
		c = 0 };
	atomic { r_armed = false; t_taking = false; r_conn = 0; r_seq = 0; r_in = 0 }
}

/* A connection's row before its number, and no record of both: a mutant. */
inline publish_torn()
{
	atomic { t_row[c] = OPEN; taken[c] = true; t_in++ };
	atomic { t_seq = s; t_taking = false; c = 0; s = 0 }
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
	send_ack()
}

inline sweep_t()		/* newcomer_sweep() */
{
	atomic {
		do
		:: c < N && (!t_fd[c] || t_row[c] != FREE) -> c++
		:: c < N && t_fd[c] && t_row[c] == FREE ->
			if
			:: t_taking -> t_fd[c] = false
			:: !t_taking -> t_row[c] = OPEN; check_two()
			fi;
			c++
		:: c == N -> c = 1; break
		od;
		do
		:: c <= ORDERS && t_end[c] == TABLE -> close_t(c); c++
		:: c <= ORDERS && t_end[c] != TABLE -> c++
		:: c > ORDERS -> c = 0; break
		od
	}
}

inline recover_t()
{
	if
	:: r_armed -> redo_apply()
	:: else -> skip
	fi;
	sweep_t();
	t_done = t_order;
	atomic { t_taking = false; t_ready = true }
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
		:: atomic { fd == 0 && nempty(t_chan) -> t_chan?o;
			t_end[o] = TABLE };
			take_begin()
		:: atomic { fd != 0 && nempty(t_chan) -> t_chan?o;
			close_t(o); o = 0 }
		:: take_one()
		/* Full, or it retires: what is in the channel is not taken. */
		:: fd != 0 && !calm -> send_ack(); take_end()
		:: fd != 0 && g_end[fd] == SHUT -> take_end()
		:: atomic { t_row[0] == OPEN && !calm ->
			t_row[0] = FREE; t_fd[0] = false; t_ended++;
			ended[0]++ }
		:: atomic { t_row[1] == OPEN && !calm ->
			t_row[1] = FREE; t_fd[1] = false; t_ended++;
			ended[1]++ }
#if N > 2
		:: atomic { t_row[2] == OPEN && !calm ->
			t_row[2] = FREE; t_fd[2] = false; t_ended++;
			ended[2]++ }
#endif
		od
	} unless {
		atomic {
			kill_t?_ ->
			t_alive = false; t_ready = false;
			fd = 0; c = 0; o = 0; s = 0
		};
end_gone:
		atomic { t_keeper -> t_alive = true; goto begin }
	}
}

/* ------------------------------------------------------------ master ---- */

/*
 * What the taker of a broken order has: s, if `sure`.  Reads that agree in any
 * order are one step.
 */
inline taken_up_to()
{
	if
	:: atomic { b_known -> s = b_seq; sure = true }
#if MUTANT == 4
	:: atomic { !b_known && t_order != b_order -> sure = true }
#else
	:: atomic { !b_known && t_order != b_order -> t_revoked = b_order };
		atomic { sure = t_order != b_order }
#endif
	:: atomic { !b_known && t_order == b_order && (t_done == b_order ||
		MUTANT == 2) -> s = t_seq; sure = true }
	:: atomic { !b_known && t_order == b_order && t_done != b_order &&
		MUTANT != 2 -> skip }
	fi
}

/* Sending may fail: then one sees the end of the channel, or nothing. */
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
	:: atomic { t_keeper && nfull(t_chan) -> t_chan!b_order; t_end[b_order] = MSG }
	:: atomic { !calm || !t_keeper || full(t_chan) -> skip }
	fi;
	if
	:: atomic { nfull(g_chan) -> g_chan!GIVE,b_order,0;
		g_end[b_order] = MSG; close_own() }
	:: atomic { !calm || full(g_chan) -> b_open = false; close_own() }
	fi
}

inline close_own()		/* also what a dead master had open */
{
	if
	:: b_order > 0 && g_end[b_order] == MASTER -> close_g(b_order)
	:: else -> skip
	fi;
	if
	:: b_order > 0 && t_end[b_order] == MASTER -> close_t(b_order)
	:: else -> skip
	fi
}

/* The order was not begun, and from now on never will be. */
inline order_revoke()
{
	atomic { b_open && G_UP && g_order != b_order && MUTANT != 5 ->
		g_revoked = b_order };
	atomic {
		if
		:: g_order != b_order -> b_open = false
		:: else -> skip
		fi
	}
}

inline order_close()
{
	atomic { b_open && G_UP && g_order == b_order && g_done == g_order &&
		(!ANY_GIVEN || MUTANT == 7) -> b_open = false }
}

/* One that waits need not be told twice; one that is told again, may be. */
inline order_settle()
{
	atomic {
		b_open && G_UP && g_order == b_order && ANY_GIVEN &&
		    g_done == g_order && (b_known || t_order != b_order ||
		    t_done == b_order || MUTANT == 2) &&
		    !g_chan??[SETTLE,_,_] && (MUTANT != 12 || b_told != b_order)
	};
	taken_up_to();
	atomic {
		if
		:: sure && nfull(g_chan) -> g_chan!SETTLE,b_order,s
		:: sure && !calm -> skip	/* lost */
		:: !sure -> skip
		fi;
#if MUTANT == 12
		b_told = b_order;
#endif
		s = 0; sure = false
	}
}

/* Keeper and worker are dead: what they had is lost, the verdict is not. */
inline slot_release()
{
	atomic {
		b_slot && !t_keeper && !t_alive ->
		if
		:: b_open && t_order == b_order && MUTANT != 13 ->
			b_seq = (r_armed && MUTANT != 6 -> r_seq : t_seq);
			b_known = true
		:: b_open && t_order != b_order && MUTANT != 13 ->
			b_seq = 0; b_known = true
		:: else -> skip
		fi
	};
	atomic {
		b_slot = false;
		do
		:: c < N && (t_row[c] == OPEN || (r_armed && r_conn == c)) ->
			t_row[c] = FREE; t_lost++; ended[c]++; c++
		:: c < N && !(t_row[c] == OPEN || (r_armed && r_conn == c)) ->
			c++
		:: c == N -> c = 0; break
		od;
		t_in = (r_armed -> r_in : t_in);
		r_armed = false; r_conn = 0; r_seq = 0; r_in = 0;
#if MUTANT == 13
		t_order = 0; t_seq = 0; t_done = 0
#endif
	}
}

active proctype master()
{
	byte s, c;
	bool sure;

	goto serve;
begin:
	{
		atomic { close_own() };
serve:
end:
		do
		:: order_start()
		:: order_revoke()
		:: order_close()
		:: order_settle()
		:: slot_release()
		od
	} unless {
		atomic {
			kill_m?_ ->
			m_alive = false;
			s = 0; sure = false; c = 0
		};
		atomic { m_alive = true; goto begin }
	}
}

/* ------------------------------------------------- deaths and clients ---- */

active proctype fate()
{
	byte g = DEATHS_G, t = DEATHS_T, m = DEATHS_M, o;

end:
	do
	:: atomic { g > 0 && g_alive -> kill_g!0; g-- }
	:: atomic { t > 0 && t_alive -> kill_t!0; t-- }
	:: atomic { m > 0 && m_alive -> kill_m!0; m-- }
	:: atomic { calm = true; g = 0; t = 0; m = 0; break }
#if GONE
	/* The table goes with the keeper, and so what is in its channels. */
	:: atomic { !calm && t_keeper && !t_alive -> t_keeper = false;
		t_fd[0] = false; t_fd[1] = false;
		o = 1;
		do
		:: o <= ORDERS && (t_end[o] == TABLE || t_end[o] == MSG) ->
			close_t(o); o++
		:: o <= ORDERS && t_end[o] != TABLE && t_end[o] != MSG -> o++
		:: o > ORDERS -> o = 0; break
		od;
		do
		:: nempty(t_chan) -> t_chan?_
		:: empty(t_chan) -> break
		od }
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
