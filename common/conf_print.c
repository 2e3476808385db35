/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_print - the normalised text of a configuration, and equality.
 *
 * Every option with its effective value, in the order of the rows.  Parsing it
 * gives an equal configuration: this text is what slots are given.
 */
#include <string.h>

#include "common/conf_row.h"
#include "common/conf_table.h"

struct print {
	struct conf_buf b;
	bool with_docs;
	const char *indent;
};

static void
print_doc(struct print *p, const struct conf_option *row)
{
	struct conf_buf range = { 0 };

	conf_row_print_range(row, &range);
	conf_buf_fmt(&p->b, "%s# %s (%s%s%s)\n", p->indent, row->doc,
	    range.len > 0 ? range.v : "", range.len > 0 ? "; " : "",
	    conf_when_name[row->when]);
	conf_buf_free(&range);
}

static void
print_row(struct print *p, const struct conf_option *row, const void *base,
    const char *prefix)
{
	if (p->with_docs)
		print_doc(p, row);
	conf_buf_fmt(&p->b, "%s%s%s = ", p->indent, prefix, row->key);
	conf_row_print(row, base, &p->b);
	conf_buf_byte(&p->b, '\n');
}

static void
print_rows(struct print *p, const struct conf_option *rows, const void *base)
{
	for (; rows->key != NULL; rows++)
		print_row(p, rows, base, "");
}

/* A user that the file does not name may be absent, so is not named here. */
static void
print_global(struct print *p, const struct conf *conf)
{
	for (const struct conf_option *row = conf_global_options;
	    row->key != NULL; row++) {
		bool unset = row->off == offsetof(struct conf, user) &&
		    !conf->user_set;

		if (!unset || p->with_docs)
			print_row(p, row, conf, unset ? "# " : "");
	}
}

static void
print_service(struct print *p, const struct conf_service *s)
{
	conf_buf_text(&p->b, "\nservice ");
	conf_buf_quoted(&p->b, s->name);
	conf_buf_text(&p->b, " {\n");
	p->indent = "\t";
	print_rows(p, conf_service_options, s);
	if (s->section_def != NULL && s->section_def->options[0].key != NULL) {
		conf_buf_fmt(&p->b, "\t%s {\n", s->handler);
		p->indent = "\t\t";
		print_rows(p, s->section_def->options, s->section);
		conf_buf_text(&p->b, "\t}\n");
	}
	conf_buf_text(&p->b, "}\n");
}

char *
conf_print(const struct conf *conf, bool with_docs, size_t *len)
{
	struct print p = { .with_docs = with_docs, .indent = "" };

	print_global(&p, conf);
	conf_buf_text(&p.b, "\nlog {\n");
	p.indent = "\t";
	print_rows(&p, conf_log_options, &conf->log);
	conf_buf_text(&p.b, "}\n");
	for (size_t i = 0; i < conf->nservices; i++)
		print_service(&p, &conf->services[i]);
	return conf_buf_take(&p.b, len);
}

static bool
service_equal(const struct conf_service *a, const struct conf_service *b)
{
	const struct conf_section *x = a->section_def, *y = b->section_def;

	if (strcmp(a->name, b->name) != 0 ||
	    conf_rows_differ(conf_service_options, a, b) != NULL)
		return false;
	if (x == NULL || y == NULL)
		return x == y;
	return x->options == y->options &&
	    conf_rows_differ(x->options, a->section, b->section) == NULL;
}

bool
conf_equal(const struct conf *a, const struct conf *b)
{
	bool equal = a->user_set == b->user_set &&
	    a->nservices == b->nservices &&
	    conf_rows_differ(conf_global_options, a, b) == NULL &&
	    conf_rows_differ(conf_log_options, &a->log, &b->log) == NULL;

	for (size_t i = 0; equal && i < a->nservices; i++)
		equal = service_equal(&a->services[i], &b->services[i]);
	return equal;
}
