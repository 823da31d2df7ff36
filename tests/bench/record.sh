# What recording costs: in the guest, on the wire, on the host, at rest.  Sourced by
# scripts/bench.
# shellcheck shell=bash

# at_least WHAT MEASURED TARGET: as verdict, for what should be large.
at_least()
{
	local word
	word=$(awk -v a="$2" -v b="$3" 'BEGIN { print (a + 0 >= b + 0) ? "met" : "MISSED" }')
	printf '%-58s %10.3f   target >= %-8s %s\n' "$1" "$2" "$3" "$word"
	[ "$word" = met ] || missed=1
}

# fact TRACE EXPRESSION: of what `ringscope info` says.
fact()
{
	build/ringscope info --json "$1" 2>/dev/null | jq -r "$2"
}

# added ROW: instructions that recording everything adds to an operation.
added()
{
	awk -F'\t' -v row="row $1" '$1 == row { v[++n] = $2 } END { print v[2] - v[1] }' \
		"$cache/rows.off" "$cache/rows.on"
}

# What an event that is not wanted costs: the code at each place that asks.  Functions are
# recorded by hooks that are there on request only.
disabled_event()
{
	objdump -d --no-show-raw-insn build/kernel.elf | awk '
	/>:$/ { hook = $2 ~ /^<(function_(enter|return)|enter_recorded>)/ }
	hook { next }
	counted { counted = 0; sites++; good += $2 == "js" }
	$2 == "incq" && $3 ~ /^%gs:0x/ { counted = 1 }
	END { printf "%d %d\n", sites, sites - good }'
}

# Programs of many kinds, about as many records of each.
mixed_prepare()
{
	mkdir -p "$cache/mixed"
	for i in 1 2 3 4; do
		printf '#include <stdio.h>\nint f%d(void) { return printf("%%d", %d); }\n' "$i" "$i" \
			>"$cache/mixed/f$i.c"
	done
	printf 'all: f1.o f2.o f3.o f4.o\n\n%%.o: %%.c\n\tcc -O1 -c -o /tmp/$@ $<\n' >"$cache/mixed/Makefile"
	cat >"$cache/mixed/run.sh" <<-'GUEST'
		make -s -B -j4
		python3 -c "import json, sqlite3, asyncio, threading
		for i in range(50): threading.Thread(target=lambda: sum(range(1000))).start()"
		for i in $(seq 20); do seq 1 200 | sort -rn | head -n 3 | tr a b; done
	GUEST
}

mixed()
{
	(cd "$cache/mixed" && timeout 300 ../../ringscope run -o "$1" --cpus 2 "${@:2}" -- bash run.sh \
		</dev/null >/dev/null) || fail "the mixed programs failed"
}

# null_calls COUNT [TRACE]: the seconds that they take in the guest, by its clock.
null_calls()
{
	timeout 300 build/ringscope run -o "${2:-$cache/many.db}" --tables none \
		--add "$busybox:/bin/sh" --add build/user/null_call:/bin/null_call -- \
		busybox sh -c "time null_call $1" 2>&1 </dev/null |
		awk '$1 == "real" { sub("s", "", $3); print $2 * 60 + $3 }'
}

# The wire alone: on a full disk what comes is taken and thrown away.
discarded()
{
	mkdir -p "$cache/small"
	(
		set +o pipefail
		export -f null_calls
		export busybox
		unshare -rm bash -c 'mount -t tmpfs -o size=1m none "$1" && null_calls "$2" "$1/many.db"' \
			- "$cache/small" "$1"
	)
}

section_record()
{
	local sites others many=2000000 scan nothing events
	ringscope --icount --mode off --data 0 "${guest_files[@]}" -- /bin/rows 'null call' \
		'page fault, anonymous' 'context switch 2p/0K' 'pipe round trip' >"$cache/rows.off" ||
		fail "the rows failed untraced"
	ringscope --icount --data 0 "${guest_files[@]}" -- /bin/rows 'null call' \
		'page fault, anonymous' 'context switch 2p/0K' 'pipe round trip' >"$cache/rows.on" ||
		fail "the rows failed traced"
	verdict 'instructions added per null call' "$(added 'null call')" 250
	verdict 'instructions added per page fault' "$(added 'page fault, anonymous')" 250
	verdict 'instructions added per context switch' "$(added 'context switch 2p/0K')" 150
	verdict 'pipe round trip, all events on, of off' "$(awk -F'\t' '$1 == "row pipe round trip" {
		v[++n] = $2 } END { print v[2] / v[1] }' "$cache/rows.off" "$cache/rows.on")" 1.15
	read -r sites others < <(disabled_event)
	[ "$sites" -gt 0 ] || fail "no place in the kernel counts an event"
	verdict "places of $sites where an unwanted event is more than inc, js" "$others" 0

	null_calls "$many" >/dev/null
	verdict 'bytes in the ring per null call' \
		"$(fact "$cache/many.db" '.bytes / .syscall_entered')" 48
	verdict 'tracer CPU s per million events, null calls' \
		"$(fact "$cache/many.db" '.store_cpu_ns / .stored / 1000')" 0.15
	verdict 'tracer memory at its peak, MiB' "$(fact "$cache/many.db" '.tracer_peak_kib / 1024')" 64
	# The guest makes records as fast in both: what differs is that they are stored.
	for ((i = 0; i < pairs; i++)); do
		null_calls "$many" >>"$cache/stored.times"
		discarded "$many" >>"$cache/discarded.times"
	done
	at_least 'to disk, of what the transport takes' \
		"$(ratio "$(median <"$cache/discarded.times")" "$(median <"$cache/stored.times")")" 0.8
	rm -f "$cache"/*.times

	mixed_prepare
	mixed "$cache/mixed.db"
	verdict 'bytes in the ring per mixed event' "$(fact "$cache/mixed.db" '.bytes / .stored')" 32
	# As they come: few events a second, so this is mostly what it costs to wake up for them.  The
	# target is for storing, below.
	printf '%-58s %10.3f\n' 'tracer CPU s per million events, mixed, as they come' \
		"$(fact "$cache/mixed.db" '.store_cpu_ns / .stored / 1000')"
	# Of that, what the events cost and not how rarely they come: each of some 20 wake-ups a
	# second finds cold caches.
	cmake --build build --target store_again >/dev/null
	rm -f "$cache/again.db"
	verdict 'tracer CPU s per million events, mixed, all at once' \
		"$(build/bench/store_again "$cache/mixed.db" "$cache/again.db" |
			awk '{ print $2 / $1 / 1000 }')" 0.15
	timeout 60 build/ringscope run -o "$cache/nothing.db" -- busybox true </dev/null
	printf '%-58s %10.3f\n' 'tracer CPU s per million events, mixed, with tables' \
		"$(fact "$cache/mixed.db" '.tracer_cpu_ns / .stored / 1000')"
	printf '%-58s %10.3f\n' 'tracer CPU s, a recording of next to nothing' \
		"$(fact "$cache/nothing.db" '.store_cpu_ns / 1e9')"
	printf '%-58s %10.3f\n' 'file bytes per mixed event, with tables for any SQLite' \
		"$(ratio "$(stat -c %s "$cache/mixed.db")" "$(fact "$cache/mixed.db" .stored)")"
	build/ringscope pack "$cache/mixed.db" >/dev/null || fail "pack failed"
	verdict 'file bytes per mixed event at rest (ringscope pack)' \
		"$(ratio "$(stat -c %s "$cache/mixed.db")" "$(fact "$cache/mixed.db" .stored)")" 12

	timeout 300 build/ringscope run -o "$cache/many.db" -- build/user/null_call 1000000 \
		</dev/null >/dev/null || fail "null_call failed"
	events=$(fact "$cache/many.db" .stored)
	rm -f "$cache"/*.scan
	for ((i = 0; i < pairs; i++)); do
		seconds "$cache/scan.scan" build/ringscope sql "$cache/many.db" \
			'SELECT count(*), sum(kind), max(time) FROM event'
		seconds "$cache/nothing.scan" build/ringscope sql "$cache/many.db" 'SELECT 1'
	done
	scan=$(column 2 "$cache/scan.scan")
	nothing=$(column 2 "$cache/nothing.scan")
	at_least 'M events/s of CPU, full scan of the virtual table' \
		"$(awk -v n="$events" -v a="$scan" -v b="$nothing" 'BEGIN { print n / 1e6 / (a - b) }')" 5
}
