/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_paths - where pid file and control socket lie when the file says not.
 *
 * The server and the verbs must come to the same answer, so it depends only on
 * who asks and on the environment.
 */
#ifndef COMMON_CONF_PATHS_H
#define COMMON_CONF_PATHS_H

#include "common/conf.h"

enum { CONF_PATH_MAX = 4096 };

/*
 * The folder, which need not exist: /run/belay for root with a file; else
 * $XDG_RUNTIME_DIR/belay if that is ours; else belay-UID in $TMPDIR or /tmp.
 * 0, or -1 with ENAMETOOLONG.
 */
int	 conf_paths_dir(bool is_builtin, char dir[static CONF_PATH_MAX]);

/*
 * Makes the folders that pid_file and control_socket lie in, the last name of
 * each path only.  A folder in a place where anybody may write (/tmp) must be
 * ours, writable by nobody else, and no symbolic link: else somebody could wait
 * for us there.  0, or -1 with errno and, if e is not NULL, an error in it.
 */
int	 conf_paths_prepare(const struct conf *conf, struct conf_errors *e);

#endif
