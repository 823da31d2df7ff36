#!/usr/bin/env bash
# Directories of the host that the guest may write to (--rw), memory of its own
# (--tmpfs), and a working directory where the guest has memory.
# Timeout: 180
# Processors: 1
source "$(dirname "$0")/lib.sh"

place=$(mktemp -d /tmp/ringscope-write.XXXXXX)
trap 'rm -rf "$place"' EXIT
mkdir "$place/guest" "$place/host"

# equal CPUS SCRIPT: run in an empty directory on the host and, writable, in the guest it
# says the same and leaves the same files.
equal()
{
	local cpus=$1 script=$2 wanted got
	rm -rf "$place"/{guest,host}/* "$place"/*.list
	(cd "$place/host" && timeout 60 bash -c "$script") </dev/null >host.out 2>host.err
	wanted=$?
	(cd "$place/guest" && rs 60 run -o "$OLDPWD/t.db" --cpus "$cpus" --rw . -- bash -c "$script") \
		</dev/null >guest.out 2>guest.err
	got=$?
	is "$cpus CPU(s): status" "$wanted" "$got"
	same "output" host.out guest.out
	same "errors" host.err guest.err
	for side in host guest; do
		(cd "$place/$side" && find . -printf '%p %y %m %n %l ' -type f -printf '%s ' \
			-exec sh -c 'sha256sum <"$1"' sh {} \; -o -printf '\n' | sort) >"$place/$side.list"
	done
	same "what is there afterwards" "$place/host.list" "$place/guest.list"
	trace=t.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
}

names='
umask 022
echo hello >a; cat a; echo more >>a; cat a
mkdir -p d/e; mv a d/b; cat d/b; ln d/b d/c; ln -s b d/l; cat d/l; stat -c "%h %s %F" d/b
chmod 640 d/b; touch -d "2020-01-01 00:00:00 UTC" d/c; stat -c "%a %Y" d/c
exec 3<>d/x; echo unlinked >&3; rm d/x; stat -L -c "%h %s" /proc/self/fd/3; cat /proc/self/fd/3
exec 4<>d/y; rm d/y; echo again >&4; exec 5</proc/self/fd/4; exec 4>&-; cat <&5
truncate -s 100000 d/big; echo tail >>d/big; wc -c d/big; truncate -s 10 d/big; wc -c d/big
rmdir d; mkdir d; rmdir d/e/f; rm d; ls d; rm d/l; mv d/b d/e; mv -T d/e d/c; mv -T d/e d/g; ls -R d
mkdir many; for i in $(seq 200); do echo $i >many/$i; done; ls many | wc -l; cat many/* | sha256sum
rm -rf many; ls; mkdir many; touch many/{a,b}; mv many new; ls new; ln new/a new/c; rm new/a
echo x >new/c; cat new/c; stat -c %h new/c; set -C; echo y >new/c; echo $?'

echo "names and attributes"
equal 1 "$names"
equal 4 "$names"

echo "special files live in the guest"
equal 2 'mkdir d; mkfifo d/f; ls d; stat -c "%F %a %h" d/f; (echo through >d/f) & cat d/f; wait; mv d/f d/g
test -p d/g; echo $?; test -e d/f; echo $?; chmod 600 d/g; ls -1 d; ln d/g d/h 2>/dev/null; rm -f d/h d/g; ls d
mkfifo d/x; echo y >d/y; mv d/y d/x; cat d/x; rmdir d 2>/dev/null; echo $?; rm -r d; ls'

echo "contents"
equal 2 '
dd if=/dev/zero bs=7777 count=500 status=none | tr "\0" x >f; sha256sum f
dd if=/dev/zero of=f bs=1 seek=5000 count=9000 conv=notrunc status=none; sha256sum f
dd if=/dev/zero of=f bs=4096 seek=2000 count=1 conv=notrunc,fsync status=none; sha256sum f; wc -c f
for i in 1 2 3 4; do (for k in $(seq 50); do echo line $i $k; done >>log) & done; wait; sort log | sha256sum; rm log
(exec 9>lock; flock 9; echo locked); exec 9<f; flock -s 9; flock -n -x f true; echo $?; rm lock'
equal 1 "perl -e '
use Fcntl; sysopen(F, \"f\", O_RDWR|O_CREAT) or die; syswrite(F, \"a\" x 10000);
sysseek(F, 3, 0); syswrite(F, \"b\"); truncate(F, 5); sysseek(F, 20, 0); syswrite(F, \"c\");
sysseek(F, 0, 0); sysread(F, \$x, 100); print length(\$x), unpack(\"H*\", \$x), \"\n\";
unlink \"f\"; sysseek(F, 0, 0); syswrite(F, \"z\" x 9000); truncate(F, 2); truncate(F, 8);
sysseek(F, 0, 0); sysread(F, \$x, 100); print unpack(\"H*\", \$x), \" \", (stat F)[3], \"\n\"'"
if command -v python3 >/dev/null; then
	equal 1 "python3 -c '
import mmap, os
f = open(\"m\", \"w+b\"); f.truncate(20000)
m = mmap.mmap(f.fileno(), 20000); print(m[5]); m[5] = 65; m[9000:9003] = b\"xyz\"; m.flush()
print(os.pread(f.fileno(), 4, 9000)); m[19999] = 66; m.close(); f.close()
print(open(\"m\", \"rb\").read().strip(bytes(1))[-1])
import sqlite3
c = sqlite3.connect(\"db\"); c.execute(\"pragma journal_mode=wal\"); c.execute(\"create table t(x)\")
c.executemany(\"insert into t values(?)\", [(i,) for i in range(2000)]); c.commit()
print(c.execute(\"select sum(x) from t\").fetchone()); c.execute(\"pragma wal_checkpoint\"); c.close()
print(sqlite3.connect(\"db\").execute(\"pragma integrity_check\").fetchone()); os.unlink(\"db\")'"
fi

echo "how large files may get"
equal 2 'ulimit -c 0; ulimit -f 8; { (head -c 9000 /dev/zero >f); echo $?; } 2>/dev/null; wc -c f
trap "" XFSZ; dd if=/dev/zero of=g bs=5000 count=2 status=none; wc -c g; truncate -s 8192 h; truncate -s 8193 h
wc -c h; echo more >>h; head -c 100 f >h; wc -c h; cp /bin/sh i; wc -c i'

echo "only what was named is writable"
cd "$place" || exit 1
mkdir -p outer/in other && echo before >outer/f
rs 60 run -o t.db --rw outer/in -- bash -c 'echo x >outer/in/n; echo $?; echo y >outer/f; echo $?
	: >other/n; echo $?; mount -o remount,rw / && : >/usr/n; echo $?; cat outer/in/n outer/f' \
	</dev/null >out 2>err
is "what it says" "0 1 1 1 x before" "$(echo $(cat out))"
is "what is there" "f in n" "$(ls outer outer/in other | grep -v : | sort | xargs)"
is "read-only is the reason" 3 "$(grep -c 'Read-only file system' err)"
rs 60 run -o t.db --rw outer/in:/mnt -- bash -c 'cat /mnt/n; rm /mnt/n' </dev/null >out 2>err
is "at another place" "x " "$(cat out) $(ls outer/in)"
chmod 500 outer/in
rs 60 run -o t.db --rw outer --rw outer/in -- bash -c 'echo 1 >outer/f; echo 2 >outer/in/f; cat outer/f' \
	</dev/null >out 2>err
is "one in another" "1 1 2" "$(echo $(cat out outer/f outer/in/f))"

echo "memory, and the working directory"
rs 60 run -o t.db --tmpfs outer --tmpfs /usr/share -- bash -c 'pwd; ls outer; ls /usr/share; echo x >outer/f
	cat outer/f; mkdir /usr/share/d; ls /usr/share; cat outer/in/f' </dev/null >out 2>err
is "memory over the tree" "$place x d" "$(echo $(cat out))"
is "the tree as it was" 1 "$(cat outer/f)"
rs 60 run -o t.db -- bash -c 'cat outer/f; echo 9 >outer/f; ls /tmp; echo y >/tmp/f; cat /tmp/f' \
	</dev/null >out 2>err
is "it is seen in /tmp" "1 ${place#/tmp/} y" "$(echo $(cat out))"
is "and unwritable" "1 1" "$(cat outer/f) $(grep -c 'Read-only file system' err)"
printf '#!/bin/sh\necho ran $0\n' >script && chmod +x script
rs 60 run -o t.db -- ./script </dev/null >out 2>err
is "a program in it" "ran ./script" "$(cat out)"
rs 60 run -o t.db --rw . -- "$busybox" sh -c 'echo static >f; cat f' </dev/null >out 2>err
is "a static program" "static static" "$(cat out) $(cat f)"

echo "refused"
rs 30 run -o t.db --rw /nonexistent -- true </dev/null >out 2>err
is "no such directory: 125" 125 $?
one_line "and says so" err '--rw /nonexistent'
rs 30 run -o t.db --rw f -- true </dev/null >out 2>err
is "no directory: 125" 125 $?
rs 30 run -o t.db --rw / -- true </dev/null >out 2>err
is "all of it: 125" 125 $?
one_line "and says so" err 'not the whole tree'
rs 30 run -o t.db --tmpfs /nonexistent -- true </dev/null >out 2>err
is "memory where there is nothing: 125" 125 $?
one_line "and says so" err 'no such directory'
finish
