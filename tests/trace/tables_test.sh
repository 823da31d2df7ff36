#!/usr/bin/env bash
# A recorded run answers SQL: the tables, their sums, info, report, strace.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

for cpus in 1 4; do
	echo "$cpus CPU(s)"
	trace=t$cpus.db
	is "the run" HELLO "$(rs 60 run -o "$trace" --cpus $cpus -- \
		busybox sh -c 'echo hello | tr a-z A-Z' </dev/null 2>errors)"
	is "nothing on stderr" "" "$(cat errors)"

	sql "SQLite finds no damage" ok 'PRAGMA integrity_check'
	sql "HELLO is in a write" 1 "SELECT count(*) FROM syscall
		WHERE name IN ('write', 'writev') AND args GLOB '*HELLO*' AND result = 6"
	sql "hello is in a read" 1 "SELECT count(*) > 0 FROM syscall
		WHERE name = 'read' AND args GLOB '*hello*' AND result = 6"
	sql "busybox was executed" 1 "SELECT count(*) > 0 FROM syscall
		WHERE name = 'execve' AND args LIKE '%busybox%' AND result = 0"
	sql "the shell forked twice or more" 1 "SELECT count(*) >= 2 FROM syscall
		WHERE name IN ('clone', 'fork', 'vfork') AND result > 0"
	sql "calls without an end are those that never return" "" "SELECT DISTINCT name FROM syscall
		WHERE exit IS NULL AND name NOT IN
			('exit', 'exit_group', 'reboot', 'rt_sigreturn')"
	sql "calls end after they begin" 0 "SELECT count(*) FROM syscall
		WHERE duration < 0 OR exit < enter OR duration <> exit - enter"
	sql "errors have names" 0 "SELECT count(*) FROM syscall
		WHERE (result BETWEEN -4095 AND -1) <> (error IS NOT NULL)"

	sql "faults have causes" 0 "SELECT count(*) FROM page_fault WHERE cause IS NULL"
	sql "demand zero and copy on write are among them" 2 "SELECT count(DISTINCT cause)
		FROM page_fault WHERE cause IN ('demand zero', 'copy on write')"
	sql "nothing faulted in vain" 0 "SELECT count(*) FROM page_fault
		WHERE cause IN ('kernel bug', 'out of memory')"
	sql "threads blocked on the pipe or the child" 1 "SELECT count(*) > 0 FROM context_switch
		WHERE reason = 'blocked' AND wait IN ('a child', 'data in a pipe')"
	sql "who is not blocked waits for nothing" 0 "SELECT count(*) FROM context_switch
		WHERE reason <> 'blocked' AND wait <> 'nothing'"
	sql "nobody switches to itself" 0 "SELECT count(*) FROM context_switch WHERE prev = next"
	sql "every switch leaves who ran on that CPU" 0 "SELECT count(*) FROM
		(SELECT prev, lag(next) OVER (PARTITION BY cpu ORDER BY id) AS ran
			FROM context_switch) WHERE ran IS NOT NULL AND ran <> prev"
	sql "in and out of the kernel alternate in each thread" 0 "SELECT count(*) FROM
		(SELECT direction, lag(direction) OVER (PARTITION BY tid ORDER BY id) AS before
			FROM crossing) WHERE direction = before"
	sql "each thread ends in the kernel" 0 "SELECT count(*) FROM
		(SELECT tid FROM crossing GROUP BY tid
			HAVING sum(direction = 'in') <> sum(direction = 'out'))"
	sql "as many calls entered as crossings by call" 1 "SELECT
		(SELECT count(*) FROM syscall) = (SELECT count(*) FROM crossing
			WHERE direction = 'in' AND id IN (SELECT enter_event FROM syscall))"

	sql "process 1" 1 "SELECT count(*) FROM process WHERE pid = 1"
	sql "processes ended well, init aside" 0 "SELECT count(*) FROM process
		WHERE pid > 1 AND (end IS NULL OR status <> 0)"
	sql "the shell had two children" 1 "SELECT count(*) >= 2 FROM process
		WHERE parent = (SELECT min(pid) FROM process WHERE pid > 1)"
	sql "threads' calls add up" 1 "SELECT (SELECT sum(syscalls) FROM thread) =
		(SELECT count(*) FROM syscall)"
	sql "each CPU came up" $cpus "SELECT count(*) FROM cpu"
	sql "time was spent in both rings" $((cpus > 0)) "SELECT sum(user_ticks) > 0 AND
		sum(kernel_ticks) > 0 FROM cpu"

	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
	sql "blocks follow each other" 0 "SELECT count(*) FROM
		(SELECT sequence - lag(sequence) OVER (PARTITION BY cpu ORDER BY sequence) AS step
			FROM block) WHERE step IS NOT NULL AND step <> 1"
	sql "the kernel had nothing to complain about" 0 "SELECT count(*) FROM log WHERE level < 0"

	rs 30 info --json "$trace" >info.json
	is "info succeeds" 0 $?
	is "info counts the calls" "$(sqlite3 "$trace" 'SELECT count(*) FROM syscall')" \
		"$(jq .syscall_entered info.json)"
	holds "info for people" rs 30 info "$trace"
	rs 30 report "$trace" >report
	is "report succeeds" 0 $?
	holds "report names a call" grep -q execve report
	holds "report has JSON" bash -c "timeout 30 $ringscope report --json $trace | jq -e . >json"
	rs 30 strace "$trace" >calls
	is "strace succeeds" 0 $?
	# In one line, or in two when another thread did something in between.
	holds "strace shows the write" grep -qE 'write\(1, "HELLO\\n", 6(\) = 6| <unfinished)' \
		<(tr -s ' ' <calls)
	holds "strace shows the exec" grep -q 'execve(".*busybox"' calls
done

echo "as much of what is written as --data says"
trace=data.db
for n in 0 3 256; do
	rs 60 run -o "$trace" --data $n -- busybox echo "$(printf '%0300d' 0)" </dev/null >/dev/null 2>&1
	case $n in
	0) shown='write(1, 0x' ;;
	*) shown="write(1, \"$(printf "%0${n}d" 0)\"...," ;;
	esac
	holds "--data $n" bash -c "timeout 30 $ringscope strace $trace | grep -qF '$shown'"
done
rs 30 run -o "$trace" --data 257 -- busybox true </dev/null 2>said
is "too much is refused" 125 $?
said=$(cat said)
is "with a line that says why" 'ringscope: run: --data takes a number from 0 to 256, not 257' "${said%%$'\n'*}"

echo "signals and faults of a program that dies"
trace=dead.db
rs 60 run -o "$trace" -- "$build/user/null_pointer" </dev/null >/dev/null 2>&1
sql "the fault" "0|write|nothing mapped here" "SELECT addr, access, cause FROM page_fault
	WHERE addr = 0"
sql "the signal" 1 "SELECT count(*) > 0 FROM signal WHERE signal LIKE '%SEGV%'"
sql "the end" 11 "SELECT status & 127 FROM process WHERE pid > 1"

echo "a call that is not implemented"
trace=absent.db
rs 60 run -o "$trace" -- "$build/user/guest" calls_not_implemented </dev/null >/dev/null 2>&1
sql "it is in the trace" 1 "SELECT count(*) > 0 FROM syscall
	WHERE nr = 400 AND absent = 1 AND error = 'ENOSYS'"
finish
