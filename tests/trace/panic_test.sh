#!/usr/bin/env bash
# Ways for the kernel to die (kernel/main/inject.c): the run ends with 125 and one line, no
# event that was committed is lost, the story names the culprit with its line.
# Timeout: 900
source "$(dirname "$0")/lib.sh"

# way, CPUs, what the line says, function, a word that a fact must have.  + marks those that
# every run looks at; the others come with RINGSCOPE_LONG.
table='
+ divide            1  division by zero          inject_divide            >
  debug             1  debug exception           inject_debug             write(1
  breakpoint        1  breakpoint                inject_breakpoint        write(1
  opcode            1  invalid opcode            inject_opcode            ud2
  no_fpu            1  FPU not available         inject_no_fpu            write(1
+ double_fault      1  vector 8                  inject_double_fault      write(1
  segment           1  vector 1                  inject_segment           write(1
  protection        1  general protection        inject_protection        write(1
  fpu               1  x87 error                 inject_fpu               write(1
  simd              1  SIMD error                inject_simd              write(1
  machine_check     1  vector 18                 inject_machine_check     write(1
+ triple_fault      2  triple fault              inject_triple_fault      triple fault
+ null_read         2  bad access                inject_null_read         write(1
  null_write        1  bad access                inject_null_write        write(1
  null_call         1  jump to a bad address     inject_null_call         write(1
  wild_write        1  bad access                inject_wild_write        write(1
  write_code        1  bad access                inject_write_code        write(1
  execute_data      1  jump to a bad address     inject_execute_data      write(1
  user_read         1  bad access                inject_user_read         write(1
  user_call         1  jump to a bad address     inject_user_call         write(1
+ stack_overflow    1  stack overflow            inject_stack_overflow    guard page
  lock_twice        2  assertion failed          inject_lock_twice        "inject first"
+ deadlock          2  deadlock: lock            inject_deadlock          "inject second"
+ hang              1  interrupts off            inject_hang              write(1
  halt              1  interrupts off            inject_halt              write(1
  loop              2  does not come out         inject_loop              write(1
  assertion         1  assertion failed: truth   inject_assertion         inject.c
  panic             4  as asked                  inject_panic             CPU 3
+ in_interrupt      1  bad access                inject_fire              inject_in_interrupt
+ in_nmi            1  hangs: CPU                inject_in_nmi            write(1
+ in_trace          1  bad access                inject_in_trace          being written
+ in_panic          1  whose telling fails       inject_in_panic          while it told
+ ring_overwritten  2  ring that is overwritten  inject_ring_overwritten  do not add up
  block_overwritten 1  block that is overwritten inject_block_overwritten overwritten
+ port_closed       1  nobody at the trace port  inject_port_closed       taken from memory
  page_overwritten  1  tells the way             inject_page_overwritten  nothing in this memory
'
long=${RINGSCOPE_LONG:-}
looked=0
while IFS='|' read -r mark way cpus line function word; do
	[ "$mark" = + ] || [ -n "$long" ] || continue
	looked=$((looked + 1))
	rs 100 run --inject --watchdog 2 --cpus "$cpus" -o p.db -- \
		busybox sh -c "busybox true | busybox cat; echo $way >/proc/ringscope" \
		</dev/null >out 2>err
	is "$way: status 125" 125 $?
	if [ "$way" = page_overwritten ]; then
		holds "$way: $line" grep -q "$line" err
	else
		one_line "$way: $line" err "$line"
	fi
	rs 60 crash --json p.db >p.json 2>/dev/null
	is "$way: it is a crash" 1 $?
	found=$(jq -r '.crashes[0].function' p.json)
	[ "$found" != take_second_first ] || found=inject_deadlock # either of the two
	is "$way: the function" "$function" "$found"
	[ "$way" != hang ] || holds "$way: the line in it" jq -e '.crashes[0].facts |
		any(.text | test("regs.h:[0-9]+ is part of it, inlined at inject.c:[0-9]+"))' p.json
	holds "$way: its line" jq -e '.crashes[0].facts |
		any(.section == "where" and (.text | test("(inject.c|regs.h):[0-9]+")))' p.json
	case $way in
	in_interrupt)
		holds "$way: called from, and what was struck" jq -e '.crashes[0].facts | any(.section == "stack" and
			(.text | test("^which struck .* inject_in_interrupt"))) and any(.section == "stack" and
			(.text | test(" trap_common")))' p.json
		;;
	in_panic)
		holds "$way: what set it going" jq -e '.crashes[0].facts | any(.section == "chain")' p.json
		;;
	stack_overflow)
		is "$way: a function that calls itself is told once" 1 "$(jq '[.crashes[0].facts[] |
			select(.section == "stack" and (.text | test(" inject_stack_overflow")))] | length' p.json)"
		holds "$way: the callers left out are counted" jq -e '.crashes[0].facts |
			any(.section == "stack" and (.text | test("^and [1-9][0-9]* more callers$")))' p.json
		;;
	esac
	holds "$way: $word" jq -e --arg word "$word" \
		'.crashes[0].facts | any(.text | contains($word))' p.json
	trace=p.db
	# A ring or block that is overwritten has no counts that one could believe.
	case $way in
	ring_overwritten | block_overwritten) ;;
	*)
		sql "$way: emitted = stored + lost + filtered" 1 \
			"SELECT value FROM meta WHERE name = 'identity'"
		sql "$way: nothing is lost but what was being written" 0 "SELECT coalesce(sum(count), 0)
			FROM loss WHERE cause NOT IN ('being written when the machine stopped',
			'before the ring was ready')"
		;;
	esac
done < <(sed -nE 's/^([+ ]) ([a-z_]+) +([0-9]+)  ([^ ].*[^ ]) +(inject_[a-z_]+) +(.*)$/\1|\2|\3|\4|\5|\6/p' <<<"$table")
is "all of the table was looked at" \
	"$(grep -c "^[+ ] [a-z]" <<<"$([ -n "$long" ] && echo "$table" || grep '^+' <<<"$table")")" $looked

echo "gdb on the memory"
rs 100 run --inject --cpus 2 -o p.db -- busybox sh -c 'busybox sleep 0.1; echo null_read >/proc/ringscope' </dev/null >out 2>err
rs 60 crash --vmcore p.core p.db
is "it is written" 0 $?
holds "and sparse" test "$(du -k p.core | cut -f1)" -lt 200000
if command -v gdb >/dev/null; then
	timeout 100 gdb -nx -batch "$build/kernel.elf" p.core -x p.core.gdb -ex ps -ex 'cpu 0' -ex 'cpu 1' \
		-ex 'task 1' </dev/null >gdb.out 2>&1
	holds "ps" grep -q 'CPU 1, thread' gdb.out
	holds "the culprit" grep -q 'inject_null_read () at .*inject.c' gdb.out
	holds "who called" grep -q 'sys_write' gdb.out
	holds "a thread that sleeps" grep -q 'sys_wait4' gdb.out
	holds "an idle CPU" grep -q 'sched_idle' gdb.out
	# Each stack ends where the program was, whose memory is not there.
	is "behind the ways into the kernel only the program" "2 2" \
		"$(grep -c "^#[0-9]* *<signal handler called>" gdb.out) $(grep -c "^#.* in ?? ()" gdb.out)"
fi

echo "its memory on a full disk"
if unshare -rm true 2>/dev/null; then
	mkdir full
	timeout -k 5 60 unshare -rm sh -c 'mount -t tmpfs -o size=64k none full &&
		"$1" crash --vmcore full/core p.db; status=$?; ls full; exit $status' sh "$ringscope" >out 2>err
	is "status 2" 2 $?
	one_line "one line" err "full/core: no space left"
	is "and no half of it" "" "$(cat out)"
fi

echo "a panic before QEMU listens to the tracer"
cat >late <<'END'
#!/bin/bash
tracer=$PPID
kill -STOP $tracer
(sleep 3; kill -CONT $tracer) >/dev/null 2>&1 &
exec qemu-system-x86_64 "$@"
END
chmod +x late
RINGSCOPE_QEMU=$PWD/late rs 100 run --qemu -append --qemu answers=512 -o late.db -- busybox true </dev/null >out 2>err
is "status 125" 125 $?
holds "it is told, and no limit of time" grep -q 'the guest kernel panicked: answers= and nothing' err

echo "a kernel that is silent, and one that only waits"
rs 100 run --inject --watchdog 2 --cpus 2 -o d.db -- busybox sh -c 'echo deaf >/proc/ringscope' </dev/null >out 2>err
is "silent: status 125" 125 $?
one_line "silent: an idle CPU is not said to be stuck" err 'does not answer the recorder; CPU 0 is idle'
rs 60 crash --json d.db >d.json 2>/dev/null
is "silent: where it is idle" sched_idle "$(jq -r '.crashes[0].function' d.json)"
# Longer than its patience: one CPU in ring 3, the other waits for room in its ring.
"$ringscope" run --timeout 100 --watchdog 2 --cpus 2 -o q.db -- busybox sh -c '
	while :; do :; done & echo begun
	busybox dd if=/dev/zero of=/dev/null bs=1 count=300000 2>/dev/null
	kill $!; echo ended' </dev/null >out 2>err &
running=$!
for _ in $(seq 300); do
	! grep -q begun out || break
	sleep 0.1
done
kill -STOP $running
sleep 7
kill -CONT $running
wait $running
is "a tracer that stood still: no hang" "0 begun ended" "$? $(xargs <out)"
is "a tracer that stood still: nothing is said" "" "$(cat err)"
trace=q.db
sql "a tracer that stood still: every event is there" 1 "SELECT value FROM meta WHERE name = 'identity'"

echo "while functions are recorded"
rs 100 run --inject --functions 'sys_*:*' -o f.db -- busybox sh -c 'busybox sleep 0.1; echo null_read >/proc/ringscope' </dev/null >out 2>err
is "status 125" 125 $?
rs 60 crash f.db >story 2>/dev/null
rs 60 crash --vmcore f.core f.db
is "its memory is written" 0 $?
sed -n '/^called from/,/^where each CPU/p' story >called
sed -n '/^where each CPU/,/^where each thread/p' story >cpus
sed -n '/^where each thread/,/^the last events/p' story >threads
for place in called cpus; do
	holds "$place: each function on the way" test "$(grep -oE ' (inject|proc_write|file_write|sys_write|syscall_main)\+' $place | tr -d ' +\n')" = \
		injectproc_writefile_writesys_writesyscall_main
done
holds "a thread that sleeps" grep -Eq ' process_wait\+' threads
holds "and its call" grep -Eq ' sys_wait4\+' threads
holds "the recorder's hooks are in none" test "$(grep -c function_return story)" = 0
if command -v gdb >/dev/null; then
	timeout 100 gdb -nx -batch "$build/kernel.elf" f.core -x f.core.gdb -ex "cpu 0" -ex "task 1" \
		-ex "x/i inject_null_read" </dev/null >gdb.out 2>&1
	sed -n "/to thread 1 /,/to thread 2 /p" gdb.out >called
	holds "gdb: each function on the way" test "$(grep -oE " (inject|proc_write|file_write|sys_write|syscall_main) \\(" called | tr -d " (\\n")" = \
		injectproc_writefile_writesys_writesyscall_main
	holds "gdb: a thread that sleeps" grep -q " sys_wait4 (" gdb.out
	holds "gdb: in none a hook" test "$(grep -cE "^#.* function_(enter|return)|^#.*enter_recorded" gdb.out)" = 0
	holds "gdb: the code as it ran" grep -Eq "<inject_null_read>:.*call .*<function_enter" gdb.out
fi

echo "a guest that is stuck, and one that waits"
rs 100 run --inject --watchdog 0 --cpus 2 -o l.db -- busybox sh -c 'echo begun; echo hang >/proc/ringscope' \
	</dev/null >out 2>err &
running=$!
for _ in $(seq 300); do
	[ ! -s out ] || rs 20 ps l.db 2>/dev/null | grep -q 'busybox.*' && break
	sleep 0.1
done
for _ in $(seq 100); do
	rs 20 stacks l.db >stacks 2>&1
	! grep -q inject_hang stacks || break
	sleep 0.1
done
holds "stacks: the culprit" grep -q 'inject_hang' stacks
holds "stacks: who sleeps" grep -q 'sys_wait4' stacks
rs 60 salvage -o s.db --force l.db >said 2>err2
is "salvage" 0 $?
rs 60 crash --json s.db >s.json 2>/dev/null
holds "salvage: the story has it" jq -e '.crashes[0].facts | any(.text | contains("inject_hang"))' s.json
holds "salvage: nothing struck it" jq -e '.crashes[0].facts | any(.text == "as QEMU tells them")' s.json
trace=s.db
sql "salvage: every event is there" 1 "SELECT value FROM meta WHERE name = 'identity'"
rs 20 ctl l.db stop
wait $running
rs 100 run --inject --timeout 3 -o w.db -- busybox sh -c 'echo lost_wakeup >/proc/ringscope' </dev/null >out 2>err
is "a lost wake-up: the time limit ends it" 125 $?
rs 60 crash --json w.db >w.json 2>/dev/null
holds "its stack is told" jq -e '.crashes[0].facts | any(.text | contains("inject_lost_wakeup"))' w.json

echo "bad input"
head -c 300000 p.core >cut.core
rs 60 salvage -o c.db --force --memory cut.core >said 2>err
holds "a cut image ends by itself" test $? -le 3
head -c 1000000 /dev/urandom >noise.core
rs 60 salvage -o c.db --force --memory noise.core >said 2>err
is "no image of ours: 3" 3 $?
one_line "and says so" err 'nothing in this memory'
rs 60 salvage -o c.db --force --memory p.core >said 2>err
is "an image is as good as the guest" 0 $?
rs 20 ps 999999 >said 2>err
is "no such guest: 2" 2 $?
one_line "and says so" err 'no guest of yours'
rs 60 run -o good.db -- busybox true </dev/null
rs 20 crash --vmcore g.core good.db >said 2>err
is "a good run has no memory: 3" 3 $?
finish
