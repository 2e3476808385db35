# SPDX-License-Identifier: BSD-2-Clause
#
# style.awk - what of the house style a machine can see, in C files.
#
# Length of files (400) and functions (60) and lines (80 columns), layout of
# KNF, and words that must not be there: unfinished business anywhere, waits in
# tests, exits and asserts of libc in processes that were cloned raw.

function say(what)
{
	printf "%s:%d: %s\n", FILENAME, FNR, what
	bad = 1
}

function end_of_file()
{
	if (file != "" && lines > 400) {
		printf "%s:%d: the file is over 400 lines\n", file, lines
		bad = 1
	}
}

function columns(s,    i, n)
{
	n = 0
	for (i = 1; i <= length(s); i++)
		n = substr(s, i, 1) == "\t" ? n - n % 8 + 8 : n + 1
	return n
}

# The code of a line: without strings, characters and comments.
function code_of(s,    at)
{
	gsub(/\\./, "", s)
	gsub(/"[^"]*"/, "\"\"", s)
	gsub(/'[^']*'/, "''", s)
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", s)
	if (in_comment) {
		at = index(s, "*/")
		if (!at)
			return ""
		in_comment = 0
		s = substr(s, at + 2)
	}
	at = index(s, "/*")
	if (at) {
		in_comment = 1
		s = substr(s, 1, at - 1)
	}
	return s
}

FNR == 1 {
	end_of_file()
	file = FILENAME
	in_comment = start = 0
	before = ""
	is_test = file ~ /^tests\//
	is_c = file ~ /\.c$/
	# These leave by exit(3): their libc knows who they are.
	may_exit = file ~ /^master\/(main\.c|cli\/)/ || is_test
	if ($0 != "/* SPDX-License-Identifier: BSD-2-Clause */")
		say("the first line is the SPDX line")
}
FNR == 2 && !/^\/\*/ { say("a head comment says what the file is for") }

{
	lines = FNR
	code = code_of($0)
}

/[ \t]$/ { say("blanks at the end") }
/^ *\t* {8}/ { say("indentation is by tabs") }
columns($0) > 80 { say("over 80 columns") }
/(^|[^X])XXX([^X]|$)|TODO|FIXME/ { say("unfinished: make it an assertion, a test or an issue") }

code ~ /\/\// { say("comments are /* */") }
code ~ /(^|[^a-zA-Z0-9_])(if|for|while|switch|return)\(/ {
	say("a blank after if, for, while, switch, return")
}
code ~ /^[ \t]*(\} *)?(if|for|while|switch|else).*\)\{|\}else|else\{/ { say("a blank beside the brace") }
code ~ /^[ \t]+\{$/ && before ~ /(\)|else)$/ && before !~ /=[^()]*$/ {
	say("the brace stands on the line of its statement")
}
code ~ /(^|[^a-z_])typedef[ \t]+(struct|union|enum)/ {
	say("no typedef of structs")
}
is_c && /^#[ \t]*(if|ifdef|ifndef|elif)([ \t]|$)/ {
	say("no conditional code: a variant is another file")
}
is_test && code ~ /(^|[^a-z_])(u|nano|clock_nano)?sleep\(/ {
	say("tests wait for events, they do not sleep")
}
!may_exit && is_c && code ~ /(^|[^a-zA-Z0-9_])(assert|abort|raise|exit|err|errx|atexit|quick_exit)\(/ {
	say("libc may be stale here: return an error, or bug()")
}
!is_test && code ~ /(^|[^a-zA-Z0-9_])(strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp|alloca|system|popen|signal)\(/ {
	say("not this function")
}

# A function begins with a brace in column 1 and ends so.
code ~ /^\{/ {
	start = FNR
	if (before ~ /^[a-z].*[ *][a-z_0-9]+\(.*\)$/ &&
	    before !~ /^[a-z_0-9]+\(/)
		say("the type stands on the line before the name")
}
code ~ /^\}/ {
	if (start && FNR - start - 1 > 60)
		say("the function is over 60 lines: " FNR - start - 1)
	start = 0
}
{ if (code ~ /[^ \t]/) before = code; sub(/[ \t]+$/, "", before) }

END {
	end_of_file()
	exit bad
}
