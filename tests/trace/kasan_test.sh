#!/usr/bin/env bash
# The kernel with address checks boots and runs the guest's tests without a report, and
# reports a use after free that is there.
# Timeout: 900
source "$(dirname "$0")/lib.sh"

source=$(cd "$(dirname "$0")/../.." && pwd)
cmake -S "$source" -B kasan -G Ninja -DRINGSCOPE_KASAN=ON >configure.log 2>&1 &&
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
finish
