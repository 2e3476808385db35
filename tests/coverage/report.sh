#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# report.sh BUILD_DIR - lines run per source file, worst last.

set -u
dir=$1
find "$dir/common" "$dir/worker" "$dir/master" -name '*.gcda' |
    while read -r data; do
	object=${data%.gcda}.o
	source=${data#"$dir"/}
	gcov -n -o "$object" "${source%.gcda}.c" 2>/dev/null
    done | awk -v q="'" '
/^File / { file = $2; gsub(q, "", file) }
/^Lines executed:/ {
	split($0, part, /[:% ]+/)
	if (file ~ /^(common|worker|master)\/.*\.c$/) {
		lines[file] = part[5]
		run[file] = part[3] * part[5] / 100
	}
	file = ""
}
END {
	sort = "sort -rn"
	for (f in lines) {
		printf "%6.1f%% of %4d  %s\n", 100 * run[f] / lines[f], lines[f], f | sort
		all += lines[f]
		done += run[f]
	}
	close(sort)
	if (all) printf "%6.1f%% of %4d  all\n", 100 * done / all, all
}' | tee "$dir/summary.txt"
