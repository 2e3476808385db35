#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD_DIR [-j N PROGRAM...]... - runs test programs, a line for each.
#
# A group of programs after -j runs N at a time; groups run one after the other.
# What a program says goes to BUILD_DIR/results/NAME.log and is shown when it
# fails; the reasons of skipped tests (lines "skip: why") are shown always.
# The cases of cmocka programs are counted; another program counts as one case,
# with exit status 77 for skipped.  A sanitizer's report fails the program, as
# does TEST_TIMEOUT (seconds, 120).  The last line is the sum; exit status 1
# when anything failed.

set -u

one()
{
	prog=$1 dir=$2
	name=${prog#"$dir"/tests/}
	log=$dir/results/$name.log
	BELAY_REPORTS=$PWD/$dir/results/$name.reports
	export BELAY_REPORTS
	mkdir -p "$BELAY_REPORTS" "${log%/*}"

	# Reports are files: tests and this script find them, and a server that
	# has closed its stderr still leaves one.
	export ASAN_OPTIONS="exitcode=99:detect_stack_use_after_return=1:log_path=$BELAY_REPORTS/report${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
	export UBSAN_OPTIONS="exitcode=99:print_stacktrace=1:log_path=$BELAY_REPORTS/report${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
	export LSAN_OPTIONS="${LSAN_OPTIONS:-}"

	began=$(date +%s)
	timeout -k 10 "${TEST_TIMEOUT:-120}" "$prog" >"$log" 2>&1 </dev/null
	rc=$?
	took=$(($(date +%s) - began))
	why=''
	case $rc in
	0|77) ;;
	124|137) why="no end after ${TEST_TIMEOUT:-120} s" ;;
	12[89]|1[3-9]?) why="killed by signal $((rc - 128))" ;;
	*) why="exit status $rc" ;;
	esac
	for report in "$BELAY_REPORTS"/*; do
		[ -e "$report" ] || continue
		why="${why:+$why, }sanitizer report"
		{ echo "--- $report"; cat "$report"; } >>"$log"
	done
	rmdir "$BELAY_REPORTS" 2>/dev/null

	# passed failed skipped, of the cases between a group's two headings
	count=$(awk -v rc="$rc" -v why="$why" '
	/^\[==========\].*[Rr]unning/ { inside = seen = 1 }
	/^\[==========\].*run\.$/ { inside = 0 }
	inside && /^\[ RUN      \]/ { ran++ }
	inside && /^\[       OK \]/ { passed++ }
	inside && /^\[  SKIPPED \]/ { skipped++ }
	END {
		failed = ran - passed - skipped
		if (!seen && rc == 77) skipped = 1
		else if (!seen && why == "") passed = 1
		if (failed == 0 && why != "") failed = 1
		print passed + 0, failed + 0, skipped + 0
	}' "$log")
	# shellcheck disable=SC2086
	set -- $count
	echo "$count" >"$dir/results/$name.count"

	word=ok
	[ "$3" = 0 ] || [ "$1" != 0 ] || word=skip
	[ "$2" = 0 ] || word=FAIL
	{
		printf '%-4s  %-32s %3d passed' "$word" "$name" "$1"
		[ "$2" = 0 ] || printf ', %d failed' "$2"
		[ "$3" = 0 ] || printf ', %d skipped' "$3"
		[ "$took" -lt 2 ] || printf ', %d s' "$took"
		printf '%s\n' "${why:+: $why}"
		grep '^skip: ' "$log" | sort -u | sed 's/^/      /'
		[ "$2" = 0 ] || tail -n 200 "$log" | sed 's/^/      | /'
	} >"$dir/results/$name.said"
	cat "$dir/results/$name.said"	# in one piece, whoever runs beside
}

sum()
{
	find "$1/results" -name '*.count' -exec cat {} + | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit (failed > 0 || passed + skipped == 0)
	}'
}

dir=$1
shift
if [ "$dir" = --one ]; then
	one "$2" "$1"
	exit 0
fi
rm -rf "$dir/results"
mkdir -p "$dir/results"
while [ $# -gt 0 ]; do
	[ "$1" = -j ] || { echo 'usage: run.sh DIR [-j N PROGRAM...]...' >&2; exit 2; }
	jobs=$2
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -j ]; do
		echo "$1"
		shift
	done >"$dir/results/group"
	[ ! -s "$dir/results/group" ] ||
	    xargs -n 1 -P "$jobs" "$0" --one "$dir" <"$dir/results/group"
done
sum "$dir"
