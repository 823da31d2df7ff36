#!/usr/bin/env bash
# The flight recorder: the last is kept, stored at each kind of trigger and at the end;
# what was overwritten is counted and located.
# Timeout: 150
source "$(dirname "$0")/lib.sh"
trace=t.db
spin='spin() { i=0; while [ $i -lt $1 ]; do i=$((i+1)); echo $i >/dev/null; done; }'

# recorded: what holds of every recording by a flight recorder.
recorded()
{
	sql "emitted = stored + lost + filtered" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost + filtered"
	# And what came while a frozen ring was sent, if the host was slow to take it.
	sql "only overwritten ones are lost" 0 "SELECT count(*) FROM loss
		WHERE cause NOT LIKE 'overwritten%' AND cause <> 'ring full'"
	sql "each is located" 0 "SELECT count(*) FROM loss
		WHERE before_sequence IS NULL OR before_time <= after_time"
	sql "as many as the guest counted" 0 "SELECT (SELECT coalesce(sum(count), 0) FROM loss) -
		(SELECT sum(lost) FROM counter)"
}

# trigger RULE COMMAND: run it; one trigger fires in the middle.
trigger()
{
	echo "$1"
	rs 60 run -o t.db --mode flight --ring 32x4 --trigger "$1" -- busybox sh -c "$spin; spin 1500; $2; spin 1500"
	is "exit status" 0 $?
	sql_event "it fired" 1 "SELECT count(*) FROM event JOIN kind ON kind.id = kind WHERE kind.name = 'trace_trigger'"
	sql "before and after it the last was kept" 2 "SELECT count(*) FROM loss WHERE cause LIKE 'overwritten%'"
	recorded
}

trigger 'syscall openat path=/etc/passwd' 'cat /etc/passwd >/dev/null'
sql_event "the call is there, and what was before it" 1 "SELECT count(*) > 0 FROM syscall s
	WHERE args LIKE '%/etc/passwd%' AND (SELECT count(*) FROM event e WHERE e.id < s.id) > 1000"
sql "and threads have their names" 1 "SELECT count(*) FROM thread WHERE name = 'busybox'"
trigger 'signal SIGUSR1' 'kill -USR1 $(busybox sh -c "sleep 1 >/dev/null & echo \$!")'
trigger 'latency nanosleep,clock_nanosleep > 5ms' 'sleep 0.01'
trigger 'crash' 'sh -c "kill -SEGV \$\$" 2>/dev/null'

echo "at the end, on 4 CPUs, by size"
rs 60 run -o t.db --cpus 4 --mode flight --keep 1M --ring 4x16 -- busybox sh -c "$spin; (spin 4000 & spin 4000; wait)"
is "exit status" 0 $?
sql "some was overwritten" 1 "SELECT count(*) > 0 FROM loss"
sql "about the last 256 KiB of each CPU were kept" 1 "SELECT max(n) BETWEEN 12 AND 16 FROM
	(SELECT count(*) n FROM block GROUP BY cpu)"
recorded

echo "by request"
mkfifo in
rs 100 run -o t.db --mode flight --ring 32x4 -- busybox sh -c "$spin; while read n; do spin \$n; echo done; done" <in >out &
runner=$!
exec 3>in
echo 2000 >&3
until grep -q done out; do sleep 0.05; done
holds "ctl freeze" "$ringscope" ctl t.db freeze
blocks=$(sqlite3 t.db "SELECT count(*) FROM block")
holds "stores what was kept, while it runs" test "$blocks" -gt 20
echo 2000 >&3
exec 3>&-
wait $runner
is "exit status" 0 $?
recorded

echo "what is refused"
for ring in 3x4 4x5 1x4 2x2 2x8192 512x4096 32768x4 64 64x64x; do
	"$ringscope" run --ring $ring -- true 2>err
	is "a ring of $ring" 125 $?
	one_line "says so" err "^ringscope: run: --ring takes BLOCKSxKIB, powers of two .* not $ring$"
done
"$ringscope" run --keep 3 -- true 2>err
is "a size without a unit" 125 $?
one_line "says so" err 'keep takes a size'
"$ringscope" run --keep 3M -- true 2>err
is "--keep without --mode flight" 125 $?
"$ringscope" run --mode flight --keep 4G -- true 2>err
is "more than the guest has" 125 $?
one_line "says so" err 'do not fit into 512 MiB'
finish
