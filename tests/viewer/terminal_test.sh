#!/usr/bin/env bash
# The viewer in a real terminal: screens at two sizes, keys, resizes down to
# nothing, several kinds of terminal, and the terminal whole again on every way out.
# Timeout: 240
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/screen.sh"
ringscope=$build/ringscope

cmake --build "$build" --target make_synthetic_trace >/dev/null
"$(find "$build" -name make_synthetic_trace -type f | head -n1)" t.db 20000
view="env LANG=C.UTF-8 $ringscope view t.db"

for size in '80 24' '160 48'; do
	set -- $size
	screen_open "$1" "$2" "$view --event 500"
	screen_expect 'RING 3' 'RING 0' '^WHY' 'event 500/' '═══' 'q Quit'
	screen_keys .
	screen_expect 'event 501/'
	screen_keys , ,
	screen_expect 'event 499/'
	screen_keys 2
	screen_expect 'whole trace' 'lane .*busy' '^>cpu 0' 'what happened'
	screen_keys f
	screen_expect 'from single events'
	screen_keys 0 j
	screen_expect '100%' ' here: '
	screen_keys v
	screen_expect 'what happened'
	screen_keys 1
	screen_keys '?'
	screen_expect 'any key (closes|goes on)'
	screen_keys Escape
	screen_keys : 'ev 1000' Enter
	screen_expect 'event 1,000/'
	screen_keys 4
	screen_expect 'call \(' 'how long' 'who waited for whom' 'sorted by total'
	screen_keys t s
	screen_expect 'program \(' 'sorted by ring 0'
	screen_keys 6
	screen_expect 'Nothing crashed|what died'
	screen_keys 5
	screen_expect 'Compare with what'
	screen_keys : 'diff t.db' Enter
	screen_expect 'no difference' 'in all' 'which state'
	screen_keys 3
	screen_expect 'seen/all' 'most faults in'
	screen_keys n
	screen_expect 'FAULT NOW'
	screen_keys 1
	screen_keys : 'pace 3000' Enter Space
	screen_expect 'PLAYING' 'crossings this frame'
	screen_keys Space
	screen_expect 'PAUSED'
	screen_size 33 7
	screen_expect 'pause'
	screen_size 1 1
	screen_size 500 200
	screen_expect 'RING 3'
	screen_size "$1" "$2"
	screen_expect 'q Quit'
	screen_keys : 'ev 700' Enter m k : 'ev 900' Enter "'" k
	screen_expect 'event 700/'
	screen_keys C-o
	screen_expect 'event 900/'
	screen_keys C-p
	screen_expect 'event 700/'
	screen_keys T
	screen_expect 'theme: light'
	screen_keys T T B
	screen_expect 'projector'
	screen_keys B o
	screen_expect 'pace: time x1/1,000'
	rm -f ringscope-700.svg
	screen_keys x
	screen_expect '^export to: ringscope-700.svg'
	screen_keys Enter
	screen_expect 'written: ringscope-700.svg'
	screen_keys x Enter
	screen_expect 'once more replaces ringscope-700.svg'
	screen_keys x Enter
	screen_expect 'written: ringscope-700.svg'
	xmllint --noout ringscope-700.svg
	screen_keys q
	screen_expect 'status 0' '[ ;]echo[ ;]' '[ ;]icanon[ ;]'
done

# The mouse on request: the terminal is asked to tell of it, and not any more afterwards.
mouse_told()
{
	[ "$(tmux -L "$server" display-message -p -t view '#{mouse_any_flag}')" = "$1" ] ||
		fail "the terminal tells of the mouse: not $1"
}
# click COL ROW [BUTTON]: as xterm tells of it; 64 and 65 are the wheel.
click()
{
	screen_keys -l "$(printf '\033[<%d;%d;%dM\033[<%d;%d;%dm' "${3:-0}" "$1" "$2" "${3:-0}" "$1" "$2")"
}
screen_open 80 24 "env TERM=xterm-256color $view --event 500"
screen_expect 'event 500/' 'q Quit'
mouse_told 0
screen_keys M
screen_expect 'mouse: click'
mouse_told 1
click 56 24 # v Events
screen_expect 'what happened'
click 10 14 # below the cursor's row
screen_expect 'event 501/'
click 10 14 65
screen_expect 'event 502/'
click 17 24 # 2 Time
screen_expect 'whole trace'
screen_keys M
screen_expect 'the mouse is'
mouse_told 0
screen_keys M
screen_expect 'mouse: click'
screen_keys q
screen_expect 'status 0'
mouse_told 0
screen_open 80 24 "env TERM=vt100 LANG=C $ringscope view t.db"
screen_expect 'RING 3'
screen_keys M
screen_expect 'does not tell of a mouse'

# Kinds of terminal, and no colour.
for kind in xterm-256color tmux-256color linux vt100; do
	screen_open 80 24 "env TERM=$kind LANG=C $ringscope view t.db --event 500"
	screen_expect 'RING 3' '=======' '\+-'
	screen_keys q
	screen_expect 'status 0'
done
# Byte by byte: besides text only sequences that move, colour, clear, insert, and set modes.
for kind in xterm-256color tmux-256color linux vt100; do
	screen_open 80 24 "env TERM=$kind LANG=C script -q -c '$ringscope view t.db --event 500' bytes.$kind"
	screen_expect 'RING 3'
	screen_keys . . 2 v 1 w q q
	screen_expect 'status 0'
	left=$(LC_ALL=C sed -E 's/\x1b\[[?>]?[0-9;]*[A-Za-z@`]//g; s/\x1b[()][0AB]//g; s/\x1b[=>78MDEHc]//g; s/[\x0e\x0f]//g' \
		"bytes.$kind" | tail -n +2 | LC_ALL=C tr -d '\n\r\t\b' | LC_ALL=C grep -aoP '[\x00-\x1f\x7f-\xff]' | head -n 3 | od -c || true)
	[ -z "${left#0000000}" ] || fail "TERM=$kind: bytes that do not belong: $left"
done
# y copies the event, Y its SQL: where terminfo knows how (OSC 52), else it is only said.
screen_open 80 24 "env TERM=xterm-256color LANG=C script -q -c '$ringscope view t.db --event 500' copies"
screen_expect 'RING 3'
screen_keys y
screen_expect 'copied: 500 '
screen_keys Y
screen_expect 'copied: SELECT \* FROM'
screen_keys C-l q q
screen_expect 'status 0'
mapfile -t copies < <(grep -aoP '\x1b\]52;c;\K[A-Za-z0-9+/=]+(?=\x07)' copies)
[ "${#copies[@]}" = 2 ] || fail "copied ${#copies[@]} times, not twice"
[ "$(base64 -d <<<"${copies[0]}")" = "$(LANG=C "$ringscope" view --linear --event 500 t.db | sed q)" ] ||
	fail "copied: $(base64 -d <<<"${copies[0]}")"
[ "$("$ringscope" sql t.db "$(base64 -d <<<"${copies[1]}")" | wc -l)" = 1 ] ||
	fail "no row: $(base64 -d <<<"${copies[1]}")"
screen_open 80 24 "env TERM=vt100 LANG=C script -q -c '$ringscope view t.db --event 500' copies"
screen_expect 'RING 3'
screen_keys y
screen_expect 'this terminal takes no copies: 500 '
screen_keys q q
screen_expect 'status 0'
! grep -aq ']52' copies || fail "a vt100 was told of a clipboard"
# A line that takes 2,000 bytes a second has one picture waiting in it, not seconds of them; a
# terminal that answers no questions gets all.
line()
{
	env TERM=xterm-256color LANG=C.UTF-8 "$build/tests/slow_line" "$1" "$(printf ':pace 3000\r ')" \
		"$ringscope" view t.db
}
read -r waited _ < <(line 2000)
[ "$waited" -lt 8000 ] || fail "$waited bytes waited in a slow line"
read -r waited all < <(line 2000!)
[ "$waited" -gt 8000 ] || fail "without answers $waited of $all bytes waited: what is this test for?"
screen_open 80 24 "env NO_COLOR=1 LANG=C.UTF-8 $ringscope view t.db"
screen_expect 'RING 3'
! tmux -L "$server" capture-pane -e -p -t view | grep -qE $'\x1b\\[[0-9;]*(3[0-7]|38)[;m]' ||
	fail 'NO_COLOR is set, and there are colours'
screen_open 80 24 "env TERM=no-such-terminal $ringscope view t.db"
screen_expect 'ringscope: .*TERM=no-such-terminal' 'status 2'
# One that cannot place the cursor would show nothing but the last line.
screen_open 80 24 "env TERM=dumb $ringscope view t.db"
screen_expect 'ringscope: .*TERM=dumb cannot place the cursor' 'status 2'

# Signals give the terminal back.
for signal in INT TERM HUP; do
	screen_open 80 24 "sh -c 'echo \$\$ >pid; exec $view'"
	screen_expect 'RING 3' 'q Quit'
	kill -"$signal" "$(cat pid)"
	screen_expect 'status 1[0-9][0-9]' '[ ;]echo[ ;]' '[ ;]icanon[ ;]'
done
screen_open 80 24 "$view"
screen_expect 'q Quit'
screen_keys C-c
screen_expect 'status 130'

# gone PID: its process ends by itself.
gone()
{
	local tries
	for ((tries = 0; tries < 200; tries++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	fail "process $1 does not end"
}

# A terminal that vanishes takes the viewer with it, also in the middle of something.
for keys in Space 4 /zq L; do
	screen_open 80 24 "sh -c 'echo \$\$ >pid; exec $view'"
	screen_expect 'RING 3' 'q Quit'
	screen_keys "$keys"
	tmux -L "$server" kill-session -t view
	gone "$(cat pid)"
done

# The trace goes away beneath it, or another one takes its name.
cp t.db u.db
screen_open 80 24 "env LANG=C.UTF-8 $ringscope view u.db --event 500"
screen_expect 'event 500/'
rm u.db
screen_expect 'u\.db was deleted'
screen_keys 4
screen_expect 'u\.db.*(No such file|cannot|unable)'
screen_keys 1 .
screen_expect 'event 501/'
cp t.db u.db
screen_keys 3
screen_expect 'another file has this name' 'u\.db is another file now'
screen_keys q
screen_expect 'status 0'
