/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_rights - the rule, and what the kernel knows of a client.
 */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/control_rights.h"

void
control_rights_find(struct master *m)
{
	const char *name = m->conf->control_group;
	const struct group *gr;
	char *end;

	m->has_control_group = false;
	if (name[0] == '\0')
		return;
	/* A number is one, as in a listener's group=. */
	m->control_gid = (gid_t)strtoul(name, &end, 10);
	m->has_control_group = name[0] >= '0' && name[0] <= '9' &&
	    *end == '\0';
	if (m->has_control_group || (gr = getgrnam(name)) == NULL)
		return;
	m->control_gid = gr->gr_gid;
	m->has_control_group = true;
}

bool
control_rights_judge(const struct control_owner *owner,
    const struct ucred *cred, const gid_t *groups, size_t n)
{
	if (cred->uid == 0 || cred->uid == owner->uid)
		return true;
	if (!owner->has_group)
		return false;
	for (size_t i = 0; i < n; i++)
		if (groups[i] == owner->gid)
			return true;
	return cred->gid == owner->gid;
}

/* The supplementary groups, malloc'd, *n of them; NULL with 0: none, or not to
 * be had. */
static gid_t *
peer_groups(int fd, size_t *n)
{
	socklen_t len = 0;
	gid_t *groups;

	*n = 0;
	/* Asked for none, it says how much room they take. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
	    errno != ERANGE || (groups = malloc(len)) == NULL)
		return NULL;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1) {
		free(groups);
		return NULL;
	}
	*n = len / sizeof *groups;
	return groups;
}

bool
control_rights_admit(const struct master *m, int fd)
{
	const struct control_owner owner = { .uid = geteuid(),
	    .has_group = m->has_control_group, .gid = m->control_gid };
	struct ucred cred;
	socklen_t len = sizeof cred;
	gid_t *groups;
	bool ok;
	size_t n;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return false;
	groups = peer_groups(fd, &n);
	ok = control_rights_judge(&owner, &cred, groups, n);
	free(groups);
	return ok;
}
