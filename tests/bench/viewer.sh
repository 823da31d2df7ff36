# The viewer from its terminal, on recordings made here.  Sourced by scripts/bench.
# shellcheck shell=bash

# viewer_trace EVENTS: a recording of about so many, made once for each build of the tracer;
# prints its path.
viewer_trace()
{
	local trace=$cache/viewer-$1.db
	if [ ! -e "$trace" ] || [ build/tracer/make_synthetic_trace -nt "$trace" ]; then
		rm -f "$trace"*
		build/tracer/make_synthetic_trace "$trace" "$1" || fail "no trace of $1 events"
	fi
	printf '%s\n' "$trace"
}

# viewer_target NAME MOST FILE: the figure of that name is at most MOST.
viewer_target()
{
	local value
	value=$(sed -n "s/^$1 *\([0-9.]*\) .*/\1/p" "$3")
	[ -n "$value" ] || fail "no figure: $1"
	awk -v v="$value" -v most="$2" 'BEGIN { exit !(v <= most) }' && return
	printf 'missed: %s is %s, at most %s was wanted\n' "$1" "$value" "$2"
	missed=1
}

# viewer_live WHAT FILE MAKER RATE SECONDS: how old the newest event on the screen is, of a recording
# that goes on.
viewer_live()
{
	local out=$cache/viewer-live.txt
	printf '%s, 160x48\n' "$1"
	rm -f "$2"*
	RINGSCOPE=build/ringscope build/bench/live_watch 160x48 build/ringscope "$3" "$2" "$4" "$5" |
		tee "$out"
	viewer_target 'live lag, p95' 250 "$out"
	rm -f "$2"*
}

section_viewer()
{
	local events out
	cmake --build build --target make_synthetic_trace viewer_watch live_watch live_trace >/dev/null
	mkdir -p "$cache"
	viewer_live 'made without a guest, 50,000 events a second' "$cache/viewer-live.db" \
		build/bench/live_trace 50000 20
	viewer_live 'a guest with two CPUs that starts a program 4 times a second' "$cache/viewer-live.db" \
		tests/bench/live_guest.sh 4 20
	for events in ${RINGSCOPE_BENCH_EVENTS:-1000000 10000000 100000000}; do
		out=$cache/viewer-$events.txt
		printf '%s events, 160x48\n' "$events"
		build/bench/viewer_watch 160x48 build/ringscope "$(viewer_trace "$events")" "$events" |
			tee "$out"
		viewer_target 'first frame, cold' "$((events > 10000000 ? 500 : 300))" "$out"
		viewer_target 'first frame, warm' "$((events > 10000000 ? 500 : 80))" "$out"
		viewer_target 'key to screen, median' 16 "$out"
		viewer_target 'key to screen, p99' 50 "$out"
		viewer_target 'seek, p99' 20 "$out"
		viewer_target 'step back, p99' 20 "$out"
		viewer_target 'animated, bytes a frame' 2048 "$out"
		viewer_target 'animated, share of a core' 15 "$out"
		viewer_target 'key while searching, median' 16 "$out"
		viewer_target 'key while searching, p99' 50 "$out"
		[ "$events" -gt 10000000 ] || viewer_target 'search of all events' 2000 "$out"
		[ "$events" -gt 10000000 ] || viewer_target 'search, every chunk read' 2000 "$out"
		viewer_target 'memory in the end' "$((events > 10000000 ? 80 : 64))" "$out"
	done
}
