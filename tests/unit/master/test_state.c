/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state: walks every cell against the table written down here a second time,
 * as letters, and against rules that no cell may break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "master/state.h"

/* One letter per action: Ignore reFuse Serve Answer Upgrade Reload scale(G)
 * reOpen Drain Leave Cut Kill eXit; then the next state's first letter but '-'
 * for the same. */
static const char *const want[MS_NSTATES] = {
	/* rdy rel don fai upg sca reo sto now dly drn tmo */
	"Sr F- I- I- F- F- O- Dd Cs I- I- I-",
	"I- Rl I- I- Ul G- O- Dd Cs I- I- I-",
	"I- F- Ar Ar F- F- O- Dd Cs I- I- I-",
	"I- F- I- I- F- F- O- Cs Cs L- Xs Cs",
	"I- F- I- I- F- F- O- I- K- I- X- K-",
};
static const char letters[] = "IFSAURGODLCKX";

/* Where a letter leads; 's' is stopping, since no cell leads to starting. */
static enum mstate
where(char c, enum mstate here)
{
	switch (c) {
	case 'r':
		return MS_RUNNING;
	case 'l':
		return MS_RELOADING;
	case 'd':
		return MS_DRAINING;
	case 's':
		return MS_STOPPING;
	default:
		return here;
	}
}

static void
test_every_cell(void **state)
{
	int s, e;

	(void)state;
	assert_int_equal(strlen(letters), MA_NACTIONS);
	for (s = 0; s < MS_NSTATES; s++)
		assert_int_equal(strlen(want[s]), 3 * ME_NEVENTS - 1);
	for (s = 0; s < MS_NSTATES; s++)
		for (e = 0; e < ME_NEVENTS; e++) {
			struct verdict v = state_next((enum mstate)s,
			    (enum mevent)e);
			const char *w = want[s] + 3 * e;

			if (letters[v.action] != w[0] ||
			    v.next != where(w[1], (enum mstate)s))
				fail_msg("%s x %s: %s, %s, wanted %.2s",
				    mstate_name[s], mevent_name[e],
				    maction_name[v.action],
				    mstate_name[v.next], w);
		}
}

static bool
is_stop(enum mstate s)
{
	return s == MS_DRAINING || s == MS_STOPPING;
}

static void
test_rules(void **state)
{
	int s, e;

	(void)state;
	for (s = 0; s < MS_NSTATES; s++)
		for (e = 0; e < ME_NEVENTS; e++) {
			struct verdict v = state_next((enum mstate)s,
			    (enum mevent)e);

			if (v.action == MA_IGNORE || v.action == MA_REFUSE)
				assert_int_equal(v.next, s);
			assert_int_equal(v.why != NULL, v.action == MA_REFUSE);
			if (is_stop((enum mstate)s))	/* never taken back */
				assert_true((int)v.next >= s);
		}
}

/* Each action is in the table, and each has a name, as have the others. */
static void
test_names(void **state)
{
	bool used[MA_NACTIONS] = { false };
	int i, j;

	(void)state;
	for (i = 0; i < MS_NSTATES; i++)
		for (j = 0; j < ME_NEVENTS; j++)
			used[state_next((enum mstate)i,
			    (enum mevent)j).action] = true;
	for (i = 0; i < MA_NACTIONS; i++) {
		assert_true(used[i]);
		assert_non_null(maction_name[i]);
	}
	for (i = 0; i < ME_NEVENTS; i++)
		assert_non_null(mevent_name[i]);
	for (i = 0; i < MS_NSTATES; i++)
		assert_non_null(mstate_name[i]);
	assert_string_equal(mstate_name[MS_RELOADING], "reloading");
}

/* A stop leads to the exit from every state by deadlines alone. */
static void
test_stop_ends(void **state)
{
	static const enum mevent stops[] = { ME_STOP, ME_STOP_NOW };
	struct verdict v;
	int s, k, steps;

	(void)state;
	for (s = 0; s < MS_NSTATES; s++)
		for (k = 0; k < 2; k++) {
			v = state_next((enum mstate)s, stops[k]);
			assert_true(is_stop(v.next));
			for (steps = 0; v.action != MA_KILL; steps++) {
				assert_in_range(steps, 0, 2);
				v = state_next(v.next, ME_TIMEOUT);
			}
			v = state_next(v.next, ME_DRAINED);
			assert_int_equal(v.action, MA_EXIT);
		}
}

static void
test_out_of_range(void **state)
{
	struct verdict v = state_next(MS_RUNNING, ME_NEVENTS);

	(void)state;
	assert_int_equal(v.action, MA_IGNORE);
	assert_int_equal(v.next, MS_RUNNING);
	v = state_next((enum mstate)MS_NSTATES, ME_STOP);
	assert_int_equal(v.action, MA_IGNORE);
	assert_int_equal(v.next, MS_NSTATES);
	v = state_next((enum mstate)-1, (enum mevent)-1);
	assert_int_equal(v.action, MA_IGNORE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_stop_ends),
		cmocka_unit_test(test_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
