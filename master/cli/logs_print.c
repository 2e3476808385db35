/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs_print - see the header.  The record is printed by the formatter that
 * the server's own pretty format uses.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/escape.h"
#include "common/log_format.h"
#include "common/log_time.h"
#include "master/cli/logs_print.h"

static const int64_t us_per_s = 1000000;

/* What the head of a line shows; texts are borrowed from the JSON. */
struct parts {
	json_t *json;
	struct log_head head;
	char event[LOG_EVENT_MAX];
};

/* Text of the file, cut and escaped, as a string. */
static void
tame(char *dst, size_t size, const char *src, size_t n)
{
	size_t used;

	dst[escape_text(dst, size - 1, src, n, ESCAPE_PLAIN, &used)] = '\0';
}

static int
parse_ts(const char *text, int64_t *real_us)
{
	struct tm tm;
	const char *p;
	char *end;
	long us;

	memset(&tm, 0, sizeof(tm));
	p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (p == NULL || *p != '.')
		return -1;
	us = strtol(p + 1, &end, 10);
	if (end != p + 7 || us < 0 || strcmp(end, "Z") != 0)
		return -1;
	*real_us = (int64_t)timegm(&tm) * us_per_s + us;
	return 0;
}

/* Parses a line; -1 if it is no record.  The caller puts p->json. */
static int
parts_parse(struct parts *p, const char *line, size_t n)
{
	const json_t *ts, *level, *event, *msg;

	memset(p, 0, sizeof(*p));
	p->json = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	if (p->json == NULL)		/* integers beyond 63 bits? */
		p->json = json_loadb(line, n, JSON_ALLOW_NUL |
		    JSON_DECODE_INT_AS_REAL, NULL);
	ts = json_object_get(p->json, "ts");
	level = json_object_get(p->json, "level");
	event = json_object_get(p->json, "event");
	msg = json_object_get(p->json, "msg");
	if (!json_is_string(ts) || !json_is_string(level) ||
	    !json_is_string(event) ||
	    parse_ts(json_string_value(ts), &p->head.real_us) == -1 ||
	    logs_level_parse(json_string_value(level), &p->head.level) == -1)
		return -1;
	tame(p->event, sizeof(p->event), json_string_value(event),
	    json_string_length(event));
	p->head.event = p->event;
	p->head.msg = json_is_string(msg) ? json_string_value(msg) : "";
	p->head.msg_len = json_string_length(msg);
	return 0;
}

static void
parts_put(struct parts *p)
{
	json_decref(p->json);
	p->json = NULL;
}

static bool
in_head(const char *key)
{
	static const char *const keys[] = {
		"ts", "level", "event", "msg", "pid", "role", "slot",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void
put_field(const struct log_style *style, struct log_rec *r, const char *name,
    const json_t *value)
{
	char key[40], number[40], *text;

	tame(key, sizeof(key), name, strlen(name));
	if (json_is_string(value)) {
		log_format_text(style, r, key, json_string_value(value),
		    json_string_length(value), false);
		return;
	}
	if (json_is_real(value)) {
		log_format_word(style, r, key, number, (size_t)snprintf(number,
		    sizeof(number), "%.15g", json_real_value(value)));
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	if (text != NULL)
		log_format_text(style, r, key, text, strlen(text), false);
	free(text);
}

static void
put_day(struct logs_out *out, const struct log_style *style, int64_t real_us)
{
	int64_t local_us = real_us + style->east_s * us_per_s;
	int64_t day = local_us / us_per_s / 86400;
	char text[LOG_TIME_RFC3339];

	if (day == out->day)
		return;
	out->day = day;
	log_time_rfc3339(text, local_us);
	fprintf(out->file, "-- %.10s\n", text);
}

/* -1: none, or nothing that could be one. */
static int
slot_of(const json_t *record)
{
	double slot = json_number_value(json_object_get(record, "slot"));

	if (!json_is_number(json_object_get(record, "slot")) ||
	    !(slot >= 0 && slot <= INT_MAX))
		return -1;
	return (int)slot;
}

static void
print_record(struct logs_out *out, const struct parts *p)
{
	const json_t *role = json_object_get(p->json, "role");
	struct log_style style = {
		.format = LOG_F_PRETTY, .colour = out->colour,
		.east_s = log_time_east_s(p->head.real_us),
	};
	char who[24] = "?";
	struct log_rec r;
	const char *key;
	json_t *value;

	if (json_is_string(role))
		tame(who, sizeof(who), json_string_value(role),
		    json_string_length(role));
	log_style_ident(&style, 0, who, slot_of(p->json));
	put_day(out, &style, p->head.real_us);
	log_format_head(&style, &r, &p->head);
	json_object_foreach(p->json, key, value)
		if (!in_head(key))
			put_field(&style, &r, key, value);
	log_format_end(&style, &r);
	fwrite(r.buf, 1, r.len, out->file);
}

static void
print_strange(struct logs_out *out, const char *line, size_t n)
{
	char text[LOG_RECORD_MAX];
	size_t len, used;

	do {				/* a long one in several pieces */
		len = escape_text(text, sizeof(text), line, n, ESCAPE_PLAIN,
		    &used);
		fprintf(out->file, "? %.*s\n", (int)len, text);
		line += used;
		n -= used;
	} while (n > 0);
}

static bool
shows_strange(const struct logs_out *out)
{
	return !out->raw && !logs_filter_any(&out->filter);
}

bool
logs_wants(const struct logs_out *out, const char *line, size_t n)
{
	struct parts p;
	bool wanted;

	if (n == 0)
		return false;
	wanted = parts_parse(&p, line, n) == -1 ? shows_strange(out) :
	    logs_filter_match(&out->filter, p.json);
	parts_put(&p);
	return wanted;
}

void
logs_print(struct logs_out *out, const char *line, size_t n)
{
	struct parts p;

	if (n == 0)			/* it ended a torn line: nothing lost */
		return;
	if (parts_parse(&p, line, n) == -1) {
		out->strange++;
		if (shows_strange(out))
			print_strange(out, line, n);
	} else if (logs_filter_match(&out->filter, p.json)) {
		if (!out->raw)
			print_record(out, &p);
		else if (fwrite(line, 1, n, out->file) == n)
			putc('\n', out->file);
	}
	parts_put(&p);
}

void
logs_print_begin(struct logs_out *out)
{
	int64_t now_us = clock_real_us();

	out->day = (now_us / us_per_s + log_time_east_s(now_us)) / 86400;
}
