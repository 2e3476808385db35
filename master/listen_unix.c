/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen_unix - gives a unix socket its name in the file system.
 *
 * The socket is bound to a temporary name beside its own, made complete, and
 * renamed: a client sees the old one, nothing, or the new one listening, never
 * something between.  The mode is set through the umask and the owner without
 * following links, because the directory may belong to somebody we must not
 * trust with a chmod(2) of a name.  Its default ACL, if any, has the last word.
 */
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/listen_unix.h"
#include "master/portholder.h"

enum { TEMP_NAME = 9, TEMP_NAME_MIN = 4, TEMP_TRIES = 8 };

/* What was found under the path, before. */
struct place {
	bool is_taken;			/* by a dead owner's socket */
	dev_t dev;
	ino_t ino;
};

static int
explain(int err, char *why, size_t whylen)
{
	switch (err) {
	case ENOENT:
		snprintf(why, whylen, "its directory does not exist; create "
		    "it first");
		break;
	case EACCES:
	case EPERM:
		snprintf(why, whylen, "not permitted; its directory must be "
		    "writable (a sticky one keeps others' files)");
		break;
	case ENAMETOOLONG:
		/* The temporary name needs TEMP_NAME_MIN bytes beside it. */
		snprintf(why, whylen, "its directory's path is too long; at "
		    "most 102 bytes");
		break;
	default:
		snprintf(why, whylen, "%s", strerror(err));
	}
	errno = err;
	return -1;
}

/* SO_PEERCRED is who called listen(2): perhaps a master replaced since. */
static int
explain_live(int sock, char *why, size_t whylen)
{
	char name[PORTHOLDER_NAME_MAX];
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
	    cred.pid > 0) {
		portholder_name(cred.pid, name);
		snprintf(why, whylen, "the socket is in use, held by pid %d "
		    "(%s); stop that or choose another path", (int)cred.pid,
		    name);
	} else {
		snprintf(why, whylen, "the socket is in use; choose another "
		    "path");
	}
	errno = EADDRINUSE;
	return -1;
}

/* A socket whose owner died refuses connections; any other answer is life. */
static int
check_dead(const struct addr *a, char *why, size_t whylen)
{
	int err = 0, r = -1, sock;

	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock == -1)
		return explain(errno, why, whylen);
	if (connect(sock, &a->u.sa, a->len) == -1)
		err = errno;
	switch (err) {
	case ECONNREFUSED:
	case ENOENT:			/* it went just now */
		r = 0;
		break;
	case 0:
	case EAGAIN:			/* its queue is full */
	case EPROTOTYPE:		/* alive, of another type */
		explain_live(sock, why, whylen);
		break;
	default:
		snprintf(why, whylen, "cannot tell whether its owner lives: "
		    "%s; remove the file if not", strerror(err));
		errno = err;
	}
	fd_close(&sock);
	return r;
}

static int
place_check(const struct addr *a, struct place *p, char *why, size_t whylen)
{
	struct stat st;

	memset(p, 0, sizeof(*p));
	if (lstat(a->u.sun.sun_path, &st) == -1)
		return errno == ENOENT ? 0 : explain(errno, why, whylen);
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, whylen, "what stands there is not a socket; "
		    "remove it or choose another path");
		errno = ENOTSOCK;
		return -1;
	}
	p->is_taken = true;
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return check_dead(a, why, whylen);
}

/* A number written in full, or -1. */
static int64_t
number(const char *s)
{
	char *end;
	unsigned long v;

	if (s[0] < '0' || s[0] > '9')
		return -1;
	errno = 0;
	v = strtoul(s, &end, 10);
	return errno != 0 || *end != '\0' || v >= UINT32_MAX ? -1 : (int64_t)v;
}

static bool
has_owner(const struct addr *a)
{
	return a->owner[0] != '\0' || a->group[0] != '\0';
}

static int
owner_find(const struct addr *a, uid_t *uid, gid_t *gid, char *why,
    size_t whylen)
{
	int64_t u = number(a->owner), g = number(a->group);
	const struct passwd *pw = NULL;
	const struct group *gr = NULL;

	if (a->owner[0] != '\0' && u == -1 &&
	    (pw = getpwnam(a->owner)) == NULL) {
		snprintf(why, whylen, "owner=%s: no such user; name one from "
		    "`getent passwd`, or a number", a->owner);
		errno = EINVAL;
		return -1;
	}
	if (a->group[0] != '\0' && g == -1 &&
	    (gr = getgrnam(a->group)) == NULL) {
		snprintf(why, whylen, "group=%s: no such group; name one from "
		    "`getent group`, or a number", a->group);
		errno = EINVAL;
		return -1;
	}
	/* -1, nothing given, leaves it as it is: chown(2). */
	*uid = pw != NULL ? pw->pw_uid : (uid_t)u;
	*gid = gr != NULL ? gr->gr_gid : (gid_t)g;
	return 0;
}

/* Binds fd to a name that did not exist, in the directory of path. */
static int
bind_temp(int fd, const char *path, struct addr *temp)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *sun_path = temp->u.sun.sun_path, *name;
	size_t dir = (size_t)(strrchr(path, '/') - path) + 1, i, n;
	uint8_t rnd[TEMP_NAME];
	int tries;

	memset(temp, 0, sizeof(*temp));
	temp->u.sun.sun_family = AF_UNIX;
	memcpy(sun_path, path, dir);
	name = sun_path + dir;
	n = sizeof(temp->u.sun.sun_path) - 1 - dir;
	if (n > TEMP_NAME)
		n = TEMP_NAME;
	if (n < TEMP_NAME_MIN) {
		errno = ENAMETOOLONG;
		return -1;
	}
	temp->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + dir +
	    n + 1);
	for (tries = 0; tries < TEMP_TRIES; tries++) {
		if (getrandom(rnd, sizeof(rnd), 0) != sizeof(rnd))
			return -1;
		name[0] = '.';
		for (i = 1; i < n; i++)
			name[i] = digits[rnd[i] % 32];
		if (bind(fd, &temp->u.sa, temp->len) == 0)
			return 0;
		if (errno != EADDRINUSE)
			break;
	}
	return -1;
}

/*
 * A new name must still be free, a dead owner's socket still the same: else
 * another server was quicker, and its socket is not ours to replace.
 */
static int
rename_checked(const char *temp, const char *path, const struct place *p)
{
	struct stat st;

	if (!p->is_taken) {
		if (renameat2(AT_FDCWD, temp, AT_FDCWD, path,
		    RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return -1;	/* else a file system without it */
	}
	if (lstat(path, &st) == -1) {
		if (errno != ENOENT)
			return -1;
	} else if (!p->is_taken || st.st_dev != p->dev ||
	    st.st_ino != p->ino) {
		errno = EEXIST;
		return -1;
	}
	return rename(temp, path);
}

/* The socket, bound to its temporary name, with the mode asked for. */
static int
bind_mode(int fd, const struct addr *a, struct addr *temp)
{
	mode_t mask;
	int r;

	if (a->mode == -1)
		return bind_temp(fd, a->u.sun.sun_path, temp);
	mask = umask(0777 & ~(mode_t)a->mode);
	r = bind_temp(fd, a->u.sun.sun_path, temp);
	umask(mask);			/* cannot fail: errno is bind's */
	return r;
}

int
listen_unix_bind(int fd, const struct addr *a, int backlog, char *why,
    size_t whylen)
{
	struct addr temp;
	struct place p;
	uid_t uid;
	gid_t gid;
	int err;

	if (place_check(a, &p, why, whylen) == -1 ||
	    owner_find(a, &uid, &gid, why, whylen) == -1)
		return -1;
	if (bind_mode(fd, a, &temp) == -1)
		return explain(errno, why, whylen);
	if (has_owner(a) && lchown(temp.u.sun.sun_path, uid, gid) == -1) {
		err = errno;
		snprintf(why, whylen, "cannot give it owner=%s group=%s: %s; "
		    "needs root or membership", a->owner, a->group,
		    strerror(err));
	} else if (listen(fd, backlog) == -1 || rename_checked(
	    temp.u.sun.sun_path, a->u.sun.sun_path, &p) == -1) {
		err = errno;
		explain(err, why, whylen);
	} else {
		return 0;
	}
	unlink(temp.u.sun.sun_path);
	errno = err;
	return -1;
}
