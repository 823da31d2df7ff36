#!/usr/bin/env bash
# run --functions: what is recorded of the kernel's functions is what was executed (by a
# QEMU plugin), costs what is said, adds up, and is the same in two exact runs.
# Timeout: 400
# Processors: 1
source "$(dirname "$0")/lib.sh"

echo "against what was executed"
kernel=$build/kernel.elf
address() { nm "$kernel" | awk -v name="$1" '$3 == name { print $1; exit }'; }
plus5() { printf '%x' $((0x$1 + 5)); }
# The instruction behind each function's hook, as the records have it.
nm "$kernel" | awk '$2 ~ /[tT]/ { print $1 }' | sort -u | while read -r a; do plus5 "$a"; echo; done >sites
start=$(plus5 "$(address system_start)")
rs 250 run -o all.db --functions '*:*' \
	--qemu -plugin --qemu "$build/functions.so,list=sites,from=$start,until=$(address function_stop),out=executed" \
	-- busybox sh -c 'seq 200 | sort -rn | tail -n 1; kill -9 $$' </dev/null >out 2>errors
is "the pipeline ran, and was killed" "137 1" "$? $(cat out)"
rs 60 sql --mode list all.db "SELECT printf('%x', f_function), count(*) FROM ev_function_enter
	WHERE id >= (SELECT min(id) FROM ev_function_enter WHERE f_function = 0x$start)
	GROUP BY 1 ORDER BY 1" | tr '|' ' ' >recorded
# Addresses that are no function's with a hook are executed and not recorded.
join <(sort executed) <(sort recorded) >both
is "all recorded functions were executed" "$(wc -l <recorded)" "$(wc -l <both)"
holds "they are many" [ "$(wc -l <both)" -gt 400 ]
is "each as often as it is recorded" "" "$(awk '$2 != $3' both | head)"

echo "what it costs"
command=(busybox sh -c 'umask 022; echo hi | cat; ls / >/dev/null')
rs 100 run --exact -o off.db -- "${command[@]}" </dev/null >/dev/null 2>errors
is "an exact run without" 0 $?
for n in 1 2; do
	rs 100 run --exact -o on$n.db --functions 'sys_*:*' -- "${command[@]}" \
		</dev/null >/dev/null 2>errors
	is "and with functions" 0 $?
done
is "two exact runs are the same" "$(sqlite3 on1.db "select value from meta where name = 'trace_hash'")" \
	"$(sqlite3 on2.db "select value from meta where name = 'trace_hash'")"
rs 60 profile --json off.db >off.json
rs 60 profile --json on1.db >on.json
rs 60 profile --path all --json on1.db >tree.json
# Of a call that was not struck by anything: 3 instructions more for each hook outside of
# what is recorded, of which a call has one or two; nothing else.
for call in getpid getuid uname brk fstat mmap pipe2 close; do
	jq -r --arg call $call --slurpfile on tree.json '
		(.rows[] | select(.what == $call)) as $off |
		($on[0].calls[] | select(.name == $call)) as $on |
		if $off.count != $on.count then "\($off.count) calls, \($on.count)"
		elif ($on.total - $off.self) % 3 != 0 then "\($on.total) of \($off.self)"
		elif ($on.total - $off.self) / $on.count > 6 then "\($on.total) of \($off.self)"
		elif $on.total < $off.self then "\($on.total) of \($off.self)"
		else "right" end' off.json >verdict
	is "$call: what recording added is known" right "$(cat verdict)"
done

echo "it adds up"
is "each tree is its call's time" "" "$(jq -r --slurpfile rows on.json '
	.calls[] | . as $c | ($rows[0].rows[] | select(.what == $c.name)) as $r |
	select($c.count != $r.count or $c.total + $c.recording != $r.self + $r.nested) |
	"\(.name): \(.total) + \(.recording), \($r.self) + \($r.nested)"' tree.json)"
is "each node is itself and its children" 0 "$(jq '
	[.calls[] | .. | objects | select(has("children")) |
		select(.total != .self + ([.children[].total] | add // 0))] | length' tree.json)"
rs 60 profile --folded on1.db >folded
holds "stacks reach into the kernel" grep -q '^busybox;.*write;sys_write;transfer;' folded
is "and are all of the time" "$(jq .elapsed on.json)" "$(awk '{ s += $NF } END { printf "%d", s }' folded)"
rs 60 profile --path write on1.db >tree 2>errors
holds "a tree in text" grep -q '^ *[0-9]* *[0-9]* *[0-9]* *sys_write$' tree

echo "more CPUs, other rings"
rs 100 run --cpus 4 -o four.db --functions '*:*' -- busybox sh -c \
	'for i in 1 2 3 4; do (seq 100 | sort | tail -n 1) & done; wait' </dev/null >out 2>errors
is "four CPUs" "0 4 " "$? $(grep -c '^99$' out) $(cat errors)"
rs 100 run -o small.db --ring 64x16 --functions 'pipe2,write:*,!spin_*' -- busybox sh -c 'echo a | cat' \
	</dev/null >out 2>errors
is "a ring of small blocks" "0 a" "$? $(cat out)"
is "what is taken away is not recorded" "0" "$(rs 60 profile --path write --json small.db | grep -c '"spin_')"

echo "a kernel with more instructions in one function"
# In sys_write a move of a small number becomes push, pop and a no-operation of as many
# bytes: two instructions more.
site=$(objdump -d --disassemble=sys_write "$kernel" | awk '
	$2 ~ /^b[9ae]$/ && $3 < "80" && $4 $5 $6 == "000000" { sub(":", "", $1); print $1, $2, $3; exit }')
read -r at opcode number <<<"$site"
holds "there is such a move" [ -n "$site" ]
read -r vma offset < <(objdump -h "$kernel" | awk '$2 == ".text" { print $4, $6 }')
cp "$kernel" grown.elf
chmod u+w grown.elf
printf "\\x6a\\x$number\\x$(printf '%x' $((0x$opcode - 0x60)))\\x66\\x90" |
	dd of=grown.elf bs=1 seek=$((0x$at - 0x$vma + 0x$offset)) conv=notrunc 2>/dev/null
rs 100 run --exact --kernel grown.elf -o grown.db --functions 'sys_*:*' -- "${command[@]}" \
	</dev/null >/dev/null 2>errors
is "it runs" 0 $?
rs 60 diff --force --json on1.db grown.db >diff.json 2>errors
writes=$(sqlite3 on1.db "select count(*) from syscall where name = 'write'")
is "diff names the call and the function, and by how much" "write sys_write $((writes * 2))" \
	"$(jq -r '.functions[0] | "\(.call) \(.function) \(.self[1] - .self[0])"' diff.json)"
rs 60 diff --force on1.db grown.db >diff.txt 2>errors
holds "as text, too" grep -q "+$((writes * 2))  write, sys_write\$" diff.txt
rs 60 diff --json on1.db on2.db >diff.json 2>errors
is "nothing between two that are the same" 0 "$(jq '.functions | length' diff.json)"

echo "exports"
rs 60 export --to chrome -o f.json on1.db >/dev/null 2>&1
is "chrome has the functions" "$(rs 60 sql --mode list on1.db 'select count(*) from ev_function_enter')" \
	"$(jq '[.traceEvents[] | select(.cat == "function")] | length' f.json)"
rs 60 export --to perfetto -o f.pftrace on1.db >/dev/null 2>&1
protoc --decode_raw <f.pftrace >decoded 2>errors
holds "perfetto names one" grep -q '23: "sys_write"' decoded

echo "bad input"
for text in 'nosuch:*' 'read:nosuch' 'read' 'read:' ':*'; do
	rs 60 run -o no.db --functions "$text" -- busybox true >out 2>errors
	is "$text: refused" 125 $?
	one_line "in one line" errors -- '--functions'
done
rs 60 run -o no.db --mode off --functions 'read:*' -- busybox true >out 2>errors
is "nothing is recorded" 125 $?
rs 60 profile --path read off.db >out 2>errors
is "a recording without functions" 3 $?
one_line "says so" errors 'no kernel functions'
rs 60 profile --path nosuch on1.db >out 2>errors
is "no such call" 2 $?
finish
