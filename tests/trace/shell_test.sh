#!/usr/bin/env bash
# ringscope shell in a real terminal: line editing, job control, window size, a clean
# end; and the editors, pagers and process viewers that people have.
# Timeout: 400
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../viewer/screen.sh"

echo "without a terminal"
is "it runs what it is given" "bash 3" \
	"$(rs 60 shell -o t.db -- -c 'echo "${BASH_VERSION:+bash} $#"' x 1 2 3 </dev/null 2>err)"
is "nothing on stderr" "" "$(cat err)"
is "commands on stdin" 42 "$(echo 'echo $((6*7)); exit 9' | rs 60 shell -o t.db 2>err)"
echo 'exit 9' | rs 60 shell -o t.db >/dev/null 2>&1
is "its exit status" 9 $?
mkdir -p only && ln -sf "$busybox" only/busybox && ln -sf "$(command -v qemu-system-x86_64)" only/
is "without bash: busybox's" "ash 127" \
	"$(echo 'nothing_there 2>/dev/null; echo ash $?' | timeout 60 env PATH="$PWD/only" "$ringscope" shell -o t.db 2>err)"
one_line "and says so" err 'no bash.*busybox'
rs 60 run -o t.db --root / -- bash -c 'nothing_there 2>/dev/null; echo $?; /etc/passwd 2>/dev/null; echo $?' \
	</dev/null >out 2>&1
is "127 and 126 inside" "127 126" "$(tr '\n' ' ' <out | sed 's/ $//')"

# screen_expect ends the test when something does not come.
echo "a shell on a screen of 80x24"
screen_open 80 24 "env -u PROMPT_COMMAND PS1='guest\$ ' INPUTRC=/dev/null $ringscope shell -o s.db -- --norc"
screen_expect '^guest[#$]'
screen_keys 'echo one twX' BSpace 'o' Enter
screen_expect '^one two$'
screen_keys 'echo aleph' C-a C-k 'echo beth' Enter
screen_expect '^beth$'
screen_keys Up Up Enter
screen_expect '^one two$'
ok "line editing and history"
screen_keys 'stty size; tput cols' Enter
screen_expect '^24 80$' '^80$'
screen_size 100 30
screen_keys 'clear; stty size; echo $LINES x $COLUMNS' Enter
screen_expect '^30 100$' '^30 x 100$'
ok "window size and its changes"
# A program that speaks is the terminal's: a key before that would be the shell's.
screen_keys "clear; sh -c 'echo begun; exec sleep 300'" Enter
screen_expect '^begun$'
screen_keys C-z
screen_expect 'Stopped'
screen_keys 'jobs' Enter
screen_expect '\[1\]\+.*Stopped.*sleep 300'
screen_keys 'bg; clear; jobs' Enter
screen_expect '\[1\]\+.*Running.*sleep 300'
screen_keys 'fg' Enter
screen_expect "^sh -c 'echo begun; exec sleep 300'$"
sleep 1
screen_keys C-c
screen_keys 's=$?; clear; echo after $s' Enter
screen_expect '^after 130$'
ok "Ctrl-Z, jobs, bg, fg, Ctrl-C"
screen_keys "clear; sh -c 'echo begun; exec cat'" Enter
screen_expect '^begun$'
screen_keys 'typed' Enter C-d
screen_keys 'clear; nothing_there; echo $?; /etc/passwd; echo $?' Enter
screen_expect '^127$' '^126$' 'command not found' 'Permission denied'
ok "127 and 126"
screen_keys 'clear; bash -c "trap \"echo changed\" WINCH; echo begun; while :; do sleep 0.1; done"' Enter
screen_expect '^begun$'
screen_size 80 24
screen_expect '^changed$'
screen_keys C-c
ok "SIGWINCH reaches the program"
screen_keys 'exit 3' Enter
screen_expect 'status 3' '[ ;]echo[ ;]' '[ ;]icanon[ ;]'
ok "a clean end"
finish
