#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - every static check, all of them also when one fails.
#
# From the environment: CC (gcc), CLANG, CFLAGS (language, warnings, includes),
# LINT (words: some of the steps below only).

set -u
CC=${CC:-cc}
CLANG=${CLANG:-clang}
jobs=$(nproc 2>/dev/null || echo 1)
out=build/lint
bad=''
mkdir -p "$out"

find common worker master -name '*.c' | sort >"$out/product"
find tests -name '*.c' ! -path 'tests/coverage/*' | sort >"$out/tests"
cat "$out/product" "$out/tests" >"$out/all"
find common worker master tests -name '*.[ch]' | sort >"$out/c"
find contrib tests .ci -name '*.sh' -o -path .ci/run -o -name '*.init' -o -name 'p[or]*inst' -o -name 'p[or]*rm' |
    sort >"$out/scripts"
find master etc worker -name '*.[1-9]' | sort >"$out/man"

# step NAME LIST COMMAND...: runs the command over the files of a list, some at
# a time.  A command's words are its own; flags of the compiler are split.
step()
{
	name=$1 list=$out/$2
	shift 2
	case " ${LINT:-$name} " in *" $name "*) ;; *) return ;; esac
	[ -s "$list" ] || return
	if xargs -n 8 -P "$jobs" "$@" <"$list" >"$out/$name.log" 2>&1; then
		printf 'ok    %s\n' "$name"
	else
		printf 'FAIL  %s\n' "$name"
		grep -v ' warnings* generated\.$' "$out/$name.log" |
		    sed 's/^/      | /'
		bad="$bad $name"
	fi
}

# For each file of "$@" after --: compile it, throw the object away.
compile='for f; do $COMPILE -c -o /dev/null "$f" || bad=1; done; exit ${bad:-0}'

step style c awk -f tests/lint/style.awk
step shellcheck scripts shellcheck -S warning
step mandoc man mandoc -Tlint -Wwarning
export COMPILE
COMPILE="$CC $CFLAGS -O2 -Werror"
step gcc all sh -c "$compile" sh
COMPILE="$CLANG $CFLAGS -O2 -Werror"
step clang all sh -c "$compile" sh
# Against one header's surprise for the next: each compiles alone.
find common worker master -name '*.h' | sort >"$out/headers"
COMPILE="$CC $CFLAGS -Werror -fsyntax-only -x c"
step headers headers sh -c "$compile" sh
# Leaks are LeakSanitizer's: this one loses what is stored through a pointer.
COMPILE="$CC $CFLAGS -O1 -Werror -fanalyzer -Wno-analyzer-malloc-leak \
    -fdiagnostics-path-format=none"
step analyzer product sh -c "$compile" sh
# What is suppressed the others judge better: it does not know _Noreturn.
step cppcheck product cppcheck -q --error-exitcode=1 --std=c11 -I. \
    --enable=warning,portability --suppress=missingIncludeSystem \
    --suppress=uninitvar --suppress=ctuPointerArith \
    --suppress=arrayIndexOutOfBoundsCond --suppress=unknownMacro
# shellcheck disable=SC2016
export TIDY_FLAGS="$CFLAGS"
step tidy product sh -c 'clang-tidy -quiet "$@" -- $TIDY_FLAGS' sh

[ -z "$bad" ] && echo 'lint: clean'
[ -z "$bad" ]
