/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_glob - the files that an include names.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_buf.h"
#include "common/conf_glob.h"

static bool
glob_has_wildcard(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* The folder is a name, not a pattern: its signs are escaped. */
static char *
glob_whole(const char *including, const char *pattern)
{
	const char *slash = strrchr(including, '/');
	struct conf_buf b = { 0 };

	if (slash != NULL && pattern[0] != '/')
		for (const char *s = including; s <= slash; s++) {
			if (strchr("*?[\\", *s) != NULL)
				conf_buf_byte(&b, '\\');
			conf_buf_byte(&b, *s);
		}
	conf_buf_text(&b, pattern);
	return conf_buf_take(&b, NULL);
}

/* A folder that is not there holds nothing; one that is shut is an error. */
static int
glob_error(const char *path, int errnum)
{
	(void)path;
	return errnum != ENOENT && errnum != ENOTDIR;
}

static int
glob_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
glob_copy(const glob_t *found, struct conf_glob *g)
{
	if ((g->v = calloc(found->gl_pathc, sizeof(*g->v))) == NULL)
		return -1;
	for (size_t i = 0; i < found->gl_pathc; i++) {
		if ((g->v[i] = strdup(found->gl_pathv[i])) == NULL)
			return -1;
		g->n++;
	}
	qsort(g->v, g->n, sizeof(*g->v), glob_compare);
	return 0;
}

int
conf_glob(const char *including, const char *pattern, struct conf_glob *g)
{
	char *whole = glob_whole(including, pattern);
	glob_t found = { 0 };
	int rc;

	*g = (struct conf_glob){ .why = "out of memory" };
	if (whole == NULL)
		return -1;
	rc = glob(whole, GLOB_NOSORT, glob_error, &found);
	free(whole);
	if (rc == 0)
		rc = glob_copy(&found, g);
	else if (rc == GLOB_NOMATCH && glob_has_wildcard(pattern))
		rc = 0;
	else if (rc == GLOB_NOMATCH)
		g->why = "there is no such file";
	else if (rc == GLOB_ABORTED)
		g->why = "a folder cannot be read";
	globfree(&found);
	if (rc == 0)
		return 0;
	conf_glob_free(g);
	return -1;
}

void
conf_glob_free(struct conf_glob *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->v[i]);
	free(g->v);
	g->v = NULL;
	g->n = 0;
}
