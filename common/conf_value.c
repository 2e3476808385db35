/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_value - single values as people write them, and back.
 *
 * Numbers are decimal, always: 010 is ten.  Nothing may stand before or
 * behind a value, and a value that does not fit is refused, never cut.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/conf_value.h"
#include "common/nearest.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };
static const struct unit size_units[] = {
	{ "g", 1 << 30 }, { "m", 1 << 20 }, { "k", 1 << 10 }, { "", 1 },
	{ NULL, 0 },
};
static const struct unit msec_units[] = {
	{ "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
	{ NULL, 0 },
};

enum outcome { VALUE_OK, VALUE_SHAPE, VALUE_LARGE };

static enum outcome
value_parse(const char *s, const struct unit *units, uint64_t *out)
{
	uint64_t v = 0;
	bool large = false;

	if (*s < '0' || *s > '9')
		return VALUE_SHAPE;
	for (; *s >= '0' && *s <= '9'; s++)
		large |= __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v);
	while (units->name != NULL && strcmp(units->name, s) != 0)
		units++;
	if (units->name == NULL && (v != 0 || large || *s != '\0'))
		return VALUE_SHAPE;	/* nothing needs no unit */
	if (units->name != NULL)
		large |= __builtin_mul_overflow(v, units->factor, &v);
	if (large || v > INT64_MAX)
		return VALUE_LARGE;
	*out = v;
	return VALUE_OK;
}

static int
value_explain(enum outcome o, const char *shape, char why[static CONF_WHY_MAX])
{
	if (o != VALUE_OK)
		(void)snprintf(why, CONF_WHY_MAX, "%s",
		    o == VALUE_SHAPE ? shape : "too large for any number here");
	return o == VALUE_OK ? 0 : -1;
}

int
conf_value_uint(const char *text, uint64_t *out, char why[static CONF_WHY_MAX])
{
	return value_explain(value_parse(text, no_units, out),
	    "not a whole number; write decimal digits, like 16", why);
}

int
conf_value_size(const char *text, uint64_t *out, char why[static CONF_WHY_MAX])
{
	return value_explain(value_parse(text, size_units, out),
	    "not a size; write bytes or a unit, like 512, 16k, 1m or 1g", why);
}

int
conf_value_msec(const char *text, uint64_t *out, char why[static CONF_WHY_MAX])
{
	return value_explain(value_parse(text, msec_units, out),
	    "not a duration; write a number and its unit, like 250ms, 30s, 5m "
	    "or 1h", why);
}

int
conf_value_bool(const char *text, bool *out, char why[static CONF_WHY_MAX])
{
	static const char *const words[] = {
		"true", "false", "on", "off", "yes", "no",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0) {
			*out = i % 2 == 0;
			return 0;
		}
	(void)snprintf(why, CONF_WHY_MAX, "neither true nor false; write one "
	    "of them (on, off, yes and no are fine too)");
	return -1;
}

int
conf_value_enum(const char *text, const char *const *names, int *out,
    char why[static CONF_WHY_MAX])
{
	struct nearest near = { .word = text };
	size_t n;

	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return 0;
		}
		nearest_try(&near, names[i]);
	}
	n = (size_t)snprintf(why, CONF_WHY_MAX, "not known; ");
	if (near.best != NULL)
		n += (size_t)snprintf(why + n, CONF_WHY_MAX - n,
		    "did you mean %s? ", near.best);
	n += (size_t)snprintf(why + n, CONF_WHY_MAX - n, "one of");
	for (int i = 0; names[i] != NULL && n < CONF_WHY_MAX; i++)
		n += (size_t)snprintf(why + n, CONF_WHY_MAX - n, "%s%s",
		    i == 0 ? " " : ", ", names[i]);
	return -1;
}

static const char *
value_print(uint64_t v, const struct unit *units, const char *zero,
    char buf[static CONF_VALUE_MAX])
{
	if (v == 0)
		(void)snprintf(buf, CONF_VALUE_MAX, "%s", zero);
	for (; v != 0 && units->name != NULL; units++)
		if (v % units->factor == 0) {
			(void)snprintf(buf, CONF_VALUE_MAX, "%" PRIu64 "%s",
			    v / units->factor, units->name);
			break;
		}
	return buf;
}

const char *
conf_value_print_size(uint64_t v, char buf[static CONF_VALUE_MAX])
{
	return value_print(v, size_units, "0", buf);
}

const char *
conf_value_print_msec(uint64_t v, char buf[static CONF_VALUE_MAX])
{
	return value_print(v, msec_units, "0s", buf);
}
