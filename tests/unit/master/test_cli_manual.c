/* SPDX-License-Identifier: BSD-2-Clause */
/* The manual page says what the program does: no verb, option, signal, event
 * or exit code is missing, and no verb of a later version is there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "tests/unit/master/cli_fixture.h"

static char page[128 * 1024];

static int
setup(void **state)
{
	FILE *f = fopen("master/belay.8", "r");
	size_t n;

	(void)state;
	if (f == NULL)
		return -1;
	n = fread(page, 1, sizeof(page) - 1, f);
	page[n] = '\0';
	fclose(f);
	return n > 0 && n < sizeof(page) - 1 ? 0 : -1;
}

/* Whether the page has these words, and then the end of a word. */
static bool
has(const char *words)
{
	const char *at = page;
	size_t n = strlen(words);

	while ((at = strstr(at, words)) != NULL) {
		at += n;
		if (*at == '\0' || isspace((unsigned char)*at))
			return true;
	}
	return false;
}

static void
must_have(const char *macro, const char *word)
{
	char words[128];

	snprintf(words, sizeof(words), "\n%s %s", macro, word);
	if (!has(words))
		fail_msg("belay.8 lacks \"%s\"", words + 1);
}

static void
test_verbs(void **state)
{
	const struct cli_verb *v;
	char words[64];
	size_t i;

	(void)state;
	for (v = cli_verbs; v->name != NULL; v++)
		must_have(".It Cm", v->name);
	for (i = 0; cli_later_verbs[i] != NULL; i++) {
		snprintf(words, sizeof(words), "\n.It Cm %s",
		    cli_later_verbs[i]);
		assert_false(has(words));
	}
}

/* The part of the page that begins with a verb and ends with the next. */
static void
must_have_option(const struct cli_verb *v, const char *option, size_t n)
{
	char begin[64], words[64];
	const char *from, *to, *at;

	if (strncmp(option, "config", n) == 0)
		return;			/* what all share stands once */
	snprintf(begin, sizeof(begin), "\n.It Cm %s\n", v->name);
	snprintf(words, sizeof(words), "-%.*s", (int)n, option);
	from = strstr(page, begin);
	assert_non_null(from);
	to = strstr(from + 1, "\n.It Cm ");
	at = strstr(from, words);
	if (at == NULL || (to != NULL && at > to))
		fail_msg("belay.8 lacks --%.*s of %s", (int)n, option,
		    v->name);
}

static void
test_options(void **state)
{
	const struct cli_verb *v;
	const char *at;
	size_t n, found = 0;

	(void)state;
	for (v = cli_verbs; v->name != NULL; v++) {
		for (at = v->usage; (at = strstr(at, "--")) != NULL; at += n) {
			at += 2;
			n = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
			must_have_option(v, at, n);
			found++;
		}
	}
	assert_true(found > 20);
}

static void
test_events(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LOG_NEVENTS; i++)
		must_have(".It Ic", log_event_name[i]);
}

static void
test_signals(void **state)
{
	static const char *const names[] = { "TERM", "INT", "HUP", "USR1",
	    "USR2", "TTIN", "CHLD" };
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(names); i++)
		must_have(".It Dv", names[i]);
	must_have(".It Dv", "TTIN , TTOU");
	assert_null(strstr(page, "refused in this version"));
}

static void
test_keys(void **state)
{
	static const char *const names[] = { "q", "r", "s", "+", "h" };
	size_t i;

	(void)state;
	for (i = 0; i < NITEMS(names); i++)
		must_have(".It Cm", names[i]);
	must_have(".It Cm", "+ , \\-");
}

static void
test_exit_codes(void **state)
{
	char code[16];
	int i;

	(void)state;
	for (i = CLI_DONE; i <= CLI_OTHER_RUNS; i++) {
		snprintf(code, sizeof(code), "%d", i);
		must_have(".It", code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_exit_codes),
	};

	/* The stand-ins come from where this is defined. */
	(void)cli_calls();
	return cmocka_run_group_tests(tests, setup, NULL);
}
