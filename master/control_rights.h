/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_rights - who may use the control socket: root, the server's owner,
 * and the members of control_group.
 *
 * The socket's mode says so too, but a mode can be changed by hand.
 */
#ifndef MASTER_CONTROL_RIGHTS_H
#define MASTER_CONTROL_RIGHTS_H

#include <sys/socket.h>

#include "master/master.h"

/* Looks control_group up, once in each master: NSS may be slow. */
void	control_rights_find(struct master *m);

/* Asks the kernel who is at the other end (unix(7): SO_PEERCRED,
 * SO_PEERGROUPS); what cannot be found out is refused. */
bool	control_rights_admit(const struct master *m, int fd);

struct control_owner {
	uid_t uid;
	bool has_group;
	gid_t gid;
};

/* The rule alone; groups are the n supplementary ones.  Borrows all. */
bool	control_rights_judge(const struct control_owner *owner,
	    const struct ucred *cred, const gid_t *groups, size_t n);

#endif
