/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_io - the byte path: receive into slot buffers, send from them.
 *
 * Every step is ordered so that the kernel's positions explain what a dead
 * worker had not yet written down (recover.c).
 */
#ifndef WORKER_CONN_IO_H
#define WORKER_CONN_IO_H

#include "worker/conn.h"

enum io_result {
	IO_MORE,			/* moved as much as was asked for */
	/* the socket has, or takes, no more now */
	IO_DRY,
	IO_EOF,				/* the client's FIN */
	IO_FULL,			/* no room for input */
	IO_BROKEN			/* reset, or another error: errno */
};

/* One recv(2) behind the input that waits. */
enum io_result conn_receive(struct conn *c);
/* Whether one would bring a byte. */
bool	conn_input_waits(const struct conn *c);
/* Gives the input buffer back when all is eaten; call after a service ran. */
void	conn_input_trim(struct conn *c);
/* Sends what waits: IO_MORE when all has left. */
enum io_result conn_flush(struct conn *c);
/* Gives back buffers whose bytes have left: idempotent, used by recovery. */
void	conn_output_trim(struct worker *w, struct row *r);
/* Reads and drops: at most max bytes.  IO_DRY, IO_EOF, IO_BROKEN, IO_FULL. */
enum io_result conn_drop_input(struct conn *c, size_t max);

#endif
