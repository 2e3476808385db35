/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * requests - each verb is the same transition as its signal.
 */
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include <jansson.h>

#include "common/json.h"
#include "master/audit.h"
#include "master/control.h"
#include "master/quarantine.h"
#include "master/reopen.h"
#include "master/requests.h"
#include "master/scale.h"
#include "master/slots.h"
#include "master/status.h"
#include "master/transition.h"

enum { REPLY_MAX = 16 << 20, AUDIT_MS = 2000 };

static void
answer_begin(struct json *j, bool ok)
{
	json_init_grow(j, REPLY_MAX);
	json_begin_object(j);
	json_key(j, "done");
	json_bool(j, true);
	json_key(j, "ok");
	json_bool(j, ok);
}

static void
answer_end(struct control_client *c, struct json *j)
{
	json_end(j);
	json_newline(j);
	control_reply(c, json_take(j), true);
}

void
requests_refuse(struct control_client *c, const char *why)
{
	struct json j;

	answer_begin(&j, false);
	json_key(&j, "error");
	json_str(&j, why);
	answer_end(c, &j);
}

static void
do_status(struct master *m, struct control_client *c, const json_t *req)
{
	struct json j;

	(void)req;
	answer_begin(&j, true);
	json_key(&j, "status");
	status_write(m, &j);
	answer_end(c, &j);
}

static void
do_stop(struct master *m, struct control_client *c, const json_t *req)
{
	bool now = json_is_true(json_object_get(req, "now"));
	struct verdict v;

	/* The first one drains; a second one must not cut by accident. */
	if (!now && (m->book->state == MS_DRAINING ||
	    m->book->state == MS_STOPPING)) {
		c->waits_stop = true;
		return;
	}
	c->waits_stop = true;
	v = transition(m, now ? ME_STOP_NOW : ME_STOP);
	if (v.action == MA_REFUSE) {
		c->waits_stop = false;
		requests_refuse(c, v.why);
	}
}

static void
do_reopen(struct master *m, struct control_client *c, const json_t *req)
{
	const char *why = reopen_log(m);
	struct json j;

	(void)req;
	if (why != NULL) {
		requests_refuse(c, why);
		return;
	}
	answer_begin(&j, true);
	answer_end(c, &j);
}

static void
do_audit(struct master *m, struct control_client *c, const json_t *req)
{
	(void)req;
	c->waits_audit = true;
	m->book->audit_number++;
	m->audit_until_ms = m->now_ms + AUDIT_MS;
	audit_ask(m);
}

static void
do_quarantine(struct master *m, struct control_client *c, const json_t *req)
{
	const char *lift = json_string_value(json_object_get(req, "lift"));
	const char *why;
	struct cidr cidr;
	unsigned lifted = 0;
	struct json j;

	if (lift != NULL && cidr_parse(lift, &cidr, &why) == -1) {
		requests_refuse(c, why);
		return;
	}
	if (lift != NULL)
		lifted = quarantine_lift(m, &cidr);
	answer_begin(&j, true);
	json_key(&j, "quarantine");
	json_begin_object(&j);
	json_key(&j, "lifted");
	json_uint(&j, lifted);
	json_key(&j, "clients");
	quarantine_write(m, &j);
	json_end(&j);
	answer_end(c, &j);
}

static void
do_scale(struct master *m, struct control_client *c, const json_t *req)
{
	const char *to = json_string_value(json_object_get(req, "to"));
	struct verdict v;

	m->scale_to = to != NULL ? scale_parse(m, to) : -1;
	if (m->scale_to == -1) {
		requests_refuse(c, "scale takes a number of workers, such as "
		    "3, +1 or -1");
		return;
	}
	v = transition(m, ME_SCALE);
	c->waits_scale = v.action == MA_SCALE;
	if (v.action != MA_SCALE)
		requests_refuse(c, v.why != NULL ? v.why : "not now");
}

void
requests_scaled(struct master *m, struct control_client *c)
{
	char text[64];
	struct json j;

	c->waits_scale = false;
	snprintf(text, sizeof text, "%u workers", m->book->workers);
	answer_begin(&j, true);
	json_key(&j, "text");
	json_str(&j, text);
	answer_end(c, &j);
}

static void
do_upgrade(struct master *m, struct control_client *c, const json_t *req)
{
	const char *binary = json_string_value(json_object_get(req, "binary"));
	struct verdict v;

	m->binary[0] = '\0';
	if (binary != NULL && strlcpy(m->binary, binary, sizeof m->binary) >=
	    sizeof m->binary) {
		requests_refuse(c, "the path of the binary is too long");
		return;
	}
	c->waits_reload = true;
	v = transition(m, ME_UPGRADE);
	m->binary[0] = '\0';		/* the signal means our own file */
	if (v.action == MA_UPGRADE)
		return;
	c->waits_reload = false;
	requests_refuse(c, v.why != NULL ? v.why : "not now");
}

static void
do_reload(struct master *m, struct control_client *c, const json_t *req)
{
	struct verdict v;

	(void)req;
	c->waits_reload = true;		/* a file that is bad is told at once */
	v = transition(m, ME_RELOAD);
	if (v.action == MA_RELOAD)
		return;
	c->waits_reload = false;
	requests_refuse(c, v.why != NULL ? v.why : "not now");
}

void
requests_reloaded(struct control_client *c, const char *error,
    const char *text)
{
	struct json j;

	c->waits_reload = false;
	answer_begin(&j, error == NULL);
	if (error != NULL) {
		json_key(&j, "error");
		json_str(&j, error);
	}
	if (text != NULL) {
		json_key(&j, "text");
		json_str(&j, text);
	}
	answer_end(c, &j);
}

static const struct request {
	const char *verb;
	void (*handle)(struct master *, struct control_client *,
	    const json_t *);
} requests[] = {
	{ "audit", do_audit },
	{ "quarantine", do_quarantine },
	{ "reload", do_reload },
	{ "reopen", do_reopen },
	{ "scale", do_scale },
	{ "status", do_status },
	{ "stop", do_stop },
	{ "upgrade", do_upgrade },
};

void
requests_handle(struct master *m, struct control_client *c, const char *line)
{
	json_t *req = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const char *verb = json_string_value(json_object_get(req, "verb"));

	if (verb == NULL) {
		requests_refuse(c, "a request is one JSON object in one line, "
		    "such as {\"verb\":\"status\"}");
		json_decref(req);
		return;
	}
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		if (strcmp(verb, requests[i].verb) == 0) {
			requests[i].handle(m, c, req);
			json_decref(req);
			return;
		}
	requests_refuse(c, "no such verb; there are audit, quarantine, "
	    "reload, reopen, scale, status, stop, upgrade");
	json_decref(req);
}

bool
requests_audit_complete(struct master *m)
{
	return audit_complete(m);
}

void
requests_audited(struct master *m)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &m->clients[i];
		struct json j;

		if (c->fd == -1 || !c->waits_audit)
			continue;
		c->waits_audit = false;
		answer_begin(&j, true);
		json_key(&j, "audit");
		audit_write(m, &j);
		answer_end(c, &j);
	}
	m->audit_until_ms = 0;
}
