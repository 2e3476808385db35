/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_paths - where pid file and control socket lie when the file says not.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf_error.h"
#include "common/conf_paths.h"

/* The value of a variable that holds a whole path; NULL: none. */
static const char *
paths_env(const char *name)
{
	const char *dir = secure_getenv(name);

	return dir != NULL && dir[0] == '/' ? dir : NULL;
}

/* After su or sudo the variable may name another user's folder. */
static bool
paths_is_ours(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid();
}

int
conf_paths_dir(bool is_builtin, char dir[static CONF_PATH_MAX])
{
	const char *runtime = paths_env("XDG_RUNTIME_DIR");
	const char *tmp = paths_env("TMPDIR");
	int n;

	if (geteuid() == 0 && !is_builtin)
		n = snprintf(dir, CONF_PATH_MAX, "/run/belay");
	else if (runtime != NULL && paths_is_ours(runtime))
		n = snprintf(dir, CONF_PATH_MAX, "%s/belay", runtime);
	else
		n = snprintf(dir, CONF_PATH_MAX, "%s/belay-%u",
		    tmp != NULL ? tmp : "/tmp", (unsigned)geteuid());
	if (n < 0 || n >= CONF_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

/* Splits into the folder above and the name in it. */
static const char *
paths_split(char *dir, const char **name)
{
	char *slash = strrchr(dir, '/');

	*name = slash + 1;
	if (slash == dir)
		return "/";
	*slash = '\0';
	return dir;
}

static const char *
paths_why_unsafe(const struct stat *st)
{
	errno = EPERM;
	if (st->st_uid != geteuid())
		return "belongs to another user";
	if ((st->st_mode & 022) != 0)
		return "may be written by others; chmod go-w";
	errno = 0;
	return NULL;
}

/*
 * Makes dir, and looks at what is there then: only that counts, as between
 * the two somebody else may have been quicker.
 */
static int
paths_make(char *dir, char why[static CONF_WHY_MAX])
{
	const char *name, *above = paths_split(dir, &name), *unsafe = NULL;
	int up = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	struct stat up_st, st;
	bool shared;

	if (up == -1 || fstat(up, &up_st) == -1)
		goto fail;
	if (*name == '\0') {			/* the root folder */
		(void)close(up);
		return 0;
	}
	shared = (up_st.st_mode & S_IWOTH) != 0;
	if (mkdirat(up, name, shared || geteuid() != 0 ? 0700 : 0755) == -1 &&
	    errno != EEXIST)
		goto fail;
	fd = openat(up, name, O_PATH | O_DIRECTORY | O_CLOEXEC |
	    (shared ? O_NOFOLLOW : 0));
	if (fd == -1 || fstat(fd, &st) == -1)
		goto fail;
	if (!shared || (unsafe = paths_why_unsafe(&st)) == NULL) {
		(void)close(fd);
		(void)close(up);
		return 0;
	}
fail:
	(void)snprintf(why, CONF_WHY_MAX, "%s",
	    unsafe != NULL ? unsafe : strerror(errno));
	if (fd != -1)
		(void)close(fd);
	if (up != -1)
		(void)close(up);
	return -1;
}

static int
paths_prepare_one(const char *path, const char *key, struct conf_errors *e)
{
	char dir[CONF_PATH_MAX], why[CONF_WHY_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;
	int keep;

	if (n == 0 || n >= sizeof(dir))
		return 0;		/* lies in the root folder */
	memcpy(dir, path, n);
	dir[n] = '\0';
	if (paths_make(dir, why) == 0)
		return 0;
	keep = errno;
	if (e != NULL)
		conf_errors_add(e, (struct conf_pos){ key, 0 }, "the folder of "
		    "%s: %s", path, why);
	errno = keep;
	return -1;
}

int
conf_paths_prepare(const struct conf *conf, struct conf_errors *e)
{
	if (paths_prepare_one(conf->pid_file, "pid_file", e) == -1)
		return -1;
	return paths_prepare_one(conf->control_socket, "control_socket", e);
}
