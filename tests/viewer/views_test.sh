#!/usr/bin/env bash
# Each view on a recording that is made now, as tests/viewer/recording.db once was: the same
# words as on the golden screens, whatever numbers the kernel of today has; colours where
# there are to be some, and none.
# Timeout: 200
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ringscope=$build/ringscope
export LANG=C.UTF-8

fail()
{
	printf '%s\n' "$*" >&2
	exit 1
}

# words FILE: what a screen says, without numbers and the letters of lanes.
words()
{
	grep -oE '[A-Za-z][A-Za-z-]{3,}' "$1" | grep -vE '^[uKPirzTZ]+$' | sort -u
}

# look NAME KEYS: the view after these keys, at both sizes.
look()
{
	local size name missing all
	for size in 80x24 160x48; do
		name=recording-$1$([ "$size" = 80x24 ] || echo -wide)
		"$ringscope" view --export "$name.txt" --size "$size" --press "$2" viewer_recording_test.db
		words "$here/golden/$name.txt" >golden.words
		words "$name.txt" >fresh.words
		all=$(wc -l <golden.words)
		missing=$(comm -23 golden.words fresh.words | wc -l)
		[ "$all" -ge 10 ] && [ $((missing * 7)) -le "$all" ] ||
			fail "$name: of $all words these are missing:" $(comm -23 golden.words fresh.words)
		"$ringscope" view --export "$name.svg" --size "$size" --press "$2" viewer_recording_test.db
		xmllint --noout "$name.svg"
		[ "$(grep -oE '#[0-9a-f]{6}' "$name.svg" | sort -u | wc -l)" -ge 4 ] ||
			fail "$name.svg: hardly any colours"
		"$ringscope" view --export "$name.svg" --size "$size" --press "TT$2" viewer_recording_test.db
		[ "$(grep -oE '#[0-9a-f]{6}' "$name.svg" | sort -u | wc -l)" -le 4 ] ||
			fail "$name.svg: colours where none are wanted"
	done
}

"$here/record" "$build" viewer_recording_test.db
looks=0
while read -r name keys; do
	look "$name" "$(printf '%b.' "$keys" | sed '$s/\.$//')"
	looks=$((looks + 1))
done < <(sed -nE 's/^\t\{ "([a-z-]+)", "([^"]*)" \},$/\1 \2/p' "$here/../host/viewer_recording_test.c")
[ "$looks" -ge 8 ] || fail "only $looks views"
