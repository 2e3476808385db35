/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf - from a file to a checked struct conf, or to all that is wrong.
 *
 * Phases: read (files, includes, tokens), names, libconfuse, values, rules.
 * Each finds all its errors; the next one runs only where its result would
 * mean something.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf_check.h"
#include "common/conf_names.h"
#include "common/conf_paths.h"
#include "common/conf_read.h"
#include "common/conf_row.h"

struct load {
	const struct conf_section *sections;
	struct conf_errors *e;
	unsigned before;		/* errors that are not ours */
	bool is_builtin;
};

/* What the file does not say depends on who we are. */
static void
load_default_path(const struct load *l, const struct conf_origins *o,
    char **path, const char *name)
{
	char dir[CONF_PATH_MAX], *text;

	if (conf_origins_has(o, path) || *path == NULL)
		return;
	if (conf_paths_dir(l->is_builtin, dir) == 0 &&
	    asprintf(&text, "%s/%s", dir, name) != -1) {
		free(*path);
		*path = text;
	} else
		conf_errors_add(l->e, o->whole, "the default of %s: %s", name,
		    strerror(errno));
}

static struct conf *
load_values(const struct load *l, const struct conf_toks *t,
    const struct conf_cfg *cfg)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	struct conf_origins o = { .whole = t->v[t->n - 1].pos };

	if (conf == NULL) {
		conf_errors_add(l->e, o.whole, "out of memory");
		return NULL;
	}
	conf_fill(conf, cfg, l->sections, t, &o, l->e);
	load_default_path(l, &o, &conf->pid_file, "belay.pid");
	load_default_path(l, &o, &conf->control_socket, "control.sock");
	if (l->e->count == l->before)
		conf_check(conf, &o, l->e);
	conf_origins_free(&o);
	return conf;
}

/* Takes t. */
static struct conf *
load_tokens(const struct load *l, struct conf_toks *t, int rc)
{
	struct conf *conf = NULL;
	struct conf_cfg cfg;

	if (rc == 0)
		conf_names_check(t, l->sections, l->e);
	if (rc == 0 && !conf_errors_full(l->e) &&
	    conf_cfg_parse(&cfg, t, l->sections, l->e) == 0) {
		conf = load_values(l, t, &cfg);
		conf_cfg_free(&cfg);
	}
	conf_toks_free(t);
	if (l->e->count > l->before)
		conf_free(&conf);
	return conf;
}

struct conf *
conf_load(const char *path, const struct conf_section *sections,
    struct conf_errors *e)
{
	struct load l = { sections, e, e->count, path == NULL };
	struct conf_toks t = { 0 };
	int rc;

	if (path == NULL)
		rc = conf_read_text("built-in default", conf_default_text,
		    strlen(conf_default_text), &t, e);
	else
		rc = conf_read_file(path, &t, e);
	return load_tokens(&l, &t, rc);
}

struct conf *
conf_parse(const char *name, const char *text, size_t len,
    const struct conf_section *sections, struct conf_errors *e)
{
	struct load l = { sections, e, e->count, false };
	struct conf_toks t = { 0 };
	int rc = conf_read_text(name, text, len, &t, e);

	return load_tokens(&l, &t, rc);
}

void
conf_free(struct conf **conf)
{
	struct conf *c = *conf;

	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nservices; i++) {
		struct conf_service *s = &c->services[i];

		free(s->name);
		if (s->section_def != NULL)
			conf_rows_free(s->section_def->options, s->section);
		free(s->section);
		conf_rows_free(conf_service_options, s);
	}
	free(c->services);
	conf_rows_free(conf_log_options, &c->log);
	conf_rows_free(conf_global_options, c);
	free(c);
	*conf = NULL;
}

/* Those we may run on: a container or taskset(1) may allow fewer than exist. */
unsigned
conf_workers(const struct conf *conf)
{
	cpu_set_t set;

	if (conf->workers != 0)
		return (unsigned)conf->workers;
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return 1;
}
