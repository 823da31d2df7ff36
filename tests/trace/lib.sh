# What the scripts here share: source it with the build directory in $1.
#
# Every check prints one line, "ok" or "FAILED", and the script goes on; `finish` at the
# end says PASS or FAIL and is the exit status.  Nothing runs without a time limit.
set -u
build=$1
ringscope=$build/ringscope
busybox=$(command -v busybox)
failures=0

for need in "$ringscope" "$build/kernel.elf" "$build/user/init" "$busybox"; do
	[ -e "$need" ] || { echo "FAIL: $need is not there"; exit 1; }
done
for need in sqlite3 jq timeout cmp; do
	command -v "$need" >/dev/null || { echo "FAIL: $need is not installed"; exit 1; }
done

# rs SECONDS ARGUMENT...: the program, under a time limit (124 when it is reached).
rs()
{
	local seconds=$1
	shift
	timeout -k 5 "$seconds" "$ringscope" "$@"
}

ok()
{
	printf '  ok      %s\n' "$1"
}

# bad WHAT [DETAIL...]
bad()
{
	printf '  FAILED  %s\n' "$1"
	shift
	[ $# = 0 ] || printf '          %s\n' "$@"
	failures=$((failures + 1))
}

# is WHAT WANTED GOT
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		bad "$1" "wanted: $2" "got:    $3"
	fi
}

# holds WHAT COMMAND...: the command succeeds.
holds()
{
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then
		ok "$what"
	else
		bad "$what" "$*" "$(printf '%s' "$output" | tail -n 5)"
	fi
}

# same WHAT FILE FILE: byte by byte.
same()
{
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		bad "$1" "$2 and $3 differ:"
		diff -a "$2" "$3" | head -n 20 | sed 's/^/          /'
	fi
}

# sql WHAT WANTED QUERY, on $trace
sql()
{
	is "$1" "$2" "$(sqlite3 -readonly "$trace" "$3" 2>&1)"
}

# sql_event WHAT WANTED QUERY: the same, with the virtual table event.
sql_event()
{
	is "$1" "$2" "$(rs 60 sql --mode list "$trace" "$3" 2>sql.err || cat sql.err)"
}

# one_line WHAT FILE PATTERN: the file is one message of ours and says that.
one_line()
{
	if [ "$(wc -l <"$2")" = 1 ] && grep -q '^ringscope: ' "$2" && grep -qiE -e "$3" "$2"; then
		ok "$1"
	else
		bad "$1" "wanted one line 'ringscope: ... $3 ...', got:" "$(head -c 600 "$2")"
	fi
}

finish()
{
	if [ "$failures" = 0 ]; then
		echo "PASS: $(basename "$0")"
		exit 0
	fi
	echo "FAIL: $(basename "$0"): $failures checks failed"
	exit 1
}
