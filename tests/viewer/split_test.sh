#!/usr/bin/env bash
# The guest's terminal beside what it causes: keys go to one of the two, the window of the
# guest is its part of the screen, a recording is followed while it is made, and the
# terminal is whole again however it ends.
# Timeout: 240
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/screen.sh"
ringscope=$build/ringscope

# other_expect PATTERN KEY...: the other viewer shows it, after these keys if not before.
other_expect()
{
	local tries pattern=$1
	shift
	for ((tries = 0; tries < 100; tries++)); do
		! grep -qE -- "$pattern" <<<"$(tmux -L "$server" capture-pane -p -t other)" || return 0
		[ $# -eq 0 ] || tmux -L "$server" send-keys -t other "$@"
		sleep 0.2
	done
	tmux -L "$server" capture-pane -p -t other >&2
	screen_text >&2
	fail "the other viewer does not show: $pattern"
}

for size in '80 24' '160 48'; do
	set -- $size
	rm -f t.db
	screen_open "$1" "$2" "env LANG=C.UTF-8 $ringscope run --view -o t.db -- busybox sh"
	screen_expect 'GUEST  has the keys' '[#$] *$' 'RING 0'
	screen_keys 'echo $((6*7)); stty size' Enter
	screen_expect '(^|│)42' "(^|│)$([ "$1" = 80 ] && echo '12 80' || echo '47 79')"
	screen_keys C-]
	screen_expect 'GUEST  runs on|the keys are the viewer' 'RING 3' 'event [1-9][0-9,]*/'
	screen_keys Space , , w
	screen_expect 'why: rule'
	screen_keys Escape 2
	screen_expect 'whole trace'
	screen_keys C-]
	screen_expect 'GUEST  has the keys'
	if [ "$1" = 80 ]; then
		# Somebody else looks at the same recording, while it is made.
		tmux -L "$server" new-session -d -s other -x 80 -y 24 \
			"env LANG=C.UTF-8 $ringscope view t.db; sleep 60"
		other_expect LIVE
		screen_keys 'cat /zq' Enter
		tmux -L "$server" send-keys -t other F G / zq Enter
		other_expect "/zq['\"]" G N
		tmux -L "$server" kill-session -t other
	fi
	screen_size 150 40
	screen_expect 'GUEST  has the keys'
	screen_keys 'clear; stty size' Enter
	screen_expect '(^|│)39 69'
	screen_size 20 6
	screen_size 80 24
	screen_expect 'GUEST  has the keys'
	screen_keys 'exit 7' Enter
	screen_expect 'has ended, status 7' '[#$] exit 7'
	screen_keys q
	screen_expect 'status 7' '[ ;]echo[ ;]' '[ ;]icanon[ ;]'
	[ "$(sqlite3 t.db 'select value from meta where name = "identity"' 2>/dev/null || echo 1)" = 1 ]
done

# What goes wrong before there is a guest is said on the terminal as it was.
screen_open 80 24 "env LANG=C.UTF-8 $ringscope run --view -o t.db -- /no/such/program"
screen_expect 'no/such/program' 'status 127' '[ ;]icanon[ ;]'
status=0
"$ringscope" run --view -- true </dev/null >out 2>err || status=$?
[ "$status" -eq 125 ] && grep -q -- '--view needs a terminal' err || fail "no terminal, no clear word"

# A terminal that goes away takes the guest with it.
rm -f t.db
screen_open 80 24 "sh -c 'echo \$\$ >pid; exec env LANG=C.UTF-8 $ringscope run --view -o t.db -- busybox sh'"
screen_expect 'GUEST  has the keys'
tmux -L "$server" kill-session -t view
for ((tries = 0; tries < 200; tries++)); do
	kill -0 "$(cat pid)" 2>/dev/null || break
	sleep 0.1
done
! kill -0 "$(cat pid)" 2>/dev/null || fail "the viewer outlives its terminal"
