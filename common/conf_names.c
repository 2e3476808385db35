/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_names - is every statement well formed, and every name known?
 *
 *	statement = KEY "=" value | KEY "+=" value | SECTION [title] "{" ... "}"
 *	value     = text | "{" [text { "," text } [","]] "}"
 *
 * About one function for each of these.  The list ends with CONF_T_END and its
 * braces are balanced: the reader saw to that, so nothing runs off its end.
 */
#include <string.h>

#include "common/conf_row.h"
#include "common/conf_scope.h"

static void names_block(struct conf_names *n, struct conf_scope *sc);

static enum conf_tok_kind
names_kind(const struct conf_names *n, size_t ahead)
{
	return n->i + ahead < n->t->n ? n->t->v[n->i + ahead].kind : CONF_T_END;
}

static bool
names_is_text(const struct conf_names *n, size_t ahead)
{
	enum conf_tok_kind kind = names_kind(n, ahead);

	return kind == CONF_T_WORD || kind == CONF_T_STRING;
}

static bool
names_is_set(const struct conf_names *n, size_t ahead)
{
	enum conf_tok_kind kind = names_kind(n, ahead);

	return kind == CONF_T_SET || kind == CONF_T_ADD;
}

/* Moves behind the } that closes the { looked at. */
static void
names_skip_braces(struct conf_names *n)
{
	int depth = 0;

	do {
		depth += names_kind(n, 0) == CONF_T_OPEN;
		depth -= names_kind(n, 0) == CONF_T_CLOSE;
		n->i++;
	} while (depth > 0 && names_kind(n, 0) != CONF_T_END);
}

/* Moves to where the next statement may start: on another line. */
static void
names_skip_line(struct conf_names *n)
{
	struct conf_pos pos = n->t->v[n->i].pos;

	do {
		if (names_kind(n, 0) == CONF_T_OPEN)
			names_skip_braces(n);
		else
			n->i++;
	} while (names_kind(n, 0) != CONF_T_END &&
	    names_kind(n, 0) != CONF_T_CLOSE &&
	    n->t->v[n->i].pos.line == pos.line &&
	    n->t->v[n->i].pos.file == pos.file);
}

static void
names_drop(struct conf_names *n, size_t from)
{
	for (; from < n->i; from++)
		n->t->v[from].kind = CONF_T_DROPPED;
}

/* Inside { }: commas between texts.  False after an error. */
static bool
names_list(struct conf_names *n)
{
	size_t open = n->i++;
	char shown[CONF_SHOW_MAX];
	const char *wrong = NULL;

	while (names_kind(n, 0) != CONF_T_CLOSE && wrong == NULL) {
		if (!names_is_text(n, 0))
			wrong = "has no place in a list; write {\"a\", \"b\"}";
		else if (names_is_text(n, 1))
			wrong = "is not followed by a comma; write {\"a\", "
			    "\"b\"}";
		else
			n->i += names_kind(n, 1) == CONF_T_COMMA ? 2 : 1;
	}
	if (wrong != NULL) {
		conf_errors_add(n->e, n->t->v[n->i].pos, "\"%s\" %s",
		    conf_toks_show(n->t, n->i, shown), wrong);
		n->i = open;
		names_skip_braces(n);
		return false;
	}
	n->i++;
	return true;
}

/* One text without braces; several are a list that lacks them. */
static bool
names_bare(struct conf_names *n, const char *key)
{
	n->i++;
	if (names_kind(n, 0) != CONF_T_COMMA)
		return true;
	conf_errors_add(n->e, n->t->v[n->i].pos, "%s has several values and "
	    "no braces; write {\"a\", \"b\"} around a list", key);
	while (names_kind(n, 0) == CONF_T_COMMA)
		n->i += names_is_text(n, 1) && !names_is_set(n, 2) ? 2 : 1;
	return false;
}

/* What is wrong with the shape of row's value; NULL: nothing. */
static const char *
names_misfit(const struct conf_names *n, const struct conf_option *row)
{
	if (conf_row_is_list(row))
		return NULL;
	if (names_kind(n, 0) == CONF_T_ADD)
		return "holds one value; write = instead of +=";
	if (names_kind(n, 1) == CONF_T_OPEN)
		return "holds one value, not a list; remove the braces";
	return NULL;
}

/* At = or +=.  row NULL: unknown, only its extent matters. */
static bool
names_value(struct conf_names *n, const struct conf_option *row,
    const char *key)
{
	struct conf_pos pos = n->t->v[n->i].pos;
	const char *misfit = row != NULL ? names_misfit(n, row) : NULL;

	if (misfit != NULL)
		conf_errors_add(n->e, pos, "%s %s", key, misfit);
	n->i++;
	if (names_kind(n, 0) == CONF_T_OPEN)
		return names_list(n) && misfit == NULL;
	if (names_is_text(n, 0) && !names_is_set(n, 1))
		return names_bare(n, key) && misfit == NULL;
	conf_errors_add(n->e, pos, "%s has no value; write one behind the =",
	    key);
	if (!names_is_text(n, 0) && names_kind(n, 0) != CONF_T_CLOSE &&
	    names_kind(n, 0) != CONF_T_END)
		n->i++;
	return false;
}

/* KEY = value, with i at KEY. */
static void
names_option(struct conf_names *n, struct conf_scope *sc)
{
	size_t key = n->i++;
	char shown[CONF_SHOW_MAX];
	const struct conf_option *row;
	bool ok;

	conf_toks_show(n->t, key, shown);
	row = conf_rows_find(sc->options, conf_toks_text(n->t, key));
	if (row == NULL)
		conf_scope_unknown(n, sc, key);
	ok = row != NULL && conf_scope_see(n, sc, row, key);
	if (!names_value(n, row, shown) || !ok)
		names_drop(n, key);
}

static void
names_title(struct conf_names *n, size_t title)
{
	const char *name = conf_toks_text(n->t, title);
	char shown[CONF_SHOW_MAX];
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (len == 0 || name[len] != '\0' || len > CONF_SERVICE_NAME_MAX)
		conf_errors_add(n->e, n->t->v[title].pos, "service \"%s\": not "
		    "a name; use 1 to %d of the letters a-z A-Z 0-9 _ . -",
		    conf_show(name, shown), CONF_SERVICE_NAME_MAX);
}

/* SECTION [title] {, with i at SECTION and the { at i + 1 or i + 2. */
static void
names_section(struct conf_names *n, struct conf_scope *sc)
{
	size_t start = n->i, title = names_is_text(n, 1) ? start + 1 : 0;
	struct conf_scope in;

	n->i += title != 0 ? 2 : 1;
	if (!conf_scope_enter(n, sc, start, title, &in)) {
		names_skip_braces(n);
		names_drop(n, start);
		return;
	}
	if (in.kind == CONF_SCOPE_SERVICE)
		names_title(n, title);
	n->i++;
	names_block(n, &in);
	n->i++;
	if (in.kind == CONF_SCOPE_SERVICE)
		conf_scope_check_handler(n, &in);
}

static void
names_statement(struct conf_names *n, struct conf_scope *sc)
{
	size_t start = n->i;
	char shown[CONF_SHOW_MAX];
	const char *wrong = "has no place here; a statement is KEY = VALUE or "
	    "SECTION { ... }";

	if (names_kind(n, 0) == CONF_T_WORD) {
		if (names_is_set(n, 1)) {
			names_option(n, sc);
			return;
		}
		if (names_kind(n, 1) == CONF_T_OPEN || (names_is_text(n, 1) &&
		    names_kind(n, 2) == CONF_T_OPEN)) {
			names_section(n, sc);
			return;
		}
		wrong = "is followed by neither = nor {; a statement is KEY = "
		    "VALUE or SECTION { ... }";
	} else if (names_kind(n, 0) == CONF_T_STRING)
		wrong = "is in quotes, which only values are; a statement is "
		    "KEY = VALUE";
	conf_errors_add(n->e, n->t->v[start].pos, "\"%s\" %s",
	    conf_toks_show(n->t, start, shown), wrong);
	names_skip_line(n);
	names_drop(n, start);
}

static void
names_block(struct conf_names *n, struct conf_scope *sc)
{
	while (names_kind(n, 0) != CONF_T_END &&
	    names_kind(n, 0) != CONF_T_CLOSE && !conf_errors_full(n->e))
		names_statement(n, sc);
}

void
conf_names_check(struct conf_toks *t, const struct conf_section *sections,
    struct conf_errors *e)
{
	struct conf_names n = { .t = t, .sections = sections, .e = e };
	struct conf_scope root = { .kind = CONF_SCOPE_ROOT,
	    .options = conf_global_options };

	names_block(&n, &root);
}

struct conf_pos
conf_names_service(const struct conf_toks *t, size_t *i)
{
	int depth = 0;
	size_t found;

	for (; *i + 1 < t->n; (*i)++) {
		depth += t->v[*i].kind == CONF_T_OPEN;
		depth -= t->v[*i].kind == CONF_T_CLOSE;
		if (depth == 0 && t->v[*i].kind == CONF_T_WORD &&
		    conf_tok_has_text(&t->v[*i + 1]) &&
		    (*i == 0 || t->v[*i - 1].kind != CONF_T_SET) &&
		    strcmp(conf_toks_text(t, *i), "service") == 0)
			break;
	}
	found = *i;
	if (*i + 1 < t->n)
		(*i)++;
	return t->v[found].pos;
}
