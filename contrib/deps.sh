#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deps.sh GROUP... - installs what a build still needs.
#
#	build  compiler, pkg-config and libraries	check  build + test peers
#	sanitize  check + ASan and UBSan		lint  check + analysers
#	fuzz   build + clang with libFuzzer		deb  build + debhelper
#
# Looks for commands, headers and pkg-config modules, not for package names, so
# what was built from source counts too, and says nothing when all is there.
# DEPS=no never installs: what must be there and is not is named, and it fails;
# what only some tests want is left to these tests to skip.
# Uses nothing but the shell until it calls the package manager.

set -u

usage()
{
	echo 'usage: deps.sh build|check|sanitize|lint|fuzz|deb ...' >&2
	exit 2
}

CC=${CC:-cc}
PKG_CONFIG=${PKG_CONFIG:-pkg-config}
manager=none
must=''
must_what=''
may=''

for m in apt-get dnf apk pacman; do
	if command -v $m >/dev/null 2>&1; then
		manager=$m
		break
	fi
done

# ------------------------------------------------------------- is it there ----

has_command()
{
	command -v "${1%% *}" >/dev/null 2>&1
}

has_module()
{
	if has_command "$PKG_CONFIG"; then
		"$PKG_CONFIG" --exists "$1"
		return
	fi
	for pc in /usr/lib/pkgconfig /usr/lib64/pkgconfig /usr/lib/*/pkgconfig \
	    /usr/local/lib/pkgconfig; do
		[ ! -e "$pc/$1.pc" ] || return 0
	done
	return 1
}

has_header()
{
	[ -e "/usr/include/$1" ] || has_probe "-E -include $1"
}

# Asks the compiler; flags are words.
has_probe()
{
	has_command "$CC" || return 1
	echo 'int main(void) { return 0; }' |
	    $CC $1 -x c - -o /dev/null >/dev/null 2>&1
}

has_fuzzer()
{
	has_command "$1" || return 1
	probe=${TMPDIR:-/tmp}/belay-deps.$$
	echo '#include <stddef.h>
	#include <stdint.h>
	int LLVMFuzzerTestOneInput(const uint8_t *, size_t);
	int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
	{ return p != NULL && n == 1 ? 0 : 0; }' |
	    "$1" -fsanitize=fuzzer,address -x c - -o "$probe" >/dev/null 2>&1
	rc=$?
	rm -f "$probe"
	return $rc
}

has_sanitizer()
{
	probe=${TMPDIR:-/tmp}/belay-deps.$$
	has_command "$CC" && echo 'int main(void) { return 0; }' |
	    $CC -fsanitize=address,undefined -x c - -o "$probe" >/dev/null 2>&1
	rc=$?
	rm -f "$probe"
	return $rc
}

# ----------------------------------------------------------- what is missing ----

# row KIND NAME APT DNF APK PACMAN: the package of this machine's manager.
package()
{
	case $manager in
	apt-get) echo "$3" ;;
	dnf) echo "$4" ;;
	apk) echo "$5" ;;
	pacman) echo "$6" ;;
	*) echo "$2" ;;
	esac
}

need()
{
	"has_$1" "$2" && return
	must="$must $(package "$@")"
	must_what="$must_what $2"
}

want()
{
	"has_$1" "$2" && return
	may="$may $(package "$@")"
}

#	kind	what		apt		dnf		apk		pacman
group_build()
{
need	command	"$CC"		"gcc libc6-dev"	gcc		"gcc musl-dev"	gcc
need	command	ar		binutils	binutils	binutils	binutils
need	command	"$PKG_CONFIG"	pkg-config	pkgconf-pkg-config pkgconf	pkgconf
need	header	stdio.h		libc6-dev	glibc-devel	musl-dev	glibc
need	header	linux/filter.h	linux-libc-dev	kernel-headers	linux-headers	linux-api-headers
need	module	libconfuse	libconfuse-dev	libconfuse-devel confuse-dev	confuse
need	module	libbsd		libbsd-dev	libbsd-devel	libbsd-dev	libbsd
need	module	jansson		libjansson-dev	jansson-devel	jansson-dev	jansson
}

group_check()
{
group_build
need	module	cmocka		libcmocka-dev	libcmocka-devel	cmocka-dev	cmocka
need	command	xargs		findutils	findutils	findutils	findutils
need	command	awk		mawk		gawk		gawk		gawk
need	command	timeout		coreutils	coreutils	coreutils	coreutils
want	command	nc		netcat-openbsd	netcat		netcat-openbsd	openbsd-netcat
want	command	curl		curl		curl		curl		curl
want	command	socat		socat		socat		socat		socat
want	command	strace		strace		strace		strace		strace
want	command	mandoc		mandoc		mandoc		mandoc		mandoc
}

group_sanitize()
{
group_check
need	sanitizer ASan+UBSan	gcc		"libasan libubsan libubsan-static" gcc		gcc
}

group_lint()
{
group_check
need	command	clang		clang		clang		clang		clang
need	command	clang-format	clang-format	clang-tools-extra clang-extra-tools clang
need	command	clang-tidy	clang-tidy	clang-tools-extra clang-extra-tools clang
need	command	cppcheck	cppcheck	cppcheck	cppcheck	cppcheck
need	command	shellcheck	shellcheck	ShellCheck	shellcheck	shellcheck
need	command	nm		binutils	binutils	binutils	binutils
}

group_fuzz()
{
group_build
need	fuzzer	"${CLANG:-clang}" "clang $(clang_rt)" "clang compiler-rt" "clang compiler-rt" "clang compiler-rt"
}

group_deb()
{
group_build
need	command	dpkg-buildpackage dpkg-dev	dpkg-dev	dpkg-dev	dpkg
need	command	dh		debhelper	debhelper	debhelper	debhelper
}

# Debian names the run-time library of clang by version.
clang_rt()
{
	if [ $manager != apt-get ]; then
		return
	fi
	apt-cache depends --no-pre-depends --no-suggests clang 2>/dev/null |
	while read -r kind name; do
		case "$kind $name" in
		*Depends:\ clang-[0-9]*) echo "libclang-rt-${name#clang-}-dev" ;;
		esac
	done
}

# -------------------------------------------------------------------- install ----

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif has_command sudo; then
		sudo "$@"
	elif has_command doas; then
		doas "$@"
	else
		echo "belay: neither root nor sudo; run: $*" >&2
		return 1
	fi
}

install_packages()
{
	case $manager in
	apt-get)
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
		    --no-install-recommends "$@" ;;
	dnf)	as_root dnf install -y "$@" ;;
	apk)	as_root apk add --no-cache "$@" ;;
	pacman)	as_root pacman -S --needed --noconfirm "$@" ;;
	*)	echo 'belay: no apt-get, dnf, apk or pacman here' >&2
		return 1 ;;
	esac
}

refresh_lists()
{
	case $manager in
	apt-get) as_root apt-get update ;;
	pacman)	as_root pacman -Sy ;;
	esac
}

# ----------------------------------------------------------------------- main ----

[ $# -gt 0 ] || usage
for group; do
	case $group in
	build|check|sanitize|lint|fuzz|deb) "group_$group" ;;
	*) usage ;;
	esac
done

case ${DEPS:-yes} in
no|0)
	[ -n "$must" ] || exit 0
	echo "belay: missing:$must_what" >&2
	echo "belay: packages:$must" >&2
	echo "belay: contrib/deps.sh $* installs them (so do make run and" \
	    "make check, without DEPS=no)" >&2
	exit 1 ;;
esac

# Words are package names: splitting them is meant.
# shellcheck disable=SC2086
if [ -n "$must" ]; then
	echo "belay: installing:$must" >&2
	install_packages $must >&2 || { refresh_lists >&2 &&
	    install_packages $must >&2; } || {
		echo "belay: could not install:$must" >&2
		exit 1
	}
fi
for p in $may; do
	echo "belay: installing $p for the tests that use it" >&2
	install_packages "$p" >&2 || { refresh_lists >&2 &&
	    install_packages "$p" >&2; } ||
	    echo "belay: no $p: the tests that use it will be skipped" >&2
done
exit 0
