/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_scope - which names a section knows, and which it has seen.
 *
 * A name that is not known here gets the best advice there is, in this order:
 * it is a section (or a key), it comes in a later version, it belongs
 * elsewhere, it looks like another.
 */
#include <stdio.h>
#include <string.h>

#include "common/conf_row.h"
#include "common/conf_scope.h"
#include "common/conf_table.h"
#include "common/nearest.h"

static bool
is_listed(const char *const *names, const char *word)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, word) == 0)
			return true;
	return false;
}

static const struct conf_section *
find_section(const struct conf_section *sections, const char *handler)
{
	for (; sections->handler != NULL; sections++)
		if (strcmp(sections->handler, handler) == 0)
			return sections;
	return NULL;
}

/* What encloses sc's names, for messages. */
static const char *
scope_name(const struct conf_scope *sc)
{
	return sc->kind == CONF_SCOPE_ROOT ? "the top level" : sc->name;
}

static bool
scope_has_section(const struct conf_names *n, const struct conf_scope *sc,
    const char *word)
{
	if (sc->kind == CONF_SCOPE_ROOT)
		return strcmp(word, "log") == 0 || strcmp(word, "service") == 0;
	return sc->kind == CONF_SCOPE_SERVICE &&
	    find_section(n->sections, word) != NULL;
}

static bool
scope_is_later(const struct conf_scope *sc, const char *word)
{
	if (sc->kind == CONF_SCOPE_ROOT)
		return is_listed(conf_later_global, word);
	return sc->kind == CONF_SCOPE_SERVICE &&
	    is_listed(conf_later_service, word);
}

/* The section that does know word, NULL: none. */
static const char *
scope_elsewhere(const struct conf_names *n, const struct conf_scope *sc,
    const char *word)
{
	const struct conf_section *s;

	if (sc->kind != CONF_SCOPE_ROOT && (strcmp(word, "service") == 0 ||
	    strcmp(word, "log") == 0 ||
	    conf_rows_find(conf_global_options, word) != NULL))
		return "the top level";
	if (sc->kind != CONF_SCOPE_LOG &&
	    conf_rows_find(conf_log_options, word) != NULL)
		return "log";
	if (sc->kind != CONF_SCOPE_SERVICE &&
	    conf_rows_find(conf_service_options, word) != NULL)
		return "service";
	for (s = n->sections; s->handler != NULL; s++)
		if (sc->options != s->options &&
		    conf_rows_find(s->options, word) != NULL)
			return s->handler;
	return NULL;
}

static const char *
scope_nearest(const struct conf_names *n, const struct conf_scope *sc,
    const char *word)
{
	struct nearest near = { .word = word };

	for (const struct conf_option *row = sc->options; row->key != NULL;
	    row++)
		nearest_try(&near, row->key);
	if (sc->kind == CONF_SCOPE_ROOT) {
		nearest_try(&near, "log");
		nearest_try(&near, "service");
	}
	for (const struct conf_section *s = n->sections;
	    sc->kind == CONF_SCOPE_SERVICE && s->handler != NULL; s++)
		nearest_try(&near, s->handler);
	return near.best;
}

void
conf_scope_unknown(const struct conf_names *n, const struct conf_scope *sc,
    size_t key)
{
	const char *word = conf_toks_text(n->t, key), *other;
	struct conf_pos pos = n->t->v[key].pos;
	char shown[CONF_SHOW_MAX];

	conf_show(word, shown);
	if (scope_has_section(n, sc, word))
		conf_errors_add(n->e, pos, "%s is a section; write %s%s { ... "
		    "}", shown, shown,
		    strcmp(word, "service") == 0 ? " \"NAME\"" : "");
	else if (conf_rows_find(sc->options, word) != NULL)
		conf_errors_add(n->e, pos, "%s is a key; write %s = VALUE",
		    shown, shown);
	else if (scope_is_later(sc, word))
		conf_errors_add(n->e, pos, "%s is not in this version; remove "
		    "it", shown);
	else if ((other = scope_elsewhere(n, sc, word)) != NULL)
		conf_errors_add(n->e, pos, "%s is not known in %s; it belongs "
		    "in %s", shown, scope_name(sc), other);
	else if ((other = scope_nearest(n, sc, word)) != NULL)
		conf_errors_add(n->e, pos, "%s is not known in %s; did you "
		    "mean %s?", shown, scope_name(sc), other);
	else
		conf_errors_add(n->e, pos, "%s is not known in %s; "
		    "belay.conf(5) lists what is", shown, scope_name(sc));
}

static void
report_twice(const struct conf_names *n, size_t again, const char *what,
    size_t first)
{
	struct conf_pos pos = n->t->v[first].pos;

	conf_errors_add(n->e, n->t->v[again].pos, "%s is given twice; remove "
	    "one, the first is at %s:%u", what, pos.file, pos.line);
}

bool
conf_scope_see(const struct conf_names *n, struct conf_scope *sc,
    const struct conf_option *row, size_t key)
{
	size_t *seen = &sc->seen[row - sc->options];

	if (row - sc->options >= CONF_SCOPE_ROWS)
		return true;
	if (*seen != 0 && n->t->v[key + 1].kind == CONF_T_SET) {
		report_twice(n, key, row->key, *seen - 1);
		return false;
	}
	if (*seen == 0)
		*seen = key + 1;
	return true;
}

static bool
enter_service(struct conf_names *n, size_t start, size_t title,
    struct conf_scope *in)
{
	const char *name = conf_toks_text(n->t, title);
	char what[CONF_SHOW_MAX + 16], shown[CONF_SHOW_MAX];

	if (title == 0) {
		conf_errors_add(n->e, n->t->v[start].pos, "service has no "
		    "name; write service \"NAME\" { ... }");
		return false;
	}
	for (unsigned i = 0; i < n->nservices; i++)
		if (strcmp(conf_toks_text(n->t, n->service[i]), name) == 0) {
			(void)snprintf(what, sizeof(what), "service \"%s\"",
			    conf_show(name, shown));
			report_twice(n, start, what, n->service[i]);
			return false;
		}
	if (n->nservices == CONF_SERVICES_MAX) {
		conf_errors_add(n->e, n->t->v[start].pos,
		    "more than %d services", CONF_SERVICES_MAX);
		return false;
	}
	n->service[n->nservices++] = title;
	in->kind = CONF_SCOPE_SERVICE;
	in->options = conf_service_options;
	in->name = "service";
	return true;
}

bool
conf_scope_enter(struct conf_names *n, struct conf_scope *sc, size_t start,
    size_t title, struct conf_scope *in)
{
	const char *word = conf_toks_text(n->t, start);
	const struct conf_section *s;

	*in = (struct conf_scope){ .start = start };
	if (!scope_has_section(n, sc, word)) {
		conf_scope_unknown(n, sc, start);
		return false;
	}
	if (strcmp(word, "service") == 0)
		return enter_service(n, start, title, in);
	if (title != 0) {
		conf_errors_add(n->e, n->t->v[title].pos, "%s has no name; "
		    "write %s { ... }", word, word);
		return false;
	}
	if (sc->section != 0) {
		report_twice(n, start, sc->kind == CONF_SCOPE_ROOT ? word :
		    "a handler's section", sc->section - 1);
		return false;
	}
	sc->section = start + 1;
	s = sc->kind == CONF_SCOPE_SERVICE ? find_section(n->sections, word) :
	    NULL;
	in->kind = s != NULL ? CONF_SCOPE_HANDLER : CONF_SCOPE_LOG;
	in->options = s != NULL ? s->options : conf_log_options;
	in->name = s != NULL ? s->handler : "log";
	return true;
}

static void
report_handler(const struct conf_names *n, struct conf_pos pos,
    const char *handler)
{
	struct nearest near = { .word = handler };
	char known[CONF_WHY_MAX] = "", shown[CONF_SHOW_MAX];
	size_t len = 0;

	for (const struct conf_section *s = n->sections; s->handler != NULL;
	    s++) {
		nearest_try(&near, s->handler);
		if (len < sizeof(known))
			len += (size_t)snprintf(known + len,
			    sizeof(known) - len, "%s%s", len == 0 ? "" : ", ",
			    s->handler);
	}
	conf_show(handler, shown);
	if (is_listed(conf_later_handlers, handler))
		conf_errors_add(n->e, pos, "handler = \"%s\": not in this "
		    "version; one of %s", shown, known);
	else if (near.best != NULL)
		conf_errors_add(n->e, pos, "handler = \"%s\": not known; did "
		    "you mean %s? one of %s", shown, near.best, known);
	else
		conf_errors_add(n->e, pos, "handler = \"%s\": not known; one "
		    "of %s", shown, known);
}

void
conf_scope_check_handler(const struct conf_names *n,
    const struct conf_scope *service)
{
	const struct conf_option *row = conf_rows_find(service->options,
	    "handler");
	size_t key = service->seen[row - service->options];
	const char *handler, *section;
	char shown[CONF_SHOW_MAX];

	if (key == 0) {
		conf_errors_add(n->e, n->t->v[service->start].pos, "service "
		    "\"%s\" has no handler; write one, like handler = \"echo\"",
		    conf_show(conf_toks_text(n->t, service->start + 1), shown));
		return;
	}
	if (n->t->v[key - 1].kind == CONF_T_DROPPED)
		return;			/* reported */
	handler = conf_toks_text(n->t, key + 1);	/* KEY = VALUE */
	if (find_section(n->sections, handler) == NULL) {
		report_handler(n, n->t->v[key - 1].pos, handler);
		return;
	}
	if (service->section == 0)
		return;
	section = conf_toks_text(n->t, service->section - 1);
	if (strcmp(section, handler) != 0)
		conf_errors_add(n->e, n->t->v[service->section - 1].pos,
		    "%s { ... } in a service whose handler is %s; name it %s, "
		    "or change the handler", section, handler, handler);
}
