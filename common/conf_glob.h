/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_glob - the files that an include names.
 *
 * Sorted by byte, so that 10-a.conf comes before 20-b.conf everywhere; hidden
 * files are not matched; no match is fine for a wildcard, an error without.
 */
#ifndef COMMON_CONF_GLOB_H
#define COMMON_CONF_GLOB_H

#include <stddef.h>

struct conf_glob {
	char **v;			/* paths, sorted */
	size_t n;
	const char *why;		/* static; what is wrong when -1 */
};

/* pattern is relative to the folder of the file that includes it. */
int	 conf_glob(const char *including, const char *pattern,
	    struct conf_glob *g);
void	 conf_glob_free(struct conf_glob *g);

#endif
