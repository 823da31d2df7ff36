#!/usr/bin/env bash
# The viewer without a terminal: plain lines, and one clear line for each mistake.
# Timeout: 60
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ringscope=$build/ringscope

# expect STATUS PATTERN ARGS…: run view, its exit status and its one line on stderr.
expect()
{
	local status=0 wanted=$1 pattern=$2
	shift 2
	"$ringscope" view "$@" >out 2>err </dev/null || status=$?
	[ "$status" -eq "$wanted" ] || { printf 'view %s: status %d\n' "$*" "$status" >&2; cat err >&2; exit 1; }
	grep -qE -- "$pattern" err || { printf 'view %s: wrong message\n' "$*" >&2; cat err >&2; exit 1; }
	[ "$(wc -l <err)" -eq 1 ] || { printf 'view %s: not one line\n' "$*" >&2; cat err >&2; exit 1; }
}

cmake --build "$build" --target make_synthetic_trace >/dev/null
"$(find "$build" -name make_synthetic_trace -type f | head -n1)" t.db 20000
echo 'not a database' >foreign.db

expect 2 '^ringscope: .*--linear' t.db
expect 2 '^ringscope: .*missing\.db' missing.db
expect 2 '^ringscope: ' foreign.db
expect 2 '^ringscope: view: .*--help' --no-such-option
expect 2 '^ringscope: view: --event' --event x t.db
expect 2 '^ringscope: filter: no key' --filter colour=red --linear t.db
expect 2 '^ringscope: view: two trace' t.db t.db t.db

"$ringscope" view --linear t.db >all
events=$(sqlite3 t.db 'select count(*) from event' 2>/dev/null || wc -l <all)
[ "$(wc -l <all)" -eq "$events" ]
! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' all
"$ringscope" view --linear --filter 'kind=switch' t.db >some
[ "$(wc -l <some)" -gt 0 ] && [ "$(grep -c -- ' -> ' some)" -eq "$(wc -l <some)" ]
status=0
"$ringscope" view --linear t.db >/dev/full 2>err || status=$?
[ "$status" -eq 2 ] && grep -q '^ringscope: ' err

# What is seen, as files: SVG that an XML reader takes, text, a recorded terminal.
"$ringscope" view --export s.svg --event 500 t.db
xmllint --noout s.svg
LANG=C.UTF-8 "$ringscope" view --export s.txt --size 100x30 --press 2 t.db
[ "$(wc -l <s.txt)" -eq 30 ] && grep -q 'whole trace' s.txt
"$ringscope" view --export s.cast --event 500 --ascii t.db
jq -es 'length > 20 and .[0].version == 2 and all(.[1:][]; .[1] == "o")' s.cast >/dev/null
# Marks are asciicast markers; what is too long says how far it got.
"$ringscope" view --export m.cast --press $':ev 505\nmk:ev 500\na:ev 510\nb:pace 100\n' t.db 2>err
[ "$(jq -r 'select(type == "array" and .[1] == "m") | .[2]' m.cast | tr -d '\n')" = AkB ]
[ ! -s err ]
"$ringscope" view --size 40x8 --export m.cast --press $':ev 500\na:ev 5000\nb' t.db 2>err
grep -q 'up to event [0-9]*: 300 s are the most' err
# Colours, places and clearing: no other sequence is in a recorded terminal.
! jq -rj 'if type == "array" then .[2] else "" end' s.cast | sed 's/\x1b\[[0-9;?]*[Hmjl J]//g' | LC_ALL=C grep -qP '\x1b'
expect 2 '^ringscope: export: .*must end in' --export s.gif t.db
expect 2 '^ringscope: export: /nowhere/s.svg' --export /nowhere/s.svg t.db
expect 2 '^ringscope: view: --size' --size big --export s.svg t.db

# The README's table of keys is the program's own.
"$ringscope" view --keys >keys
grep -q '^| `Space` |' keys
while read -r line; do
	grep -qxF -- "$line" "$here/../../viewer/README.md" || {
		printf 'viewer/README.md lacks: %s\n' "$line" >&2
		exit 1
	}
done <keys
"$ringscope" view --help | grep -q -- --linear
