/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_check - the rules that no single row can state.
 */
#include <sys/un.h>
#include <string.h>

#include "common/conf_check.h"
#include "common/conf_row.h"
#include "common/conf_table.h"
#include "common/conf_value.h"

struct check {
	const struct conf *conf;
	const struct conf_origins *o;
	struct conf_errors *e;
};

/* key = "value": what is wrong, at the line of the field or of its section. */
static void
check_fail(const struct check *c, const void *field, const void *section,
    const char *key, const char *value, const char *wrong)
{
	char shown[CONF_SHOW_MAX];

	conf_errors_add(c->e, conf_origins_at(c->o, field, section),
	    "%s = \"%s\": %s", key, conf_show(value, shown), wrong);
}

static bool
check_is_listed(const char *const *names, const char *word)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, word) == 0)
			return true;
	return false;
}

static void
check_engine(const struct check *c)
{
	char *const *engine = &c->conf->engine;

	if (check_is_listed(conf_engines, *engine))
		return;
	check_fail(c, engine, NULL, "engine", *engine,
	    check_is_listed(conf_later_engines, *engine) ?
	    "not in this version; one of auto, epoll" :
	    "not known; one of auto, epoll");
}

static void
check_target(const struct check *c)
{
	char *const *target = &c->conf->log.target;

	if (strcmp(*target, "stderr") == 0 || strcmp(*target, "syslog") == 0 ||
	    (*target)[0] == '/')
		return;
	check_fail(c, target, NULL, "target", *target,
	    check_is_listed(conf_later_targets, *target) ?
	    "not in this version; stderr, syslog, or a path from /" :
	    "not a target; stderr, syslog, or a path from /");
}

/* Paths are read again by other processes, whose folder is another. */
static void
check_path(const struct check *c, char *const *path, const char *key,
    size_t max)
{
	if ((*path)[0] != '/')
		check_fail(c, path, NULL, key, *path,
		    "not a whole path; begin it with /");
	else if ((*path)[strlen(*path) - 1] == '/')
		check_fail(c, path, NULL, key, *path,
		    "a folder; name a file in it");
	else if (strlen(*path) >= max)
		check_fail(c, path, NULL, key, *path,
		    "too long; the system's limit is 107 bytes for a socket "
		    "and 4095 for a file");
}

static void
check_name(const struct check *c, char *const *name, const char *key,
    bool may_be_empty)
{
	if ((*name)[0] == '\0' && !may_be_empty)
		check_fail(c, name, NULL, key, *name,
		    "empty; name one, or leave it out for the default");
	else if (strlen(*name) > 32 || strpbrk(*name, " \t\n:/") != NULL)
		check_fail(c, name, NULL, key, *name,
		    "not a name; at most 32 letters, digits, _ . and -");
}

static void
check_global(const struct check *c)
{
	const struct conf *conf = c->conf;
	char min[CONF_VALUE_MAX], max[CONF_VALUE_MAX];

	check_name(c, &conf->user, "user", false);
	check_name(c, &conf->group, "group", false);
	check_name(c, &conf->control_group, "control_group", true);
	check_path(c, &conf->pid_file, "pid_file", 4096);
	check_path(c, &conf->control_socket, "control_socket",
	    sizeof(((struct sockaddr_un *)0)->sun_path));
	check_engine(c);
	check_target(c);
	if (strcmp(conf->pid_file, conf->control_socket) == 0)
		check_fail(c, &conf->control_socket, &conf->pid_file,
		    "control_socket", conf->control_socket,
		    "the same as pid_file; name another file");
	if (conf->restart_backoff_min_ms <= conf->restart_backoff_max_ms)
		return;
	conf_errors_add(c->e, conf_origins_at(c->o,
	    &conf->restart_backoff_max_ms, &conf->restart_backoff_min_ms),
	    "restart_backoff_max = %s is less than restart_backoff_min = %s; "
	    "raise one or lower the other",
	    conf_value_print_msec((uint64_t)conf->restart_backoff_max_ms, max),
	    conf_value_print_msec((uint64_t)conf->restart_backoff_min_ms, min));
}

/* The kernel counts these in seconds. */
static void
check_seconds(const struct check *c, const struct conf_service *s,
    const int64_t *ms, const char *key)
{
	char text[CONF_VALUE_MAX];

	if (*ms % 1000 != 0)
		check_fail(c, ms, s, key,
		    conf_value_print_msec((uint64_t)*ms, text),
		    "not whole seconds, as the kernel wants them; write 1s or "
		    "more");
}

static void
check_service(const struct check *c, const struct conf_service *s)
{
	struct conf_pos pos = conf_origins_at(c->o, s, NULL);
	const char *wrong = NULL;

	if (s->listen.n == 0)
		conf_errors_add(c->e, conf_origins_at(c->o, &s->listen, s),
		    "service \"%s\" listens nowhere; write at least one "
		    "address, like listen = {\"127.0.0.1:7788\"}", s->name);
	check_seconds(c, s, &s->keepalive_ms, "keepalive");
	check_seconds(c, s, &s->defer_accept_ms, "defer_accept");
	if (s->section_def != NULL && s->section_def->check != NULL)
		wrong = s->section_def->check(s->section);
	if (wrong != NULL)
		conf_errors_add(c->e, pos, "service \"%s\": %s: %s", s->name,
		    s->handler, wrong);
}

struct listener {
	const struct conf_service *s;
	const struct addr *a;
};

/* Only the v6 one's v6only matters. */
static bool
check_overlap(const struct listener *x, const struct listener *y)
{
	bool v6only = x->a->u.sa.sa_family == AF_INET6 ? x->s->v6only :
	    y->s->v6only;

	return addr_overlap(x->a, y->a, v6only);
}

static void
report_overlap(const struct check *c, const struct listener *x,
    const struct listener *first)
{
	char text[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	struct conf_pos pos = conf_origins_at(c->o, &first->s->listen,
	    first->s);
	bool same = addr_equal(x->a, first->a);

	addr_print(&x->a->u.sa, x->a->len, text);
	addr_print(&first->a->u.sa, first->a->len, other);
	conf_errors_add(c->e, conf_origins_at(c->o, &x->s->listen, x->s),
	    "listen = \"%s\": %s \"%s\" of service \"%s\" at %s:%u; give each "
	    "its own address or port", text, same ? "the same as" :
	    "overlaps with", other, first->s->name, pos.file, pos.line);
}

/* Compares x with all listeners before it; stops at the first clash. */
static void
check_listener(const struct check *c, const struct listener *x)
{
	struct listener y;

	for (y.s = c->conf->services; y.s <= x->s; y.s++)
		for (size_t i = 0; i < y.s->listen.n; i++) {
			y.a = &y.s->listen.v[i];
			if (y.a == x->a)
				return;
			if (check_overlap(x, &y)) {
				report_overlap(c, x, &y);
				return;
			}
		}
}

static void
check_listeners(const struct check *c)
{
	enum { LISTENERS_MAX = 1024 };
	struct listener x;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->nservices; i++)
		n += c->conf->services[i].listen.n;
	if (n > LISTENERS_MAX) {
		conf_errors_add(c->e, c->o->whole, "%zu listen addresses; "
		    "%d is the most", n, LISTENERS_MAX);
		return;
	}
	for (size_t i = 0; i < c->conf->nservices; i++)
		for (size_t j = 0; j < c->conf->services[i].listen.n; j++) {
			x.s = &c->conf->services[i];
			x.a = &x.s->listen.v[j];
			check_listener(c, &x);
		}
}

void
conf_check(const struct conf *conf, const struct conf_origins *o,
    struct conf_errors *e)
{
	const struct check c = { conf, o, e };

	check_global(&c);
	if (conf->nservices == 0)
		conf_errors_add(e, o->whole, "no service; write at least one, "
		    "like service \"echo\" { handler = \"echo\" listen = "
		    "{\"127.0.0.1:7788\"} }");
	for (size_t i = 0; i < conf->nservices; i++)
		check_service(&c, &conf->services[i]);
	check_listeners(&c);
}
