/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * generations - which service of one configuration is which of another.
 *
 * A generation is the config that slots were made from.  Services are the same
 * if name and handler are: their connections go on across a reload.
 */
#ifndef MASTER_GENERATIONS_H
#define MASTER_GENERATIONS_H

#include "master/master.h"

/* Notes the services of a new generation in the book; the oldest note goes. */
void	generations_note(struct master *m, uint32_t number,
	    const struct conf *conf);
/* The index in generation `to` of service i of `from`; MOVE_NOWHERE: gone. */
unsigned generations_map(const struct master *m, uint32_t from, unsigned i,
	    uint32_t to);
uint64_t generations_service_id(const struct conf_service *s);

#endif
