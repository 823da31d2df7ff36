#!/usr/bin/env bash
# Planted changes in exact runs: one instruction, one call, one fault, each found and put
# where it was planted; and nothing where nothing was.  With RINGSCOPE_LONG in all of 20
# places, else in 3.
# Timeout: 900
# Processors: 1
source "$(dirname "$0")/lib.sh"

calls=(getppid getpid gettid getuid geteuid getgid getegid getpgrp sched_yield sync
	getpriority getsid getpgid umask alarm personality dup fsync lseek inotify_init)
if [ -n "${RINGSCOPE_LONG:-}" ]; then
	places=$(seq 0 19)
	pairs=100
else
	places='2 13 17'
	pairs=5
fi
out=$PWD
cp "$build/user/planted" planted
touch -d @1704067200 planted

# exact NAME KERNEL WHAT
exact()
{
	(cd / && rs 120 run --exact --kernel "$2" -o "$out/$1.db" --add "$out/planted:/bin/planted" \
		-- /bin/planted "$3" </dev/null)
}

# found WHAT FILTER: of a diff of the plain run with b.db, whose command differs.
found()
{
	local status=0
	rs 60 diff --force --json plain.db b.db >out.json || status=$?
	if [ "$status" = 1 ] && jq -e "$2" out.json >/dev/null; then
		ok "$1"
	else
		bad "$1" "status $status" "$(jq -c '[.outcome, .differences, [.rows[] |
			select(.self[0] != .self[1] or .added > 0) | [.item, .self, .added]]]' out.json)"
	fi
}

exact plain "$build/kernel.elf" n99
echo 'call execve # its argument says what is planted' >plain.db.ignore
echo "the program"
for place in $places; do
	call=${calls[place]}
	exact b "$build/kernel.elf" "$(printf c%02d "$place")"
	found "one $call more" ".differences == {removed: 0, added: 1, changed: 0, moved: 0, only_a: 0, only_b: 0}
		and any(.rows[]; .item == \"$call\" and .added == 1)"
	exact b "$build/kernel.elf" "$(printf f%02d "$place")"
	found "one fault more after $call" '.differences == {removed: 0, added: 1, changed: 0, moved: 0, only_a: 0, only_b: 0} and
		any(.rows[]; .item == "page fault: demand zero" and .added == 1)'
	exact b "$build/kernel.elf" "$(printf i%02d "$place")"
	found "one instruction more after $call" '([.differences[]] | add) == 0 and
		.candidate.user - .baseline.user == 1 and .candidate.kernel == .baseline.kernel'
done

# plant FUNCTION: a kernel of which it has four instructions more: its entry is one nop of
# five bytes, or now five of one.
plant()
{
	local address offset="" kind at virtual physical size rest
	address=$(nm "$build/kernel.elf" | awk -v f="$1" '$3 == f { print $1; exit }')
	[ -n "$address" ] || return 1
	while read -r kind at virtual physical size rest; do
		[ "$kind" = LOAD ] && [ $((0x$address - virtual)) -ge 0 ] &&
			[ $((0x$address - virtual)) -lt $((size)) ] && offset=$((at + 0x$address - virtual))
	done < <(readelf -lW "$build/kernel.elf")
	[ -n "$offset" ] || return 1
	cp "$build/kernel.elf" kernel.elf
	[ "$(od -An -tx1 -j "$offset" -N 5 kernel.elf | tr -d ' ')" = 0f1f440000 ] || return 1
	printf '\x90\x90\x90\x90\x90' | dd of=kernel.elf bs=1 seek="$offset" conv=notrunc 2>/dev/null
}

echo "the kernel"
for place in $places; do
	call=${calls[place]}
	if ! plant "sys_$call"; then
		bad "sys_$call has a nop at its entry" "$(objdump -d --disassemble="sys_$call" "$build/kernel.elf" | tail -n 3)"
		continue
	fi
	exact b "$out/kernel.elf" n99
	found "four instructions more in sys_$call" ".differences.added == 0 and
		([.rows[] | select(.self[0] != .self[1] or .item == \"$call\")] | length > 0 and
		 all(.[]; .item == \"$call\" and .self[1] - .self[0] == 4 * .count[0]))"
done

echo "nothing planted"
alarms=0
for ((i = 0; i < pairs; i++)); do
	exact b "$build/kernel.elf" n99
	rs 60 diff plain.db b.db >/dev/null || alarms=$((alarms + 1))
done
is "no alarm in $pairs pairs" 0 "$alarms"

finish
