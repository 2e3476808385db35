/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_cfg - libconfuse, with its table made of our option rows.
 *
 * libconfuse 3.3 gives its callbacks no pointer of ours, but copies whatever
 * an option row holds: so each table ends with one hidden option, never parsed
 * ("simple") and without a name that could be written, that carries it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_cfg.h"
#include "common/conf_row.h"

static const char hidden[] = " hidden ";

static void cfg_on_error(cfg_t *cfg, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Our lexer knew this text, so this speaks only when memory is short. */
static void
cfg_on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct conf_pos pos = { "configuration", 0 };
	const struct conf_cfg *c = NULL;
	char text[CONF_WHY_MAX];

	for (cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++)
		if (strcmp(opt->name, hidden) == 0)
			c = (void *)opt->simple_value.ptr;
	if (c == NULL || c->e == NULL)
		return;
	if (cfg->line > 0)
		pos = conf_lines_at(&c->lines, (unsigned)cfg->line);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	conf_errors_add(c->e, pos, "cannot be parsed: %s", text);
}

static int
cfg_on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	size_t n = strlen(value) + 1;
	struct conf_raw *raw = malloc(sizeof(*raw) + n);

	(void)opt;
	if (raw == NULL)
		return -1;
	raw->line = (unsigned)cfg->line;
	memcpy(raw->text, value, n);
	*(struct conf_raw **)result = raw;
	return 0;
}

static size_t
cfg_count(const struct conf_option *rows)
{
	size_t n = 0;

	while (rows[n].key != NULL)
		n++;
	return n;
}

/* A table of rows with room for nsections more, then hidden, then the end. */
static cfg_opt_t *
cfg_table(const struct conf_option *rows, size_t nsections, struct conf_cfg *c)
{
	size_t n = cfg_count(rows);
	cfg_opt_t *opts = calloc(n + nsections + 2, sizeof(*opts));

	if (opts == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		opts[i] = (cfg_opt_t){ .name = rows[i].key, .type = CFGT_PTR,
		    .flags = CFGF_NODEFAULT |
		    (conf_row_is_list(&rows[i]) ? CFGF_LIST : CFGF_NONE),
		    .parsecb = cfg_on_value, .freecb = free };
	opts[n + nsections] = (cfg_opt_t){ .name = hidden, .type = CFGT_PTR,
	    .simple_value.ptr = (void *)c };
	return opts;
}

static void
cfg_add_section(cfg_opt_t *opts, const struct conf_option *rows, size_t i,
    const char *name, cfg_opt_t *sub, cfg_flag_t flags)
{
	opts[cfg_count(rows) + i] = (cfg_opt_t){ .name = name,
	    .type = CFGT_SEC, .flags = CFGF_MULTI | flags, .subopts = sub };
}

static void
cfg_table_free(cfg_opt_t *opts)
{
	for (cfg_opt_t *opt = opts; opt != NULL && opt->name != NULL; opt++)
		if (opt->type == CFGT_SEC)
			cfg_table_free(opt->subopts);
	free(opts);
}

static cfg_opt_t *
cfg_service_table(const struct conf_section *sections, struct conf_cfg *c)
{
	const struct conf_section *s = sections;
	size_t n = 0;
	cfg_opt_t *opts, *sub;

	while (s[n].handler != NULL)
		n++;
	opts = cfg_table(conf_service_options, n, c);
	for (size_t i = 0; i < n && opts != NULL; i++) {
		if ((sub = cfg_table(s[i].options, 0, c)) == NULL) {
			cfg_table_free(opts);
			return NULL;
		}
		cfg_add_section(opts, conf_service_options, i, s[i].handler,
		    sub, CFGF_NONE);
	}
	return opts;
}

static cfg_opt_t *
cfg_root_table(const struct conf_section *sections, struct conf_cfg *c)
{
	cfg_opt_t *root = cfg_table(conf_global_options, 2, c);
	cfg_opt_t *log = cfg_table(conf_log_options, 0, c);
	cfg_opt_t *service = cfg_service_table(sections, c);

	if (root != NULL && log != NULL && service != NULL) {
		cfg_add_section(root, conf_global_options, 0, "log", log,
		    CFGF_NONE);
		cfg_add_section(root, conf_global_options, 1, "service",
		    service, CFGF_TITLE);
		return root;
	}
	cfg_table_free(root);
	cfg_table_free(log);
	cfg_table_free(service);
	return NULL;
}

static int
cfg_parse_text(struct conf_cfg *c, const char *text,
    const struct conf_section *sections)
{
	cfg_opt_t *table = cfg_root_table(sections, c);

	if (table != NULL)
		c->root = cfg_init(table, CFGF_NONE);
	cfg_table_free(table);		/* libconfuse made a copy */
	if (c->root == NULL)
		return -1;
	(void)cfg_set_error_function(c->root, cfg_on_error);
	return cfg_parse_buf(c->root, text) == CFG_SUCCESS ? 0 : -1;
}

int
conf_cfg_parse(struct conf_cfg *c, const struct conf_toks *t,
    const struct conf_section *sections, struct conf_errors *e)
{
	unsigned before = e->count;
	char *text;
	int rc = -1;

	*c = (struct conf_cfg){ .e = e };
	if ((text = conf_cfg_text(t, &c->lines)) != NULL)
		rc = cfg_parse_text(c, text, sections);
	free(text);
	c->e = NULL;
	if (rc == -1 && e->count == before)
		conf_errors_add(e, t->v[t->n - 1].pos,
		    "cannot be parsed: out of memory");
	if (rc == -1)
		conf_cfg_free(c);
	return rc;
}

void
conf_cfg_free(struct conf_cfg *c)
{
	if (c->root != NULL)
		(void)cfg_free(c->root);
	conf_lines_free(&c->lines);
	*c = (struct conf_cfg){ 0 };
}
