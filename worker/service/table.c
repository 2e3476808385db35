/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - the services that are built in: a new one is a file and a row here.
 */
#include <stddef.h>

#include "worker/service/service.h"

const struct service *const services[] = {
	&service_echo,
	&service_reply,
	&service_sink,
	&service_discard,
	NULL
};
