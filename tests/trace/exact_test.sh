#!/usr/bin/env bash
# Exact runs: the same command twice gives the same trace to the byte, on a busy host
# too, and a change of one instruction or one call is found.
# Timeout: 400
# Processors: 1
source "$(dirname "$0")/lib.sh"

out=$PWD
mkdir -p empty && cd empty || exit 1 # the traces are no input of the runs

# exact NAME ARGS... [< input]: a recording NAME.db.
exact()
{
	local name=$1
	shift
	rs 120 run --exact -o "$out/$name.db" "$@" >"$out/$name.out" 2>"$out/$name.err"
}

blocks()
{
	sqlite3 "$out/$1.db" 'SELECT cpu, sequence, hex(data) FROM block ORDER BY 1, 2' | sha256sum
}

# pair WHAT ARGS...: two runs, compared.
pair()
{
	local what=$1
	shift
	exact a "$@" <<<'some input'
	exact b "$@" <<<'some input'
	holds "$what: the same output" cmp "$out/a.out" "$out/b.out"
	is "$what: the same blocks" "$(blocks a)" "$(blocks b)"
	is "$what: the same hash" "$("$ringscope" info --json "$out/a.db" | jq -r .trace_hash)" \
		"$("$ringscope" info --json "$out/b.db" | jq -r .trace_hash)"
	holds "$what: nothing is different" rs 60 diff "$out/a.db" "$out/b.db"
}

echo "equal runs, while the host is busy"
timeout 300 sh -c 'while :; do :; done' &
busy=$!
pair "a pipeline" -- busybox sh -c 'cat; seq 2000 | tr 0-9 a-j | tail -n 1; sleep 0.01; date'
pair "programs of the host" -- bash -c 'cat; ls -l /usr/bin/env | wc -l; echo $RANDOM; /bin/true'
if command -v python3 >/dev/null; then
	pair "threads" -- python3 -S -c '
import threading, time
def work():
    for i in range(30): time.sleep(0.0005)
all = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in all]; [t.join() for t in all]
print(time.time())'
fi
kill $busy

echo "what others make beside it"
exact a -- stat -c '%h %s %b' .. </dev/null
mkdir "$out/beside"
exact b -- stat -c '%h %s %b' .. </dev/null
is "is no input" "$(blocks a)" "$(blocks b)"
touch young
exact a -- stat -c %Y young </dev/null
exact b -- stat -c %Y young </dev/null
is "a file may be as young as can be" "$(blocks a)" "$(blocks b)"
is "and its time is shown" "$(stat -c %Y young)" "$(cat "$out/a.out")"
exact a -- stat -c %h young </dev/null
ln young "$out/beside/linked"
exact b -- stat -c %h young </dev/null
is "nor is a link to a file" "$(blocks a)" "$(blocks b)"
exact a --rw . -- sh -c 'ln young younger && stat -c %h young && rm younger' </dev/null
is "but one that the run makes is seen" 3 "$(cat "$out/a.out")"

echo "what the run is told"
exact a --seed 2 -- busybox sh -c 'cat; echo x' <<<'one input'
holds "input is read up front" grep -qx 'one input' "$out/a.out"
exact b --seed 3 -- busybox sh -c 'cat; echo x' <<<'one input'
is "another seed is another machine" 3 "$(rs 60 diff "$out/a.db" "$out/b.db" >/dev/null 2>&1; echo $?)"
holds "and can be compared by force" rs 60 diff --force --fail-on 'calls > 0, errors > 0' "$out/a.db" "$out/b.db"
exact c --cpus 2 -- busybox true </dev/null
is "two CPUs are refused" 125 $?

echo "planted changes"
exact b -- busybox sh -c 'echo a >/dev/null' </dev/null
exact c -- busybox sh -c 'echo a >/dev/null; :' </dev/null
is "one word more for the shell is found" 1 \
	"$(rs 60 diff --force "$out/b.db" "$out/c.db" >"$out/d" 2>&1; echo $?)"

finish
