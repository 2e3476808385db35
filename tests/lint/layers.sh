#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# layers.sh BUILD_DIR - no directory knows one above or beside it.
#
# common/ stands alone; worker/ and master/ stand on it.  master/main.c and
# master/keeper.c alone may see the workers, through worker/worker.h.  Checked
# twice: in what the files include, and in what their objects call.

set -u
dir=$1
bad=0

# Lines "file:line:include" of the files $1 that name another layer than $2.
includes()
{
	find "$1" -name '*.[ch]' -exec grep -nE '^[ 	]*#[ 	]*include' /dev/null {} + |
	    grep -E 'include[ 	]*["<](common|worker|master|tests|etc|contrib|\.\.?)/' |
	    grep -vE "include[ 	]*\"($2)/"
}

crossed=$(includes common 'common'
    includes worker 'common|worker'
    includes master 'common|master' |
	grep -vE '^master/(main|keeper)\.c:[0-9]+:.*"worker/worker\.h"')
if [ -n "$crossed" ]; then
	printf 'includes of another layer:\n%s\n' "$crossed"
	bad=1
fi

defined()
{
	for f; do nm -gP --defined-only "$f"; done 2>/dev/null |
	    awk '$2 ~ /^[A-TV-Z]$/ { print $1 }' | sort -u
}

# Lines "object symbol" for what the objects of $1 leave to others.
undefined()
{
	nm -AgP --undefined-only "$1" 2>/dev/null |
	    sed -n 's/^[^[]*\[\(.*\)\]: \([^ ]*\) U.*/\1 \2/p'
}

# crossing LOWER "UPPER..." "EXEMPT OBJECTS": who in LOWER calls UPPER.
crossing()
{
	lower=$1 exempt=$3
	# shellcheck disable=SC2086
	defined $2 >"$dir/layers.defined"
	calls=$(undefined "$lower" | awk -v exempt=" $exempt " '
	FNR == NR { upper[$1] = 1; next }
	($2 in upper) && !index(exempt, " " $1 " ") { print "  " $1 ": " $2 }
	' "$dir/layers.defined" -)
	if [ -n "$calls" ]; then
		printf '%s calls what lies in %s:\n%s\n' "$lower" "$2" "$calls"
		bad=1
	fi
}

common=$dir/libcommon.a worker=$dir/libworker.a master=$dir/libmaster.a
crossing "$common" "$worker $master $dir/master/main.o" ''
crossing "$worker" "$master $dir/master/main.o" ''
crossing "$master" "$worker" 'keeper.o'
rm -f "$dir/layers.defined"

# What main.o and keeper.o take from the workers stands in worker/worker.h.
for o in "$dir/master/main.o" "$dir/master/keeper.o"; do
	[ -e "$o" ] || continue
	for s in $(nm -gP --undefined-only "$o" | awk '{ print $1 }'); do
		defined "$worker" | grep -qx "$s" || continue
		grep -qw "$s" worker/worker.h && continue
		echo "$o calls $s, which is not in worker/worker.h"
		bad=1
	done
done

[ $bad = 0 ] && echo 'layers: clean'
exit $bad
