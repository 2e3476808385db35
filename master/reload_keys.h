/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload_keys - keys of the config that only a restart changes.
 */
#ifndef MASTER_RELOAD_KEYS_H
#define MASTER_RELOAD_KEYS_H

#include "common/conf.h"

/*
 * Gives `new` the values that `old` has for keys of class CONF_RESTART, and
 * names those that differed in text ("pid_file, user"; "": none).  The kind of
 * a log target is such a key too: slots cannot change it.  0, or -1: out of
 * memory.
 */
int	reload_keys_keep(const struct conf *old, struct conf *new, char *text,
	    size_t size);

#endif
