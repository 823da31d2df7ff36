#!/usr/bin/env bash
# Debian's unmodified busybox in the guest against the same busybox on Linux.
# Timeout: 300
# Processors: 1
source "$(dirname "$0")/lib.sh"

# Each paragraph is one script; both sides run it in an empty directory below /tmp.
cat >scripts <<'SCRIPTS'
seq 1 2000 | sort -rn | head -n 5; seq 100 | wc; seq 10 | tac | tail -n 3

for i in 1 2 3; do mkdir -p a$i/b; echo $i >a$i/b/f; done; find . -type f | sort | xargs cat

i=0; while [ $i -lt 300 ]; do i=$((i+1)); done; echo $i; f() { echo $1 $(($1*2)); }; f 21

echo "the quick brown fox" | sed 's/quick/slow/' | awk '{ print $2, NF }' | tr a-z A-Z

printf 'b\na\nc\na\n' | sort | uniq -c | sort -rn | head -n 1; printf 'x' | md5sum; printf 'x' | sha256sum

mkdir d; touch d/1 d/2; ln -s 1 d/l; ln d/2 d/3; ls d; rm d/2; cat d/3; readlink d/l; mv d e; ls -a e; rm -r e; ls

tar cf t.tar /etc/passwd 2>/dev/null; mkdir x; echo data >x/y; tar cf t.tar x; rm -r x; tar xf t.tar; cat x/y; gzip t.tar; zcat t.tar.gz | tar t

sleep 5 & p=$!; kill $p; wait $p 2>/dev/null; echo $?; (exit 3); echo $?; sh -c 'kill -9 $$'; echo $?

trap 'echo got USR1' USR1; kill -USR1 $$; trap 'echo bye' EXIT; echo end

echo one >f; echo two >>f; cat <f; cat f - <<X
three
X
wc -l <f; exec 3<f; read a <&3; read b <&3; echo $b $a

dd if=/dev/zero bs=1000 count=100 2>/dev/null | wc -c; dd if=/dev/zero of=z bs=1k seek=10 count=1 2>/dev/null; wc -c <z; cmp z z && echo same

test -d /proc/self && echo proc; test -c /dev/null && echo null; cat /proc/self/comm; [ -e /absent ] || echo absent; cat /absent; echo $?

umask 027; touch m; mkdir n; stat -c '%a %F' m n; chmod 4755 m; stat -c %a m; umask

yes | head -n 1000 | wc -l; (echo a; echo b >&2) 2>&1 | sort; echo x | tee f1 f2 | cat - f1 f2

expr 6 \* 7; basename /a/b/c.d .d; dirname /a/b; seq -s, 5; printf '%05d|%-5s|%x\n' 42 ab 255; date -u -d @86400 +%F

mkfifo p; (echo through >p &); cat p; env -i A=1 sh -c 'echo $A-$B'; timeout 1 sleep 5; echo $?

echo 'a:b:c' | cut -d: -f2; echo abc | rev; echo hello | od -c; printf 'a\tb\n' | expand; echo abcdef | fold -w 2; echo 1 2 3 | xargs -n1 echo n

grep -c root /etc/passwd; head -n 1 /etc/passwd | cut -d: -f1; id -u; uname -s; uname -m; pwd | sed 's/.*\///;s/[0-9].*//'

i=0; while [ $i -lt 30 ]; do (echo $i; exit $i); i=$((i+1)); done | tail -n 1; for i in a b c; do echo $i | cat | cat | cat; done

ps >/dev/null && echo ps; mount >/dev/null && echo mount; free >/dev/null && echo free; top -b -n1 >/dev/null && echo top; df >/dev/null && echo df; uptime >/dev/null && echo uptime
SCRIPTS

# Run every paragraph in a process and a directory of its own.
cat >all.sh <<'ALL'
n=0
mkdir -p /tmp/bb.$$ && cd /tmp/bb.$$ || exit 1
busybox awk -v RS= '{ print > ("/tmp/bb.'$$'/s" NR) }' "$1"
for s in $(busybox ls | busybox sort -V); do
	busybox mkdir "dir_$s" && cd "dir_$s" || exit 1
	echo "== $s"
	busybox sh "../$s" 2>&1
	echo "status $?"
	cd ..
done
cd /
busybox rm -r /tmp/bb.$$
ALL

# On Linux the applets must be busybox's too: its shell prefers them.
timeout -k 5 100 busybox sh all.sh "$PWD/scripts" </dev/null >linux 2>&1
is "on Linux" 0 $?
for cpus in 1 4; do
	rs 120 run -o t$cpus.db --cpus $cpus --add "$PWD/scripts" --add "$PWD/all.sh" -- \
		busybox sh "$PWD/all.sh" "$PWD/scripts" </dev/null >guest$cpus 2>errors$cpus
	is "in the guest, $cpus CPU(s)" 0 $?
	is "nothing on stderr" "" "$(cat errors$cpus)"
	same "the same output" linux guest$cpus
	trace=t$cpus.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "every call is there" 0 "SELECT count(*) FROM syscall WHERE absent = 1 AND name NOT IN
		('rseq', 'set_robust_list', 'syslog')"
done
finish
