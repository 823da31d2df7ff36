# Functions for the viewer's tests in tmux; sourced.
#
# A server of our own, so that nobody's sessions are touched; it ends with the test.
server=ringscope-test-$$
trap 'tmux -L "$server" kill-server 2>/dev/null || true' EXIT
tmux -L "$server" -f /dev/null new-session -d -s base 'sleep 600' # keeps the server up

# screen_open COLS ROWS COMMAND: run COMMAND in a shell on a new screen; the line
# "status N" follows it.
screen_open()
{
	tmux -L "$server" kill-session -t view 2>/dev/null || true
	tmux -L "$server" new-session -d -s view -x "$1" -y "$2" \
		"trap : INT; $3; echo \"status \$?\"; stty -a; sleep 60"
	tmux -L "$server" set-option -t view window-size manual >/dev/null
}

screen_text()
{
	tmux -L "$server" capture-pane -p -t view 2>/dev/null
}

screen_keys()
{
	tmux -L "$server" send-keys -t view "$@"
}

screen_size()
{
	tmux -L "$server" resize-window -t view -x "$1" -y "$2"
}

# Wait until the screen has a line that matches each pattern, for 20 s at most.
screen_expect()
{
	local tries pattern missing
	for ((tries = 0; tries < 200; tries++)); do
		missing=
		for pattern in "$@"; do
			screen_text | grep -qE -- "$pattern" || missing=$pattern
		done
		[ -n "$missing" ] || return 0
		sleep 0.1
	done
	printf 'the screen does not show: %s\n' "$missing" >&2
	screen_text >&2
	exit 1
}

fail()
{
	printf '%s\n' "$*" >&2
	exit 1
}
