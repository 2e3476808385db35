#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh PROGRAM SOURCE - runs one libFuzzer program for FUZZ_TIME seconds.
#
# SOURCE is its source without .c: SOURCE.corpus/ holds the seeds that are kept,
# SOURCE.dict its words.  New inputs grow in PROGRAM.corpus; what breaks it goes
# to PROGRAM.crash-* and is tried first in the next run until it is fixed.

set -u
prog=$1 source=$2
mkdir -p "$prog.corpus"
set --
[ ! -e "$source.dict" ] || set -- "$@" -dict="$source.dict"
export UBSAN_OPTIONS=print_stacktrace=1

for crash in "$prog".crash-* "$prog".leak-* "$prog".oom-* "$prog".timeout-*; do
	[ ! -e "$crash" ] || "$prog" "$crash" >"$prog.log" 2>&1 || {
		cat "$prog.log"
		echo "fuzz: $source still breaks on $crash"
		exit 1
	}
done
set -- "$@" -max_total_time="${FUZZ_TIME:-60}" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$prog." "$prog.corpus"
[ ! -d "$source.corpus" ] || set -- "$@" "$source.corpus"
"$prog" "$@" >"$prog.log" 2>&1
rc=$?
if [ $rc -ne 0 ]; then
	tail -n 60 "$prog.log"
	echo "fuzz: $source broke, status $rc"
	exit 1
fi
grep -E 'DONE|Done' "$prog.log" | tail -n 1 | sed "s,^,fuzz: $source: ,"
