/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - the product's services, and one that misbehaves when it is told to.
 *
 * Stands in the place of the product's own table: linked before the archives.
 */
#include <stddef.h>

#include "tests/system/faulty/faulty.h"

const struct service *const services[] = {
	&service_echo,
	&service_reply,
	&service_sink,
	&service_discard,
	&service_faulty,
	NULL
};
