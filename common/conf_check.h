/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_check - the rules that no single row can state: between fields, between
 * services, over defaults as over values from the file.
 */
#ifndef COMMON_CONF_CHECK_H
#define COMMON_CONF_CHECK_H

#include "common/conf_fill.h"

/* Binds nothing, opens nothing.  All that is wrong goes to *e. */
void	 conf_check(const struct conf *conf, const struct conf_origins *o,
	    struct conf_errors *e);

#endif
