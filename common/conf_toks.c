/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_toks - the list of tokens, and the file names and texts they refer to.
 * Texts are offsets into one buffer, because that buffer moves as it grows.
 */
#include <stdlib.h>
#include <string.h>

#include "common/conf_lex.h"

void
conf_toks_free(struct conf_toks *t)
{
	for (size_t i = 0; i < t->nfiles; i++)
		free(t->files[i]);
	free(t->files);
	free(t->v);
	conf_buf_free(&t->text);
	*t = (struct conf_toks){ 0 };
}

const char *
conf_toks_file(struct conf_toks *t, const char *name)
{
	char **files = realloc(t->files, (t->nfiles + 1) * sizeof(*files));
	char *copy;

	if (files == NULL)
		goto fail;
	t->files = files;
	if ((copy = strdup(name)) == NULL)
		goto fail;
	t->files[t->nfiles++] = copy;
	return copy;
fail:
	t->failed = true;
	return NULL;
}

void
conf_toks_add(struct conf_toks *t, enum conf_tok_kind kind,
    struct conf_pos pos, const char *text)
{
	if (t->n == t->cap) {
		size_t cap = t->cap != 0 ? 2 * t->cap : 64;
		struct conf_tok *v = reallocarray(t->v, cap, sizeof(*v));

		if (v == NULL) {
			t->failed = true;
			return;
		}
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n++] = (struct conf_tok){ kind, pos, t->text.len };
	if (text != NULL)
		conf_buf_bytes(&t->text, text, strlen(text) + 1);
	t->failed |= t->text.failed;
}

bool
conf_tok_has_text(const struct conf_tok *tok)
{
	return tok->kind == CONF_T_WORD || tok->kind == CONF_T_STRING;
}

const char *
conf_toks_text(const struct conf_toks *t, size_t i)
{
	return conf_tok_has_text(&t->v[i]) ? t->text.v + t->v[i].text : "";
}

const char *
conf_toks_show(const struct conf_toks *t, size_t i,
    char buf[static CONF_SHOW_MAX])
{
	static const char *const sign[] = {
		[CONF_T_OPEN] = "{", [CONF_T_CLOSE] = "}",
		[CONF_T_SET] = "=", [CONF_T_ADD] = "+=",
		[CONF_T_COMMA] = ",", [CONF_T_LPAREN] = "(",
		[CONF_T_RPAREN] = ")", [CONF_T_END] = "the end",
		[CONF_T_DROPPED] = "",
	};

	if (conf_tok_has_text(&t->v[i]))
		return conf_show(conf_toks_text(t, i), buf);
	return sign[t->v[i].kind];
}
