/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_lex - the text of one configuration file as tokens.
 *
 * The rules are libconfuse's, made stricter where libconfuse drops bytes
 * without a word.  Comments are gone, quotes and escapes resolved, ${ENV}
 * expanded: what a variable holds is text and never becomes syntax.
 */
#ifndef COMMON_CONF_LEX_H
#define COMMON_CONF_LEX_H

#include "common/conf_buf.h"
#include "common/conf_error.h"

enum { CONF_TOKEN_MAX = 65536 };	/* bytes of one token */

enum conf_tok_kind {
	CONF_T_WORD, CONF_T_STRING,	/* have text */
	CONF_T_OPEN, CONF_T_CLOSE,	/* { } */
	CONF_T_SET, CONF_T_ADD,		/* = += */
	CONF_T_COMMA, CONF_T_LPAREN, CONF_T_RPAREN,
	CONF_T_END,			/* behind the last */
	CONF_T_DROPPED			/* reported, so parsed no further */
};

struct conf_tok {
	enum conf_tok_kind kind;
	struct conf_pos pos;
	size_t text;			/* offset into the list's text */
};

struct conf_toks {			/* zero-initialised by the caller */
	struct conf_tok *v;
	size_t n, cap;
	struct conf_buf text;
	char **files;			/* names that positions borrow */
	size_t nfiles;
	bool failed;			/* out of memory */
};

void	 conf_toks_free(struct conf_toks *t);
/* A name that lives as long as t; NULL when out of memory. */
const char *conf_toks_file(struct conf_toks *t, const char *name);
void	 conf_toks_add(struct conf_toks *t, enum conf_tok_kind kind,
	    struct conf_pos pos, const char *text);
bool	 conf_tok_has_text(const struct conf_tok *tok);
/* "" for kinds without text; valid until the next token is added. */
const char *conf_toks_text(const struct conf_toks *t, size_t i);
/* As it would be written: "{", "=", or the text. */
const char *conf_toks_show(const struct conf_toks *t, size_t i,
	    char buf[static CONF_SHOW_MAX]);

/*
 * Appends the tokens of text to out; file is borrowed by their positions.
 * 0, or -1 with at least one error in *e.
 */
int	 conf_lex(const char *file, const char *text, size_t len,
	    struct conf_toks *out, struct conf_errors *e);

#endif
