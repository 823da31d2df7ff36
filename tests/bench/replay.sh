# Does a replay reach the crash each time?  Sourced by scripts/bench.
# shellcheck shell=bash

# replay_record FILE WAY: a program dies by a null pointer or by its own signal.
replay_record()
{
	local command
	case $2 in
	static) command=(build/user/deaths null_pointer) ;;
	dynamic) command=("$cache/deaths" null_pointer) ;;
	shell) command=(bash -c 'kill -SEGV $$') ;;
	python) command=(python3 -c 'import ctypes; ctypes.string_at(0)') ;;
	esac
	timeout 300 build/ringscope run --record-replay -o "$1" -- "${command[@]}" </dev/null
	[ $? = 139 ]
}

# replay_place FILE: run it again, go to the crash, and say at which event and instruction that
# is.  Status 3: its hash is another; 124: it took too long.
replay_place()
{
	timeout 300 build/ringscope replay --batch --ex 'printf "at %#lx\n", $pc' "$1" </dev/null 2>&1 |
		sed -nE 's/^(event [0-9]+):.*/\1/p; /^at 0x/p'
	return "${PIPESTATUS[0]}"
}

# replay_wanted FILE: the same as the story has it.  Where no instruction failed, gdb stops in
# the kernel where the record was made: then only the event is known.
replay_wanted()
{
	(build/ringscope crash --json "$1" 2>/dev/null || true) | jq -r '.crashes[-1] |
		(.facts | map(select(.section == "where"))[0]) as $where |
		"event \($where.event)", if .cause == "itself" then empty else
		"at " + ($where.text | split(" ")[0]) end'
}

section_replay()
{
	local ways=(static dynamic shell python) count=${REPLAYS:-100} good=0 way place i
	declare -A wanted
	cc -O1 -g -o "$cache/deaths" tests/crash/deaths.c -pthread
	for way in "${ways[@]}"; do
		replay_record "$cache/replay-$way.db" "$way" || fail "$way: nothing to replay"
		wanted[$way]=$(replay_wanted "$cache/replay-$way.db")
	done
	for ((i = 0; i < count; i++)); do
		way=${ways[i % ${#ways[@]}]}
		place=$(replay_place "$cache/replay-$way.db") || place="status $?"
		if [[ $place == *"at 0x"* && $place == "${wanted[$way]}"* ]]; then
			good=$((good + 1))
		else
			printf 'replay %d, %s: wanted %s, got %s\n' "$i" "$way" "${wanted[$way]}" "$place"
		fi
	done
	verdict "replays of $count that missed the crash" $((count - good)) 0
}
