/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_text - the tokens as a text that libconfuse reads as we do, and which
 * of its lines came from where.
 *
 * Every text is in quotes and escaped, so libconfuse has nothing to expand,
 * guess or drop.  A line of it holds only what stood on one line of one file.
 */
#include <stdlib.h>
#include <string.h>

#include "common/conf_cfg.h"

static bool
lines_add(struct conf_lines *lines, struct conf_pos pos)
{
	struct conf_pos *v = lines->v;

	if ((lines->n & (lines->n - 1)) == 0)	/* grows at 0, 1, 2, 4, ... */
		v = reallocarray(v, lines->n == 0 ? 1 : 2 * lines->n,
		    sizeof(*v));
	if (v == NULL)
		return false;
	lines->v = v;
	lines->v[lines->n++] = pos;
	return true;
}

static bool
lines_is_at(const struct conf_lines *lines, struct conf_pos pos)
{
	const struct conf_pos *last = lines->n > 0 ?
	    &lines->v[lines->n - 1] : NULL;

	return last != NULL && last->line == pos.line && last->file == pos.file;
}

char *
conf_cfg_text(const struct conf_toks *t, struct conf_lines *lines)
{
	char shown[CONF_SHOW_MAX];
	struct conf_buf b = { 0 };
	bool ok = true;

	for (size_t i = 0; i < t->n && ok; i++) {
		const struct conf_tok *tok = &t->v[i];

		if (tok->kind == CONF_T_DROPPED || tok->kind == CONF_T_END)
			continue;
		if (!lines_is_at(lines, tok->pos)) {
			if (lines->n > 0)
				conf_buf_byte(&b, '\n');
			ok = lines_add(lines, tok->pos);
		}
		if (conf_tok_has_text(tok))
			conf_buf_quoted(&b, conf_toks_text(t, i));
		else
			conf_buf_text(&b, conf_toks_show(t, i, shown));
		conf_buf_byte(&b, ' ');
	}
	b.failed |= !ok;
	return conf_buf_take(&b, NULL);
}

struct conf_pos
conf_lines_at(const struct conf_lines *lines, unsigned line)
{
	if (line >= 1 && line <= lines->n)
		return lines->v[line - 1];
	return lines->n > 0 ? lines->v[lines->n - 1] :
	    (struct conf_pos){ "configuration", 0 };
}

void
conf_lines_free(struct conf_lines *lines)
{
	free(lines->v);
	*lines = (struct conf_lines){ 0 };
}
