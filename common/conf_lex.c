/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_lex - the text of one configuration file as tokens.
 *
 * A token is built in .token and handed on whole.  An error that leaves the
 * place of the next token clear is reported and lexing goes on; one that does
 * not (a comment without end, bytes that are no text) ends the file.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_lex.h"

struct lex {
	const char *p, *end;		/* *end is NUL */
	struct conf_pos pos;
	struct conf_toks *out;
	struct conf_errors *e;
	struct conf_buf token;
	bool bad;			/* at least one error */
	bool stop;			/* and no way on */
};

static void lex_error(struct lex *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
lex_error(struct lex *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_errors_vadd(l->e, l->pos, fmt, ap);
	va_end(ap);
	l->bad = true;
}

static bool
lex_is_junk(char c)
{
	unsigned char u = (unsigned char)c;

	return (u < 0x20 && u != '\t' && u != '\n' && u != '\r') || u == 0x7f;
}

static void
lex_put(struct lex *l, char c)
{
	if (l->token.len < CONF_TOKEN_MAX) {
		conf_buf_byte(&l->token, c);
		return;
	}
	if (!l->stop)
		lex_error(l, "a text longer than %d bytes; is a quote missing?",
		    CONF_TOKEN_MAX);
	l->stop = true;
}

static void
lex_emit(struct lex *l, enum conf_tok_kind kind)
{
	conf_buf_bytes(&l->token, "", 1);
	if (!l->token.failed)
		conf_toks_add(l->out, kind, l->pos, l->token.v);
	l->token.len = 0;
}

/* Skips the comment that p is at; false when it has no end. */
static bool
lex_skip_comment(struct lex *l)
{
	struct conf_pos open = l->pos;
	const char *eol;

	if (l->p[0] == '#' || l->p[1] == '/') {
		eol = memchr(l->p, '\n', (size_t)(l->end - l->p));
		l->p = eol != NULL ? eol : l->end;
		return true;
	}
	for (l->p += 2; l->p < l->end; l->p++) {
		if (l->p[0] == '*' && l->p[1] == '/') {
			l->p += 2;
			return true;
		}
		if (*l->p == '\n')
			l->pos.line++;
	}
	l->pos = open;
	lex_error(l, "the comment that starts here is not closed; */ is "
	    "missing");
	l->stop = true;
	return false;
}

static bool
lex_at_comment(const struct lex *l)
{
	return l->p[0] == '#' ||
	    (l->p[0] == '/' && (l->p[1] == '/' || l->p[1] == '*'));
}

/* Moves to the next token; false at the end of the file. */
static bool
lex_skip_blank(struct lex *l)
{
	while (l->p < l->end) {
		if (lex_at_comment(l)) {
			if (!lex_skip_comment(l))
				return false;
		} else if (*l->p == '\n') {
			l->pos.line++;
			l->p++;
		} else if (*l->p == ' ' || *l->p == '\t' || *l->p == '\r')
			l->p++;
		else
			return true;
	}
	return false;
}

static bool
lex_is_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' &&
		    (i == 0 || !isdigit((unsigned char)s[i])))
			return false;
	return n > 0;
}

/* Puts what NAME or NAME:-default stands for. */
static void
lex_put_variable(struct lex *l, const char *s, size_t n)
{
	const char *dflt = memmem(s, n, ":-", 2), *value;
	size_t namelen = dflt != NULL ? (size_t)(dflt - s) : n;
	char name[128], shown[CONF_SHOW_MAX];

	if (!lex_is_name(s, namelen) || namelen >= sizeof(name)) {
		lex_error(l, "not the name of a variable; write ${NAME} or "
		    "${NAME:-default}, or \"\\${\" for the signs themselves");
		return;
	}
	memcpy(name, s, namelen);
	name[namelen] = '\0';
	value = getenv(name);
	if (value == NULL && dflt == NULL) {
		conf_show(name, shown);
		lex_error(l, "${%s} is not set in the environment; set it, or "
		    "give a default: ${%s:-default}", shown, shown);
		return;
	}
	/* As in the shell, :- also stands in for an empty value. */
	if (dflt != NULL && (value == NULL || *value == '\0'))
		for (dflt += 2; dflt < s + n; dflt++)
			lex_put(l, *dflt);
	else
		for (; *value != '\0'; value++)
			lex_put(l, *value);
}

/* At "${": moves behind the brace. */
static void
lex_variable(struct lex *l)
{
	const char *name = l->p + 2;
	size_t n = strcspn(name, "}\n");

	l->p = name + n;
	if (*l->p != '}') {
		lex_error(l, "${ is not closed on its line; } is missing");
		return;
	}
	l->p++;
	lex_put_variable(l, name, n);
}

/* Reads up to max digits of a base; false when the byte cannot be meant. */
static bool
lex_number(struct lex *l, int base, int max)
{
	char digits[4] = "";
	long value;

	for (int i = 0; i < max; i++) {
		bool ok = base == 8 ? *l->p >= '0' && *l->p <= '7' :
		    isxdigit((unsigned char)*l->p) != 0;

		if (!ok)
			break;
		digits[i] = *l->p++;
	}
	value = strtol(digits, NULL, base);
	if (value < 1 || value > 255)
		return false;
	lex_put(l, (char)value);
	return true;
}

/* Behind a backslash in double quotes. */
static void
lex_escape(struct lex *l)
{
	static const char from[] = "nrbfaetv\\\"'$";
	static const char to[] = "\n\r\b\f\a\033\t\v\\\"'$";
	const char *known = *l->p != '\0' ? strchr(from, *l->p) : NULL;
	char shown[CONF_SHOW_MAX], sign[2] = { *l->p, '\0' };
	bool ok = true;

	if (known != NULL) {
		lex_put(l, to[known - from]);
		l->p++;
	} else if (*l->p == '\n') {
		l->pos.line++;		/* a text goes on in the next line */
		l->p++;
	} else if (*l->p == 'x') {
		l->p++;
		ok = lex_number(l, 16, 2);
	} else if (isdigit((unsigned char)*l->p))
		ok = lex_number(l, 8, 3);
	else {
		lex_error(l, "\\%s means nothing; write \\\\ for a backslash",
		    conf_show(sign, shown));
	}
	if (!ok)
		lex_error(l, "not a byte; write \\x01 to \\xff or \\1 to "
		    "\\377");
}

/* One unit inside quotes; false at the closing quote or at an error. */
static bool
lex_quoted_unit(struct lex *l, char quote)
{
	char c = *l->p;

	if (l->p == l->end || c == '\n' || c == quote || l->stop)
		return false;
	if (lex_is_junk(c)) {
		lex_error(l, "a control byte inside quotes; write \\x%02x",
		    (unsigned char)c);
		l->p++;
	} else if (quote == '"' && c == '\\') {
		l->p++;
		lex_escape(l);
	} else if (quote == '"' && c == '$' && l->p[1] == '{') {
		lex_variable(l);
	} else if (c == '\\' && (l->p[1] == '\\' || l->p[1] == '\'')) {
		lex_put(l, l->p[1]);
		l->p += 2;
	} else if (c == '\\' && l->p[1] == '\n') {
		l->pos.line++;
		l->p += 2;
	} else {
		lex_put(l, c);
		l->p++;
	}
	return true;
}

static void
lex_quoted(struct lex *l)
{
	struct conf_pos open = l->pos, last;
	char quote = *l->p++;

	while (lex_quoted_unit(l, quote))
		;
	last = l->pos;
	l->pos = open;
	if (*l->p == quote)
		l->p++;
	else if (!l->stop)
		lex_error(l, "the text that starts here is not closed on its "
		    "line; %c is missing (write \\n for a new line)", quote);
	lex_emit(l, CONF_T_STRING);
	l->pos = last;
}

static bool
lex_in_word(const struct lex *l)
{
	if (l->p == l->end || lex_is_junk(*l->p) || lex_at_comment(l))
		return false;
	if (l->p[0] == '+' && l->p[1] == '=')
		return false;
	return strchr(" \t\r\n\"'={}(),;", *l->p) == NULL;
}

static void
lex_word(struct lex *l)
{
	while (!l->stop) {
		if (l->p[0] == '$' && l->p[1] == '{')
			lex_variable(l);
		else if (lex_in_word(l))
			lex_put(l, *l->p++);
		else
			break;
	}
	lex_emit(l, CONF_T_WORD);
}

static void
lex_token(struct lex *l)
{
	static const char signs[] = "{}=,()";
	static const enum conf_tok_kind kinds[] = {
		CONF_T_OPEN, CONF_T_CLOSE, CONF_T_SET, CONF_T_COMMA,
		CONF_T_LPAREN, CONF_T_RPAREN,
	};
	const char *sign = strchr(signs, *l->p);

	if (sign != NULL) {
		conf_toks_add(l->out, kinds[sign - signs], l->pos, NULL);
		l->p++;
	} else if (l->p[0] == '+' && l->p[1] == '=') {
		conf_toks_add(l->out, CONF_T_ADD, l->pos, NULL);
		l->p += 2;
	} else if (*l->p == '"' || *l->p == '\'') {
		lex_quoted(l);
	} else if (*l->p == ';') {
		lex_error(l, "\";\" has no place here; a statement ends by "
		    "itself");
		l->p++;
	} else if (lex_is_junk(*l->p)) {
		lex_error(l, "byte 0x%02x; a configuration is a text file",
		    (unsigned char)*l->p);
		l->stop = true;
	} else
		lex_word(l);
}

/* Refuses what is no text at all, before a byte of it is looked at closely. */
static bool
lex_is_text(struct lex *l)
{
	const char *nul = memchr(l->p, '\0', (size_t)(l->end - l->p));

	if (l->end - l->p >= 3 && memcmp(l->p, "\xef\xbb\xbf", 3) == 0) {
		lex_error(l, "starts with a byte order mark; save it as UTF-8 "
		    "without one");
		return false;
	}
	if (nul == NULL)
		return true;
	for (; l->p < nul; l->p++)
		l->pos.line += *l->p == '\n';
	lex_error(l, "a NUL byte; a configuration is a text file");
	return false;
}

int
conf_lex(const char *file, const char *text, size_t len, struct conf_toks *out,
    struct conf_errors *e)
{
	struct lex l = { .pos = { file, 1 }, .out = out, .e = e };
	char *copy = malloc(len + 1);	/* a NUL behind makes p[1] safe */

	if (copy != NULL) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		l.p = copy;
		l.end = copy + len;
		if (lex_is_text(&l))
			while (!l.stop && lex_skip_blank(&l))
				lex_token(&l);
	}
	if (copy == NULL || l.token.failed || out->failed)
		lex_error(&l, "out of memory");
	conf_buf_free(&l.token);
	free(copy);
	return l.bad ? -1 : 0;
}
