#!/usr/bin/env bash
# Exact runs of four workloads, again and again while the host is busy: each recording is
# the first one, to the byte.  With RINGSCOPE_LONG 101 runs of each, which are 100 pairs
# and all others that can be made of them; else 6, and 3 where a run is long.
# Timeout: 900
source "$(dirname "$0")/lib.sh"

many=6 few=3
[ -z "${RINGSCOPE_LONG:-}" ] || many=101 few=101
out=$PWD
mkdir -p here && cd here || exit 1 # the traces are no input of the runs
cp "$build/user/null_call" .

# The rest of the host: a loop for each processor, and one that writes.
load=()
for ((i = 0; i < $(nproc); i++)); do
	nice sh -c 'while :; do :; done' &
	load+=($!)
done
nice sh -c "while :; do dd if=/dev/zero of='$out/load' bs=1M count=32 conv=fsync 2>/dev/null; done" &
load+=($!)
trap 'kill "${load[@]}"' EXIT

# shown NAME: what a recording is told to be, and what it is: its hash, and its blocks.
shown()
{
	sqlite3 -readonly "$out/$1.db" "SELECT value FROM meta WHERE name = 'trace_hash'" &&
		sqlite3 -readonly "$out/$1.db" 'SELECT cpu, sequence, hex(data) FROM block ORDER BY 1, 2' |
		sha256sum
}

# alike WHAT RUNS COMMAND...
alike()
{
	local what=$1 runs=$2 differ=0 first="" this
	shift 2
	for ((i = 0; i < runs; i++)); do
		rm -f "$out/b.db"
		rs 300 run --exact -o "$out/b.db" -- "$@" </dev/null >"$out/b.out" 2>"$out/b.err"
		this="$? $(cat "$out/b.out" "$out/b.err") $(shown b)"
		if [ -z "$first" ]; then
			first=$this
			mv "$out/b.db" "$out/a.db"
		elif [ "$this" != "$first" ]; then
			differ=$((differ + 1))
			mv "$out/b.db" "$out/$what.$i.db"
			printf '          %s\n' "run $i of $what: $this" "first: $first"
			cp "$out/a.db" "$out/$what.0.db"
		fi
	done
	holds "$what ends well" test "${first%% *}" = 0
	is "$what: of $runs runs differ from the first" 0 "$differ"
}

alike "a null-call loop" "$many" ./null_call 20000
alike "a pipeline" "$many" bash -c 'seq 3000 | sort -rn | tee /dev/null | head -n 3; echo $RANDOM $$'
if command -v python3 >/dev/null; then
	alike "threads" "$few" python3 -S -c '
import queue, threading, time
q, done = queue.Queue(4), []
def work():
    while (n := q.get()) is not None:
        time.sleep(0.0003)
        done.append(sum(range(n)))
all = [threading.Thread(target=work) for _ in range(4)]
for t in all: t.start()
for n in range(60): q.put(n * 50)
for t in all: q.put(None)
for t in all: t.join()
print(len(done), sum(done), time.time())'
else
	bad "python3 is not installed: scripts/setup installs it"
fi
for name in a b c; do
	printf 'int %s(int n)\n{\n\treturn n + %d;\n}\n' "$name" 3 >"$name.c"
done
printf 'int main(void)\n{\n\treturn 0;\n}\n' >main.c
cat >Makefile <<'MAKE'
/tmp/program: /tmp/a.o /tmp/b.o /tmp/c.o /tmp/main.o
	gcc -o $@ $^
/tmp/%.o: %.c
	gcc -O1 -c -o $@ $<
MAKE
touch -d @1700000000 -- * # before the guest's clock
alike "make -j2" "$few" make -j2

finish
