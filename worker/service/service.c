/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service - finding one, and the parts of those that have nothing to do.
 */
#include <string.h>

#include "worker/service/service.h"
#include "worker/worker.h"

enum { SECTIONS_MAX = 64 };

const struct service *
service_find(const char *handler)
{
	for (const struct service *const *s = services; *s != NULL; s++)
		if (strcmp((*s)->section.handler, handler) == 0)
			return *s;
	return NULL;
}

const struct conf_section *
worker_sections(void)
{
	/* Filled from the const table, the same each time it is asked. */
	static struct conf_section sections[SECTIONS_MAX + 1];
	size_t n = 0;

	for (; n < SECTIONS_MAX && services[n] != NULL; n++)
		sections[n] = services[n]->section;
	return sections;
}

void
service_nothing(struct conn *c)
{
	(void)c;
}

bool
service_always_at_rest(const struct conn *c)
{
	(void)c;
	return true;
}

const void *
service_no_configure(const struct conf_service *conf)
{
	(void)conf;
	return NULL;
}
