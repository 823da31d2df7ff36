#!/usr/bin/env bash
# The kernel with address checks, and with the checks of preset debug, boots and runs the
# guest's tests without a report, and reports what is there: by its kind and place.
# Timeout: 900
source "$(dirname "$0")/lib.sh"

source=$(cd "$(dirname "$0")/../.." && pwd)
cmake -S "$source" -B kasan -G Ninja -DRINGSCOPE_KASAN=ON -DCMAKE_BUILD_TYPE=Debug >configure.log 2>&1 &&
	cmake --build kasan --target kernel.elf >build.log 2>&1
is "the kernel builds" 0 $?
export RINGSCOPE_KERNEL=$PWD/kasan/kernel.elf

for cpus in 1 4; do
	echo "$cpus CPU(s)"
	rs 300 run -o "guest$cpus.db" --cpus "$cpus" -- "$build/user/guest" \
		</dev/null >"guest$cpus" 2>"guest$cpus.errors"
	is "exit status" 0 $?
	is "cases" "guest: $("$build/user/guest" --list | wc -l) cases, 0 failed" \
		"$(grep -a '^guest: ' "guest$cpus")"
	grep -aB4 FAILED "guest$cpus"
	head -n 5 "guest$cpus.errors"
done

rs 60 run -o bug.db -- busybox sh -c 'echo bug >/proc/ringscope' </dev/null >bug 2>&1
is "a bug ends the run" 125 $?
trace=bug.db
sql "and is told" 1 "SELECT sum(emitted) FROM counter WHERE name = 'panic'"
is "by its kind" 1 "$(grep -c 'kasan: use after free' bug)"

# way, and what the line says
while IFS=: read -r way line; do
	rs 100 run --inject -o i.db -- busybox sh -c "echo $way >/proc/ringscope" </dev/null >out 2>err
	is "$way: status 125" 125 $?
	one_line "$way: $line" err "$line"
	rs 60 crash --kernel "$RINGSCOPE_KERNEL" --json i.db >i.json 2>/dev/null
	is "$way: the function" "inject_$way" "$(jq -r '.crashes[0].function' i.json)"
	holds "$way: its line" jq -e '.crashes[0].facts |
		any(.section == "where" and (.text | test("inject.c:[0-9]+")))' i.json
	trace=i.db
	sql "$way: every record is accounted for" 1 "SELECT value FROM meta WHERE name = 'identity'"
done <<'END'
use_after_free:kasan: use after free
double_free:kasan: use after free
lock_order:of rank [0-9]+ while ranks
END
finish
