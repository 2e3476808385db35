/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_fill - from the parsed tree to a struct conf.
 *
 * Defaults take the same way as values from a file, so a wrong default is an
 * error that a test sees, not a number nobody checked.
 */
#include <stdlib.h>
#include <string.h>

#include "common/conf_fill.h"
#include "common/conf_names.h"
#include "common/conf_row.h"

struct fill {
	const struct conf_section *sections;
	const struct conf_lines *lines;
	struct conf_origins *origins;
	struct conf_errors *e;
};

static void
fill_note(struct fill *f, const void *field, struct conf_pos pos)
{
	struct conf_origins *o = f->origins;
	struct conf_origin *v = o->v;

	if ((o->n & (o->n - 1)) == 0)		/* grows at 0, 1, 2, 4, ... */
		v = reallocarray(v, o->n == 0 ? 1 : 2 * o->n, sizeof(*v));
	if (v == NULL) {
		conf_errors_add(f->e, pos, "out of memory");
		return;
	}
	o->v = v;
	o->v[o->n++] = (struct conf_origin){ field, pos };
}

static void
fill_default(struct fill *f, const struct conf_option *row, void *base)
{
	char why[CONF_WHY_MAX];

	if (conf_row_put_default(row, base, why) == -1)
		conf_errors_add(f->e, f->origins->whole,
		    "the default of %s: %s", row->key, why);
}

/* One value or, in a list, one of several. */
static bool
fill_value(struct fill *f, const struct conf_option *row, void *base,
    const struct conf_raw *raw)
{
	char why[CONF_WHY_MAX], shown[CONF_SHOW_MAX];

	if (conf_row_put(row, base, raw->text, why) == 0)
		return true;
	conf_errors_add(f->e, conf_lines_at(f->lines, raw->line),
	    "%s = \"%s\": %s", row->key, conf_show(raw->text, shown), why);
	return false;
}

/* An empty list has no value, and is given all the same. */
static bool
fill_is_given(const cfg_opt_t *opt)
{
	return opt != NULL && (opt->flags & CFGF_MODIFIED) != 0;
}

/* sec NULL: the section is not in the file, so all is default. */
static void
fill_rows(struct fill *f, cfg_t *sec, const struct conf_option *rows,
    void *base)
{
	for (; rows->key != NULL; rows++) {
		cfg_opt_t *opt = sec != NULL ? cfg_getopt(sec, rows->key) :
		    NULL;
		unsigned n = cfg_opt_size(opt);
		bool ok = fill_is_given(opt);

		for (unsigned i = 0; i < n; i++) {
			const struct conf_raw *raw = cfg_opt_getnptr(opt, i);

			if (i == 0)
				fill_note(f, (char *)base + rows->off,
				    conf_lines_at(f->lines, raw->line));
			ok = fill_value(f, rows, base, raw) && ok;
		}
		/* A bad value too: nothing may be left NULL. */
		if (!ok && n <= !conf_row_is_list(rows))
			fill_default(f, rows, base);
	}
}

static const struct conf_section *
fill_section_def(const struct fill *f, const char *handler)
{
	for (const struct conf_section *s = f->sections; s->handler != NULL;
	    s++)
		if (strcmp(s->handler, handler) == 0)
			return s;
	return NULL;			/* the name check reported it */
}

static void
fill_service(struct fill *f, cfg_t *sec, struct conf_service *s,
    struct conf_pos pos)
{
	const struct conf_section *def;

	s->name = strdup(cfg_title(sec));
	fill_note(f, s, pos);
	fill_rows(f, sec, conf_service_options, s);
	if (s->name == NULL || s->handler == NULL)
		return;			/* out of memory, reported */
	if ((def = fill_section_def(f, s->handler)) == NULL)
		return;
	/* A section without options may have no size either. */
	s->section = calloc(1, def->size != 0 ? def->size : 1);
	if (s->section == NULL) {
		conf_errors_add(f->e, pos, "out of memory");
		return;
	}
	s->section_def = def;
	fill_rows(f, cfg_getsec(sec, def->handler), def->options, s->section);
}

void
conf_fill(struct conf *conf, const struct conf_cfg *cfg,
    const struct conf_section *sections, const struct conf_toks *t,
    struct conf_origins *origins, struct conf_errors *e)
{
	struct fill f = { sections, &cfg->lines, origins, e };
	unsigned n = cfg_size(cfg->root, "service");
	size_t tok = 0;

	origins->whole = t->v[t->n - 1].pos;
	fill_rows(&f, cfg->root, conf_global_options, conf);
	conf->user_set = conf_origins_has(origins, &conf->user);
	fill_rows(&f, cfg_getsec(cfg->root, "log"), conf_log_options,
	    &conf->log);
	conf->services = calloc(n > 0 ? n : 1, sizeof(*conf->services));
	if (conf->services == NULL) {
		conf_errors_add(e, origins->whole, "out of memory");
		return;
	}
	conf->nservices = n;
	for (unsigned i = 0; i < n; i++)
		fill_service(&f, cfg_getnsec(cfg->root, "service", i),
		    &conf->services[i], conf_names_service(t, &tok));
}

bool
conf_origins_has(const struct conf_origins *o, const void *field)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].field == field)
			return true;
	return false;
}

struct conf_pos
conf_origins_at(const struct conf_origins *o, const void *field,
    const void *other)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].field == field)
			return o->v[i].pos;
	return other != NULL ? conf_origins_at(o, other, NULL) : o->whole;
}

void
conf_origins_free(struct conf_origins *o)
{
	free(o->v);
	*o = (struct conf_origins){ 0 };
}
