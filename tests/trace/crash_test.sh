#!/usr/bin/env bash
# ringscope crash: of each way to die the story names the cause and the function.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"
deaths=$build/user/deaths

# way, signal, cause, function, and a word that a fact must have
table='
null_pointer    SIGSEGV  null page            die_null_pointer    a write at 0x0,
null_call       SIGSEGV  null page            die_null_call       execution at 0x0,
wild_pointer    SIGSEGV  hole                 die_wild_pointer    a read at 0x123456789000
not_canonical   SIGSEGV  general protection   die_not_canonical   exception 13
write_constant  SIGSEGV  read only            die_write_constant  may be read, not written
execute_data    SIGSEGV  not executable       die_execute_data    not executable
stack_overflow  SIGSEGV  stack limit          die_stack_overflow  KiB deep
after_munmap    SIGSEGV  unmapped             die_after_munmap    unmapped before
after_protect   SIGSEGV  no permission        die_after_protect   protection changed
truncated_file  SIGBUS   beyond end of file   die_truncated_file  made shorter by ftruncate
abort           SIGABRT  abort                die_abort           tkill(
divide          SIGFPE   division             die_divide          divide error
illegal         SIGILL   illegal instruction  die_illegal         invalid opcode
trap            SIGTRAP  breakpoint           die_trap            breakpoint
privileged      SIGSEGV  general protection   die_privileged      exception 13
port            SIGSEGV  general protection   die_port            exception 13
segment         SIGSEGV  general protection   die_segment         exception 13
overflow        SIGSEGV  overflow             die_overflow        exception 4
single_step     SIGTRAP  debug                die_single_step     exception 1
fpu             SIGFPE   floating point       die_fpu             exception 16
stack_lost      SIGSEGV  null page            die_stack_lost      a write at 0xff8,
assertion       SIGABRT  assertion            die_assertion       an assertion did not hold
stack_smashing  SIGSEGV  stack smashing       die_stack_smashing  a write beyond the end of
double_free     SIGSEGV  heap corruption      die_double_free     freed twice
in_a_handler    SIGSEGV  null page            die_in_a_handler    a write at 0x0,
pipe            SIGPIPE  kernel               die_pipe            in write(
alarm           SIGALRM  kernel               die_by_timer        the kernel sent it
virtual_timer   SIGVTALRM  kernel             die_by_timer        the kernel sent it
profile_timer   SIGPROF  kernel               die_by_timer        the kernel sent it
cpu_time        SIGXCPU  kernel               die_cpu_time        the kernel sent it
kill            SIGTERM  another process      -                   sent it by kill(
thread          SIGSEGV  null page            die_thread          a write at 0x0,
child           SIGSEGV  unmapped             die_child           unmapped before
'
ways=$(awk 'NF { print $1 }' <<<"$table" | tr '\n' ' ')
rs 120 run -o t.db -- bash -c "$deaths; for way in $ways; do $deaths \$way; done; true" \
	</dev/null >/dev/null 2>&1
is "the run ends well" 0 $?
rs 60 crash --json t.db >t.json
is "something crashed" 1 $?
rs 60 crash t.db >t.txt
is "the same in words" 1 $?
holds "it is JSON" jq -e '.complete and .not_told == 0' t.json
# Of `child` both the child and, by SIGQUIT, the parent.
is "as many as died" $(($(wc -w <<<"$ways") + 1)) "$(jq '.crashes | length' t.json)"

n=0
while IFS='|' read -r way signal cause function word; do
	story=$(jq -c ".crashes[$n]" t.json)
	n=$((n + 1))
	is "$way: $signal" "$signal" "$(jq -r .signal <<<"$story")"
	is "$way: $cause" "$cause" "$(jq -r .cause <<<"$story")"
	[ "$function" = - ] || is "$way: the function" "$function" "$(jq -r .function <<<"$story")"
	holds "$way: $word" jq -e --arg word "$word" '.facts | any(.text | contains($word))' \
		<<<"$story"
	# The address of the instruction, with its line.
	[ "$function" = - ] || holds "$way: a line of deaths.c" jq -e \
		'.facts | any((.section == "where" or .section == "stack") and
			(.text | test("deaths.c:[0-9]+")))' <<<"$story"
	holds "$way: registers" jq -e \
		'.facts | any(.section == "registers" and (.text | test("^rip [0-9a-f]+ rsp")))' \
		<<<"$story"
done < <(sed -nE 's/^([a-z_]+) +(SIG[A-Z]+)  +(.*[^ ])  +([a-z_]+|-)  +(.*)$/\1|\2|\3|\4|\5/p' <<<"$table")
is "all of the table was looked at" "$(wc -w <<<"$ways")" $n

for way in kill child; do
	holds "$way: its chain leads to another process" jq -e --arg way "$way" '
		.crashes[] | select(.function == "die_" + $way and any(.facts[]; .section == "chain" and
			(.text | test("^deaths [0-9]+ \\(process [0-9]+\\) made deaths [0-9]+: fork"))))' t.json
done
story=$(jq -c '.crashes[7]' t.json)
event=$(jq '.facts[] | select(.text | startswith("process ") and contains("unmapped 0x")) | .event' \
	<<<"$story")
is "after_munmap: the event cited is the unmap" unmap \
	"$(rs 20 sql t.db "select name from event where id = ${event:-0}" | tail -n 1)"
event=$(jq ".crashes[0].facts[] | select(.section == \"why\" and (.text | test(\"ever mapped\"))) | .event" t.json)
LANG=C.UTF-8 timeout 30 "$ringscope" view --export why.txt --press w --event "${event:-0}" t.db 2>error
holds "the viewer explains it by the same rules" grep -q "Here: nothing is ever mapped at the lowest addresses; a null pointer" why.txt
holds "the page walk" grep -q 'the page walk: entry 0 of level 4, 0 of level 3, 0 of level 2, 0 of level 1' t.txt
holds "the page walk of a page that is there" grep -q 'of level 1, which is present but forbids it' t.txt
holds "the instruction, and what its address was" grep -Eq 'its address is r[a-z0-9]+ \(0x0\) \[' t.txt
rs 60 run -o w.db -- "$build/user/deaths" after_munmap </dev/null
rs 20 crash w.db >w.txt
holds "a page that was unmapped left its table" grep -q "walk ended at level 1" w.txt
holds "conclusions are marked" grep -q 'a null pointer (?)' t.txt
holds "the parent learned of it" grep -q 'bash [0-9]* learned of it: wait4' t.txt
holds "the first run is told, which did not die" grep -q 'ended with status 0' t.txt

echo "every fatal signal"
numbers="$(seq 1 16) $(seq 24 27) 29 30 31 34 50 64"
rs 120 run -o s.db -- bash -c "for number in $(echo $numbers); do $deaths raise \$number; done; true" \
	</dev/null >/dev/null 2>&1
is "the run ends well" 0 $?
rs 60 crash --json s.db >s.json
is "something crashed" 1 $?
n=0
for number in $numbers; do
	story=$(jq -c ".crashes[$n]" s.json)
	n=$((n + 1))
	name=$(kill -l "$number")
	is "signal $number: who" die_raise "$(jq -r .function <<<"$story")"
	[ "$number" -ge 32 ] || [ "$number" = 16 ] ||
		is "signal $number: its name" "SIG${name#SIG}" "$(jq -r .signal <<<"$story")"
	holds "signal $number: a line" jq -e '.facts | any((.section == "stack") and
		(.text | test("die_raise.*deaths.c:[0-9]+")))' <<<"$story"
	holds "signal $number: by what" jq -e --arg what "kill(" \
		'.facts | any(.section == "sender" and (.text | contains($what)))' <<<"$story"
done
is "no other crash" $n "$(jq '.crashes | length' s.json)"

if command -v cc >/dev/null; then
	echo "another C library"
	cc -O1 -g -o ours "$(dirname "$0")/../crash/deaths.c" -pthread || bad "deaths.c"
	for pair in double_free:"heap corruption" abort:abort assertion:assertion null_pointer:"null page"; do
		rs 100 run -o o.db -- ./ours "${pair%%:*}" </dev/null >/dev/null 2>&1
		rs 20 crash --json o.db >o.json
		is "${pair%%:*}" "die_${pair%%:*} ${pair#*:}" "$(jq -r '.crashes[0] | .function + " " + .cause' o.json)"
	done
	rs 100 run -o o.db -- ./ours assertion </dev/null >/dev/null 2>&1
	rs 20 crash o.db >o.txt
	holds "what it said" grep -q "^what it wrote to standard error last" o.txt
	strip -o bare ours
	rs 100 run -o o.db -- ./bare null_pointer </dev/null >/dev/null 2>&1
	rs 20 crash o.db >o.txt
	holds "without symbols: the place" grep -Eq "^  0x[0-9a-f]+ in .*bare" o.txt
	is "without symbols: what starts programs is not to blame" 0 "$(grep -c "it came from" o.txt)"
fi

echo "the kernel panics: its first program is none"
mkdir -p broken/user
cp "$ringscope" "$build/kernel.elf" broken/
echo nonsense >broken/user/init
timeout -k 5 60 broken/ringscope run -o p.db -- "$deaths" </dev/null >/dev/null 2>&1
is "the run says 125" 125 $?
rs 20 crash --json p.db >p.json
is "a panic is a crash" 1 $?
is "panic: the function" process_start_init "$(jq -r '.crashes[0].function' p.json)"
holds "panic: what it said" jq -e '.crashes[0].facts | any(.text | contains("cannot run /init"))' p.json
holds "panic: who called, with a line" jq -e '.crashes[0].facts |
	any(.section == "stack" and (.text | test("system_start.*kernel.c:[0-9]+")))' p.json
rs 20 crash --kernel "$deaths" p.db >p.txt
holds "another kernel is no source of names" grep -q 'deaths is another kernel' p.txt
is "and none are told" 0 "$(grep -c 'process_start_init' p.txt)"

echo "another tree"
mkdir -p tree/opt
cp "$deaths" tree/opt/
rs 60 run --root tree -o r.db -- /opt/deaths null_pointer </dev/null
is "it dies as ever" 139 $?
rs 20 crash --json r.db >r.json
is "its symbols are in the tree that was given" die_null_pointer "$(jq -r '.crashes[0].function' r.json)"
mv tree moved
rs 20 crash --json r.db >r.json
is "which is gone" "" "$(jq -r '.crashes[0].function' r.json)"
holds "and that is said" jq -e '.crashes[0].facts | any(.text | contains("/opt/deaths cannot be read here"))' r.json
rs 20 crash --json --root moved r.db >r.json
is "but --root says where it is now" die_null_pointer "$(jq -r '.crashes[0].function' r.json)"
rs 20 crash --root nowhere r.db 2>error >/dev/null
is "or nowhere: status 2" 2 $?
one_line "in one line" error 'nowhere: no such file'

echo "nothing, and bad input"
rs 60 run -o good.db -- "$deaths" </dev/null
rs 20 crash good.db >good.txt
is "nothing crashed: status 0" 0 $?
rs 20 crash nosuch.db 2>error >/dev/null
is "no file: status 2" 2 $?
one_line "no file: one line" error 'nosuch.db'
rs 20 crash --pid x good.db 2>error >/dev/null
is "a bad option: status 2" 2 $?
# Bytes of blocks that are not what they were: any story, or none, but an end.
for seed in 1 2 3 4 5 6; do
	cp t.db bent.db
	sqlite3 bent.db "update block set data = substr(data, 1, length(data) / $((seed + 1))) ||
		randomblob(64) || substr(data, length(data) / $((seed + 1)) + 65)" 2>error ||
		bad "bending block $seed" "$(cat error)"
	rs 30 crash bent.db >bent.txt 2>&1
	status=$?
	holds "bent $seed: it ends by itself" test $status -le 3
done
finish
