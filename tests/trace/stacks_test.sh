#!/usr/bin/env bash
# run --stacks and --sample: the stacks of a program whose calls are known, unwound without
# frame pointers; names from files that are there, gone, or others now; the vDSO.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

cat >chain.c <<'C'
#include <time.h>
#include <unistd.h>
volatile long sink;
#define OUTSIDE __attribute__((noinline, noclone))
OUTSIDE int gamma_(int n) { char room[300]; room[n] = 'c'; sink += room[n]; return (int)write(1, room + n, 1) + 1; }
OUTSIDE int beta_(int n) { return gamma_(n + 1) * 3; }
OUTSIDE int alpha_(int n) { return beta_(n * 2) + 7; }
OUTSIDE void spin_(long n) { while (n--) sink += n; }
OUTSIDE void ticks_(int n) { struct timespec t; while (n--) { clock_gettime(CLOCK_MONOTONIC, &t); sink += t.tv_nsec; } }
int main(int argc, char **argv)
{
	if (argc > 1) { ticks_(3000000); return 0; }
	sink = alpha_(5);
	spin_(2000000);
	return 0;
}
C
mkdir -p here traces # what the program sees must not change with what is written
holds "a program without frame pointers" gcc -O2 -fomit-frame-pointer -static -o here/chain chain.c
record() { (cd here && rs 100 run "$@" </dev/null); }

echo "stacks at events"
touch out errors
for n in 1 2; do
	record --exact --stacks 'write' --sample 4000 --functions 'write:*' -o ../traces/s$n.db -- ./chain \
		>out 2>errors
	is "an exact run" "0 c" "$? $(cat out)"
done
is "two are the same" "$(sqlite3 traces/s1.db "select value from meta where name = 'trace_hash'")" \
	"$(sqlite3 traces/s2.db "select value from meta where name = 'trace_hash'")"
rs 60 profile --stacks --folded traces/s1.db >folded 2>errors
holds "main, alpha_, beta_, gamma_, and the kernel's sys_write" \
	grep -qE '^chain;.*;main;alpha_;beta_;gamma_;.*write.*;syscall_main;sys_write 1$' folded
is "nothing to complain of" "" "$(cat errors)"
rs 60 profile --stacks --json traces/s1.db >json 2>errors
is "a stack for each write of the recording" \
	"$(sqlite3 traces/s1.db "select count(*) from syscall where name = 'write'")" "$(jq .stacks json)"
is "gamma_ is in one, the innermost of none" "0 1" \
	"$(jq -r '.functions[] | select(.name == "gamma_") | "\(.innermost) \(.in_it)"' json)"
rs 60 profile --folded traces/s1.db >whole 2>errors
holds "the whole profile reaches from main into the kernel's functions" \
	grep -qE '^chain;.*main;alpha_;beta_;gamma_;.*;write;sys_write;transfer' whole
is "and is all of the time" "$(rs 60 profile --json traces/s1.db | jq .elapsed)" \
	"$(awk '{ s += $NF } END { printf "%d", s }' whole)"

echo "samples"
rs 60 profile --samples --json traces/s1.db >json 2>errors
holds "most of those of the program are in spin_" jq -e '.stacks as $all |
	(.functions[] | select(.name == "spin_") | .innermost) as $spin |
	(.functions[] | select(.name == "main") | .in_it) as $main | $spin > $main * 9 / 10 and $spin > 10' json
rs 60 export --to perfetto -o s1.pftrace traces/s1.db >out 2>errors
is "they are exported" "0" "$?$(cat out errors)"
# The parts of perfetto's schema that samples are made of, under its names and numbers.
cat >samples.proto <<'PROTO'
syntax = "proto2";
message InternedString { optional uint64 iid = 1; optional bytes str = 2; }
message Frame { optional uint64 iid = 1; optional uint64 function_name_id = 2; optional uint32 kind = 7; }
message Callstack { optional uint64 iid = 1; repeated uint64 frame_ids = 2; }
message InternedData {
	repeated InternedString function_names = 5;
	repeated Frame frames = 6;
	repeated Callstack callstacks = 7;
}
message PerfSample {
	optional uint32 cpu = 1; optional uint32 pid = 2; optional uint32 tid = 3;
	optional uint64 callstack_iid = 4; optional uint32 cpu_mode = 5;
}
message TracePacket {
	optional uint64 timestamp = 8; optional uint32 trusted_packet_sequence_id = 10;
	optional InternedData interned_data = 12; optional uint32 sequence_flags = 13;
	optional PerfSample perf_sample = 66;
}
message Trace { repeated TracePacket packet = 1; }
PROTO
holds "protoc decodes them" sh -c 'protoc --decode=Trace samples.proto <s1.pftrace >decoded'
# Each sample by the names of its frames, as the packets intern them.
awk '{ gsub(/"/, "") }
	$1 == "iid:" { id = $2 }
	$1 == "str:" { name[id] = $2 }
	$1 == "function_name_id:" { frame[id] = name[$2] }
	$1 == "frame_ids:" { stack[id] = stack[id] ";" frame[$2] }
	$1 == "callstack_iid:" { print stack[$2] }' decoded |
	sort | uniq -c | awk '{ print $2, $1 }' | sort >perfetto.stacks
rs 60 profile --samples --folded traces/s1.db 2>errors | sed 's/^[^;]*//' |
	awk '{ n[$1] += $2 } END { for (s in n) print s, n[s] }' | sort >profile.stacks
holds "there are samples" test -s perfetto.stacks
same "Perfetto's samples have the stacks of the profile" profile.stacks perfetto.stacks
holds "the same, dynamic" gcc -O2 -fomit-frame-pointer -o here/dynamic chain.c
record --sample 2000 -o ../traces/v.db -- ./dynamic vdso >out 2>errors
is "a program that asks for the time" 0 $?
rs 60 profile --samples --folded traces/v.db >folded 2>errors
holds "samples in the vDSO, under ticks_" grep -qE 'main;(ticks_;)?.*clock_gettime' folded
rs 60 profile --samples traces/v.db >out 2>errors
holds "as a table" grep -q ' ticks_$' out


echo "samples in other programs' formats"
rs 60 profile --samples --json traces/s1.db >json 2>errors
for to in speedscope chrome; do
	rs 60 export --to $to -o s1.$to traces/s1.db >out 2>errors
	is "$to is written" "0" "$?$(cat out errors)"
done
is "speedscope has a profile of them" "$(jq .stacks json)" \
	"$(jq '.profiles[] | select(.name == "samples") | .weights | add' s1.speedscope)"
is "in which spin_ is as often innermost" \
	"$(jq '.functions[] | select(.name == "spin_") | .innermost' json)" \
	"$(jq '.shared.frames as $f | .profiles[1] | [.samples, .weights] | transpose |
		map(select($f[.[0][-1]].name == "spin_") | .[1]) | add' s1.speedscope)"
is "chrome has an event for each" "$(jq .stacks json)" \
	"$(jq '[.traceEvents[] | select(.ph == "P")] | length' s1.chrome)"
is "whose frame is spin_ as often" \
	"$(jq '.functions[] | select(.name == "spin_") | .innermost' json)" \
	"$(jq '.stackFrames as $f | [.traceEvents[] | select(.ph == "P" and $f["\(.sf)"].name == "spin_")] | length' s1.chrome)"
holds "and whose frames lie in frames" jq -e '.stackFrames as $f | all(.stackFrames[];
	.parent == null or $f["\(.parent)"] != null)' s1.chrome

echo "pictures"
rs 60 profile --flame f.svg traces/s1.db >out 2>errors
holds "the flame graph is well-formed" xmllint --noout f.svg
rs 60 profile --stacks --flame g.svg traces/s1.db >out 2>errors
holds "that of stacks, too" grep -q 'data-n="gamma_"' g.svg
# Its script in a browser: zoom on a click, search, names on frames wide enough.
if command -v chromium >/dev/null; then
	cat >page.html <<-HTML
		<!doctype html><body>$(cat f.svg)<script>
		window.prompt = () => 'gamma_';
		const frames = [...document.querySelectorAll('g.f')];
		const hidden = g => g.style.display === 'none';
		const all = frames.filter(g => !hidden(g));
		document.getElementById('find').dispatchEvent(new Event('click'));
		const marked = document.querySelectorAll('rect.m').length;
		frames.find(g => g.dataset.n === 'gamma_').dispatchEvent(new Event('click'));
		const wide = frames.find(g => g.dataset.n === 'gamma_').querySelector('rect');
		document.title = 'result';
		const p = document.createElement('pre'); p.id = 'result';
		p.textContent = [all.length > 10, marked > 0, all.some(hidden), wide.getAttribute('width')].join(' ');
		document.body.append(p);
		</script></body>
	HTML
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$PWD/browser" --dump-dom "file://$PWD/page.html" >dom 2>browser.log
	is "in a browser it zooms and marks" "true true true 1200" \
		"$(sed -n 's/.*<pre id="result">\(.*\)<\/pre>.*/\1/p' dom)"
else
	bad "chromium is not installed: scripts/setup installs it"
fi

echo "symbols apart from their program"
cp here/chain chain.whole
objcopy --only-keep-debug here/chain here/chain.debug
strip here/chain
(cd here && objcopy --add-gnu-debuglink=chain.debug chain)
record --exact --stacks write -o ../traces/d.db -- ./chain >out 2>errors
rs 60 profile --stacks --folded traces/d.db >folded 2>errors
holds "are found" grep -qE '^chain;.*;main;alpha_;beta_;gamma_;' folded
is "without a word" "" "$(cat errors)"
gcc -O1 -static -Wl,--build-id=0x0123456789 -o here/chain.debug chain.c
rs 60 profile --stacks --folded traces/d.db >folded 2>errors
one_line "those of another build are named" errors 'chain.debug is of another build than .*chain'
is "and not used" 0 "$(grep -c 'alpha_' folded)"
rm here/chain.debug
cp chain.whole here/chain

echo "another root"
mkdir -p root/bin && cp here/chain root/bin/
rs 100 run --root root --stacks write -o traces/r.db -- /bin/chain </dev/null >out 2>errors
rs 60 profile --stacks --folded traces/r.db >folded 2>errors
holds "programs have names below it" grep -qE '^chain;.*;main;alpha_;beta_;gamma_;' folded
is "all of them" "" "$(cat errors)"

echo "files that are not what ran"
sed 's/alpha_/other_/g; s/[*] 3/* 5/' chain.c >other.c
gcc -O2 -fomit-frame-pointer -static -o here/chain other.c
rs 60 profile --stacks --folded traces/s1.db >folded 2>errors
one_line "another file is named" errors 'chain is not the file that ran'
is "and gives no names" 0 "$(grep -c 'other_' folded)"
rm here/chain
rs 60 profile --stacks --folded traces/s1.db >folded 2>errors
one_line "a missing one, too" errors 'chain cannot be read'

echo "bad input"
rs 60 run -o no.db --stacks nosuch -- busybox true >out 2>errors
is "no such event" 125 $?
one_line "in one line" errors '--stacks: no function'
rs 60 run -o no.db --sample 0 -- busybox true >out 2>errors
is "no such rate" 125 $?
rs 60 profile --stacks traces/v.db >out 2>errors
is "a recording without" 3 $?
one_line "says so" errors 'no such stacks'
finish
