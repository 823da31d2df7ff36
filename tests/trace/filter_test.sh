#!/usr/bin/env bash
# Filters at the start and while it runs: what is kept, what is counted as filtered.
# Timeout: 120
source "$(dirname "$0")/lib.sh"
trace=t.db

# identity: what holds of every recording.
identity()
{
	sql "emitted = stored + lost + filtered" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost + filtered"
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
}

echo "by call and result"
rs 60 run -o t.db --filter 'call=openat,read result<0' -- busybox sh -c \
	'cat /nothing; cat /etc/passwd >/dev/null; true' 2>/dev/null
is "exit status" 0 $?
sql "only calls that failed" 0 "SELECT count(*) FROM syscall WHERE result IS NULL OR result >= 0"
sql "with path and error, told at the end" "openat(AT_FDCWD, \"/nothing\", O_RDONLY) = -1 ENOENT (No such file or directory)" \
	"SELECT text FROM syscall WHERE args LIKE '%/nothing%'"
sql "it took its time" 1 "SELECT min(duration) > 0 FROM syscall"
sql "the rest was filtered" 1 "SELECT filtered > 50 AND stored = 0 FROM counter WHERE name = 'syscall_enter'"
sql "no faults, but they are counted" "0 1" "SELECT stored || ' ' || (filtered > 20) FROM counter
	WHERE name = 'page_fault'"
identity

echo "by program and event, on 4 CPUs"
rs 60 run -o t.db --cpus 4 --filter 'program=cat event=syscall' --filter event=nmi -- busybox sh -c \
	'echo x | cat >/dev/null; ls / >/dev/null'
is "exit status" 0 $?
sql "only calls of cat" cat "SELECT group_concat(DISTINCT thread.name) FROM syscall JOIN thread USING (tid)"
sql "some" 1 "SELECT count(*) > 3 FROM syscall"
identity

echo "while it runs"
mkfifo in
rs 100 run -o t.db --cpus 2 -- busybox sh -c \
	'while read line; do test -e /nothing; echo "got $line"; done' <in >out &
runner=$!
exec 3>in
# said LINE: the guest has read it and answered.
said()
{
	echo "$1" >&3
	for _ in $(seq 200); do
		grep -qx "got $1" out && return
		sleep 0.05
	done
	bad "the guest answers $1"
}
said one
holds "ctl status, by the trace file" "$ringscope" ctl t.db status
holds "ctl filter, by the trace file" "$ringscope" ctl t.db filter call=write
said two
pid=$("$ringscope" ctl t.db status | sed -n 's/^pid //p')
holds "ctl filter, by pid" "$ringscope" ctl "$pid" filter
said three
"$ringscope" ctl "$pid" filter 'call=nonsense' 2>err
is "a wrong filter is refused" 2 $?
one_line "with the reason" err 'no such system call: nonsense'
said four
# Each is answered when all CPUs took it, though they rest and nothing else wakes them.
many()
{
	for _ in $(seq 50); do
		"$ringscope" ctl "$pid" filter event=nmi && "$ringscope" ctl "$pid" filter || return
	done
}
holds "a hundred changes while it rests" many
exec 3>&-
wait $runner
is "exit status" 0 $?
is "all was answered" "got one got two got three got four" "$(tr '\n' ' ' <out | sed 's/ $//')"
sql "writes of all four" 4 "SELECT count(*) FROM syscall WHERE name = 'write' AND args LIKE '%got %'"
sql "the other calls of three of them" 3 "SELECT count(*) FROM syscall WHERE args LIKE '%, \"/nothing%'"
sql_event "each CPU says when the rules changed" "2 102" "SELECT count(DISTINCT cpu) || ' ' || (count(*) / count(DISTINCT cpu))
	FROM event JOIN kind ON kind.id = event.kind WHERE kind.name = 'trace_rules'"
identity
"$ringscope" ctl "$pid" status 2>err
is "afterwards nobody is there" 2 $?
finish
