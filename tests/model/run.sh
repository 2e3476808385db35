#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - the move protocol, searched exhaustively by spin, and broken on
# purpose: each mutant must be found, else the model proves nothing.
#
# run.sh [DIRECTORY]: builds there (build/model).  FULL=1: also the searches
# that take minutes.  From the environment: SPIN, CC.

set -u
SPIN=${SPIN:-spin}
CC=${CC:-cc}
out=${1:-build/model}
model=$(cd "$(dirname "$0")" && pwd)/move.pml
bad=0
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
cd "$out" || exit 1

# search KIND FLAG...: leaves what the search said in the file `said`.
search()
{
	kind=$1
	shift
	rm -f pan pan.c said move.pml.trail
	case $kind in
	safety)	set -- "$@"; cflags='-DSAFETY -DNOCLAIM -DNOFAIR'; pflags='' ;;
	live)	set -- -DLIVE "$@"; cflags=''; pflags='-a -f' ;;
	esac
	"$SPIN" -a "$@" "$model" >spin.log 2>&1 || { cat spin.log; exit 1; }
	# A rendezvous ends a process: no partial order reduction.
	# shellcheck disable=SC2086
	"$CC" -O2 -w -DNOREDUCE -DCOLLAPSE -DMEMLIM=8000 $cflags -o pan pan.c ||
	    exit 1
	# shellcheck disable=SC2086
	./pan $pflags -m1000000 >said 2>&1
}

# A search that was cut short has found nothing either.
complete()
{
	grep -q 'errors: 0$' said &&
	    ! grep -q 'max search depth too small\|out of memory' said
}

holds()
{
	name=$1
	shift
	search "$@"
	if complete; then
		verdict='ok  '
	else
		verdict='FAIL' bad=1
	fi
	printf '%s  %-44s %9s states %6s s\n' "$verdict" "$name" \
	    "$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' said)" \
	    "$(sed -n 's/.*elapsed time \([0-9.e+]*\) s.*/\1/p' said)"
	[ "$verdict" = FAIL ] && grep '^pan:1' said
}

found()
{
	name=$2 mutant=$1
	shift 2
	search "$@" -DMUTANT="$mutant"
	if grep -q '^pan:1: \(assertion\|acceptance\)' said; then
		printf 'ok    found: %s\n' "$name"
	else
		printf 'FAIL  not found: %s\n' "$name"
		bad=1
	fi
}

one='-DORDERS=1 -DDEATHS_G=1 -DDEATHS_T=1 -DDEATHS_M=1'

# shellcheck disable=SC2086
{
holds 'one order, two deaths of each' safety -DORDERS=1 \
    -DDEATHS_G=2 -DDEATHS_T=2 -DDEATHS_M=2
holds 'two orders, giver and taker die' safety -DORDERS=2 \
    -DDEATHS_G=1 -DDEATHS_T=1 -DDEATHS_M=0
holds 'three connections' safety -DN=3 -DORDERS=1 \
    -DDEATHS_G=1 -DDEATHS_T=1 -DDEATHS_M=0
holds 'the taker goes with its descriptors' safety $one -DGONE=1
holds 'all comes to rest, under weak fairness' live -DORDERS=1 \
    -DDEATHS_G=1 -DDEATHS_T=1 -DDEATHS_M=0
if [ -n "${FULL-}" ]; then
	holds 'two orders, all die' safety -DORDERS=2 \
	    -DDEATHS_G=1 -DDEATHS_T=1 -DDEATHS_M=1
	holds 'all comes to rest, all die' live $one
	holds 'three connections, all die' safety -DN=3 $one
fi

found 1 'the giver drops what is not acknowledged' safety $one
found 2 'settled while the taker may still take' safety $one
found 3 'a row published before its number' safety $one
found 4 'a take not begun counts as one never begun' safety $one
found 5 'an order that was lost is waited for' safety $one
found 6 'the redo record of a slot that is gone is left out' safety $one \
    -DGONE=1
found 7 'an order closed over rows on their way' safety $one
found 8 'a connection half taken counts as a newcomer' safety $one
found 9 'a row that is being filled shows a state' safety $one
found 10 "a giver's successor serves what is on its way" safety $one
found 11 'a send that fails with none on its way' safety $one
found 12 'a verdict that is sent but once' live $one
found 13 'the verdict goes with the slot' safety $one -DGONE=1
}
exit $bad
