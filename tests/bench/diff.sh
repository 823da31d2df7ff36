# What comparing and profiling take, of recordings made without a guest, and what exact
# runs take.  Sourced by scripts/bench.
# shellcheck shell=bash

# measure LIMIT_S LIMIT_KIB WHAT STATUS COMMAND...: CPU and wall seconds and memory; of several
# tries the fastest.
measure()
{
	local limit=$1 memory=$2 what=$3 wanted=$4 best="" line status
	shift 4
	for ((i = 0; i < pairs; i++)); do
		status=0
		line=$( (/usr/bin/time -q -f '%e %U %S %M' "$@" >/dev/null) 2>&1) || status=$?
		[ "$status" = "$wanted" ] || fail "$what: status $status, $line"
		best=$(printf '%s\n%s\n' "$best" "$(tail -n 1 <<<"$line")" | sed '/^$/d' | sort -n | head -n 1)
	done
	awk -v what="$what" -v limit="$limit" -v memory="$memory" '{
		printf "%-52s wall %6.2f s (at most %.2f)   CPU %6.2f s   %5.0f MiB", what, $1, limit, $2 + $3, $4 / 1024
		bad = $1 > limit || (memory && $4 > memory)
		print bad ? "  MISSED" : ""
		exit bad
	}' <<<"$best" || missed=1
}

section_diff()
{
	local program=build/ringscope tale=$cache/tale
	cmake --build build --target make_synthetic_trace >/dev/null
	[ -e "$tale.a.db" ] || build/tracer/make_synthetic_trace "$tale.a.db" 10000000
	[ -e "$tale.b.db" ] || cp "$tale.a.db" "$tale.b.db"
	[ -e "$tale.c.db" ] || build/tracer/make_synthetic_trace "$tale.c.db" 10000000 1
	"$program" info "$tale.a.db" >/dev/null && "$program" info "$tale.c.db" >/dev/null
	measure 10 1048576 "diff of two of 10 M events" 0 "$program" diff --force "$tale.a.db" "$tale.b.db"
	measure 3 1048576 "diff of two that differ in one call" 1 "$program" diff --force "$tale.a.db" "$tale.c.db"
	measure 3 0 "profile of 10 M events" 0 "$program" profile "$tale.a.db"
	for name in a b; do
		[ -e "$tale.exact.$name.db" ] || "$program" run --exact -o "$tale.exact.$name.db" \
			-- build/user/null_call 500000 </dev/null >/dev/null
	done
	measure 0.05 0 "two equal exact ones of 1 M events" 0 "$program" diff "$tale.exact.a.db" "$tale.exact.b.db"
}

# Exact against plain on one CPU, in turn; the fastest of each.
section_exact()
{
	local calls=(build/user/null_call 300000) shell=(busybox sh -c 'i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done')
	local name plain exact
	local -n words
	for name in calls shell; do
		local -n words=$name
		rm -f "$cache/$name.plain" "$cache/$name.exact"
		for ((i = 0; i < pairs + 1; i++)); do
			seconds "$cache/$name.plain" build/ringscope run -o "$cache/plain.db" -- "${words[@]}" </dev/null
			seconds "$cache/$name.exact" build/ringscope run --exact -o "$cache/exact.db" -- "${words[@]}" </dev/null
		done
		plain=$(sort -n "$cache/$name.plain" | head -n 1)
		exact=$(sort -n "$cache/$name.exact" | head -n 1)
		awk -v name="$name" -v p="${plain%% *}" -v e="${exact%% *}" 'BEGIN {
			printf "exact %-20s plain %6.2f s, exact %6.2f s: %.2f times (at most 4)%s\n", name, p, e, e / p, (e > 4 * p ? "  MISSED" : "")
			exit e > 4 * p }' || missed=1
	done
}
