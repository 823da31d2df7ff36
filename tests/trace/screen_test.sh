#!/usr/bin/env bash
# Editors, pagers and process viewers of the host, in a terminal, resized.
# Timeout: 300
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../viewer/screen.sh"

seq 1 300 >"$HOME/.ringscope-screen-$$" 2>/dev/null || { echo "no home to write to"; exit 77; }
file=$HOME/.ringscope-screen-$$
trap 'rm -f "$file"; tmux -L "$server" kill-server 2>/dev/null || true' EXIT

# have PROGRAM: is it there?  (scripts/setup installs all of them.)
have()
{
	command -v "$1" >/dev/null || { echo "  $1 is not installed"; return 1; }
}

run()
{
	screen_open 80 24 "env LANG=C.UTF-8 $ringscope run --cpus 2 -o s.db -- $*"
}

if have less; then
	run less "$file"
	screen_expect '^1$' '^23$'
	screen_keys G
	screen_expect '^300$'
	# A key that comes in while less takes in the new size may be lost, on Linux, too.
	screen_size 100 12
	screen_expect '^278$' '^288$'
	screen_keys g
	screen_expect '^1$' '^11$'
	screen_keys /77 Enter
	screen_expect '^77$'
	screen_size 80 24
	screen_expect '^99$'
	screen_keys q
	screen_expect 'status 0' '[ ;]echo[ ;]'
	ok "less"
fi
if have vim; then
	run vim -u NONE -i NONE -N "$file"
	screen_expect '^1$' '^23$'
	screen_keys 'Otyped' Escape
	screen_expect '^typed$'
	screen_keys 'dd' ':set ruler' Enter '150G'
	screen_expect '^150$' '150,1'
	screen_size 100 40
	screen_keys C-l '300G'
	screen_expect '^300$' '^265$'
	screen_size 80 24
	screen_keys ':q!' Enter
	screen_expect 'status 0' '[ ;]echo[ ;]'
	ok "vim"
fi
if have nano; then
	run nano -I "$file"
	screen_expect 'GNU nano' '^1$' 'Exit'
	screen_keys 'typed '
	screen_expect '^typed 1$'
	screen_size 60 20
	screen_expect 'GNU nano' 'Exit'
	screen_size 80 24
	screen_keys C-x n
	screen_expect 'status 0'
	ok "nano"
fi
if have top; then
	run top
	screen_expect '^top - ' '^Tasks: +[0-9]+ total, +1 running' '^MiB Mem' 'init$' 'top$'
	screen_size 100 15
	screen_expect '^top - '
	screen_size 80 24
	screen_keys q
	screen_expect 'status 0' '[ ;]echo[ ;]'
	ok "top"
fi
if have htop; then
	run htop
	screen_expect 'Tasks: 2' 'Load average' 'F10Quit' '/run/ringscope/' ' htop'
	screen_size 120 30
	screen_expect 'F10Quit'
	screen_size 80 24
	screen_keys q
	screen_expect 'status 0'
	ok "htop"
fi
if have tmux; then
	run sh -c "'TERM=screen tmux -L inner -f /dev/null new-session'"
	screen_expect '\[0\] 0:'
	screen_keys 'tty; echo in $((6*7))' Enter
	screen_expect '^/dev/pts/0$' '^in 42$'
	screen_keys exit Enter
	screen_expect 'status 0'
	ok "tmux"
fi
finish
