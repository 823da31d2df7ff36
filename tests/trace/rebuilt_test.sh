#!/usr/bin/env bash
# Files that were built again since a recording: no story, view or profile names functions out
# of another build, and each says why; the same build gives the names that it gave.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"
command -v cc >/dev/null || { echo "FAIL: cc is not installed"; exit 1; }

cat >prog.c <<'C'
int first_one(char *p);
#define OUTSIDE __attribute__((noinline, noclone))
OUTSIDE int second_one(char *p) { return first_one(p) * 3; }
int main(void) { return second_one((char *)0) + 2; }
C
cat >lib.c <<'C'
int first_one(char *p) { p[0] = 1; return p[0] + 1; }
C
cat >writes.c <<'C'
#include <unistd.h>
volatile long sink;
__attribute__((noinline, noclone)) int gamma_(int n) { return (int)write(1, "c", 1) + n; }
int main(void) { sink = gamma_(5); return 0; }
C
sed 's/first_one/other_one/g; s/second_one/third_function/g; s/\* 3/* 50000/; s/+ 2/+ sizeof(double)/' prog.c >prog2.c
sed 's/first_one/other_one/g; s/p\[0\] = 1/p[p[0] != 2] = 7/' lib.c >lib2.c
# The same length in every place, also of its name: only the functions' names are others.
sed 's/second_one/fourth_one/g' prog.c >near.c

# build SOURCE LIBRARY [OPTION...]: here/prog and here/libone.so.
build()
{
	local source=$1 library=$2
	shift 2
	cc -g -O1 -fPIC -shared "$@" -o here/libone.so "$library" &&
		cc -g -O1 "$@" -o here/prog "$source" here/libone.so || bad "compiling $source"
}
# id FILE: the first digits of its build id.
id()
{
	readelf -n "$1" | sed -nE 's/.*Build ID: ([0-9a-f]{12}).*/\1/p'
}
# names FILE: how many of the functions' names of any build it has.
names()
{
	grep -Ec 'first_one|second_one|other_one|third_function|fourth_one' "$1"
}
# tell WHAT: the story of t.db into WHAT.txt.
tell()
{
	rs 20 crash "${trace:-t.db}" >"$1.txt" 2>error
	is "$1: a crash" "1 " "$? $(cat error)"
}
# stack STORY: its callers, addresses only.
stack()
{
	sed -n '/^called from/,/^[^ ]/p' "$1" | grep -oE '^  0x[0-9a-f]+'
}
mkdir -p here

echo "with build ids"
build prog.c lib.c -Wl,--build-id=sha1
prog=$(id here/prog) lib=$(id here/libone.so)
rs 60 run -o t.db -- here/prog </dev/null
is "it dies" 139 $?
tell first
holds "the function" grep -Eq '^  0x[0-9a-f]+ first_one\+0x[0-9a-f]+ \(lib.c:1\) in .*/here/libone.so \[' first.txt
holds "its caller" grep -Eq '^  0x[0-9a-f]+ second_one\+0x[0-9a-f]+ \(prog.c:3\) in .*/here/prog \[' first.txt
cp -r here first
LANG=C.UTF-8 timeout 30 "$ringscope" view --size 200x60 --export first.view.txt --press 6 t.db 2>error
holds "the viewer has them, too" grep -q 'first_one' first.view.txt

build prog2.c lib2.c -Wl,--build-id=sha1
tell other
is "of another build no names" 0 "$(names other.txt)"
holds "the program: which, and why" grep -Eq \
	"^  .*/here/prog is another build now \(build id $(id here/prog)\) than the one that ran \(build id $prog\): its symbols are not used" other.txt
holds "the library, too" grep -Eq \
	"^  .*/here/libone.so is another build now \(build id $(id here/libone.so)\) than the one that ran \(build id $lib\)" other.txt
holds "the place has an address" grep -Eq '^  0x[0-9a-f]+ in .*/here/libone.so \[' other.txt
holds "no other instruction is shown" test "$(grep -c 'the instruction:' other.txt)" = 0
is "its callers are there, by address" "" "$(stack first.txt | grep -vxFf <(stack other.txt))"
holds "as a guess" grep -Eq '^  0x[0-9a-f]+ in .*/here/prog \(\?\)' other.txt
rs 20 crash --json t.db >other.json
is "for programs: no function" "" "$(jq -r '.crashes[0].function' other.json)"
holds "and why" jq -e '.crashes[0].facts | any(.section == "where" and
	(.text | contains("is another build now")))' other.json
LANG=C.UTF-8 timeout 30 "$ringscope" view --size 200x60 --export other.view.txt --press 6 t.db 2>error
is "the viewer: no names" 0 "$(names other.view.txt)"
holds "and why" grep -q 'is another build now' other.view.txt

cp first/prog here/prog
tell library
holds "only the library: the program has names" grep -Eq '^  0x[0-9a-f]+ second_one\+' library.txt
is "it has none" 0 "$(grep -Ec 'first_one|other_one' library.txt)"
is "and it is the only one" 1 "$(grep -c 'is another build now' library.txt)"

build prog.c lib.c -Wl,--build-id=sha1
tell again
same "the same build again: the same story" first.txt again.txt
echo '/* more */' >>lib.c
tell source
holds "a source that was changed is not quoted" grep -q 'lib.c was changed since the recording' source.txt
is "not at all" 0 "$(grep -c '^  line ' source.txt)"
touch -d '1 hour ago' lib.c

rm here/prog
tell gone
holds "a file that is gone" grep -q '/here/prog cannot be read here: no symbols' gone.txt
holds "what is in it has addresses" grep -Eq '^  0x[0-9a-f]+ in .*/here/prog \(\?\)' gone.txt
holds "the library has names" grep -Eq '^  0x[0-9a-f]+ first_one\+' gone.txt
rm here/libone.so
tell none
is "both are gone" "0 2" "$(names none.txt) $(grep -c 'cannot be read here' none.txt)"

echo "symbols apart"
cp first/* here/
objcopy --only-keep-debug here/prog here/prog.debug
cc -g -O1 -Wl,--build-id=sha1 -o here/other prog2.c lib2.c
strip here/prog
(cd here && objcopy --add-gnu-debuglink=prog.debug prog)
tell apart
holds "are found" grep -Eq '^  0x[0-9a-f]+ second_one\+' apart.txt
objcopy --only-keep-debug here/other here/prog.debug
tell apart
holds "those of another build are named" grep -Eq 'prog.debug is of another build than .*/here/prog: no symbols' apart.txt
is "and not used" 0 "$(grep -Ec 'second_one|third_function' apart.txt)"
rm here/prog.debug here/other

echo "a black box"
cp first/* here/
rs 60 run --flight -o box.db -- here/prog </dev/null
trace=box.db
tell box
holds "has names" grep -Eq '^  0x[0-9a-f]+ first_one\+' box.txt
build prog2.c lib2.c -Wl,--build-id=sha1
tell box.other
same "the same story beside another build" box.txt box.other.txt
sqlite3 box.db "update symbol set name = '00112233' where question = 4 and path like '%/prog'"
tell box.bent
holds "answers out of another build are none" grep -q '/here/prog is another build now (build id 00112233)' box.bent.txt
is "not one" 0 "$(grep -Ec 'second_one|third_function' box.bent.txt)"
trace=t.db

echo "without build ids"
build prog.c lib.c -Wl,--build-id=none
rm -r first && cp -r here first
rs 60 run -o t.db -- here/prog </dev/null
tell first
holds "names" grep -Eq '^  0x[0-9a-f]+ second_one\+' first.txt
build prog2.c lib2.c -Wl,--build-id=none
tell other
is "of another file no names" 0 "$(names other.txt)"
is "and why" 2 "$(grep -c 'is another file now (CRC-32C .*its symbols are not used' other.txt)"
build near.c lib.c -Wl,--build-id=none
holds "one with the same first page" cmp -n 4096 here/prog first/prog
tell alike
holds "is another all the same" grep -Eq '/here/prog is another file now .* than when the recording ended' alike.txt
is "and gives no names" 0 "$(grep -Ec 'second_one|fourth_one' alike.txt)"
build prog.c lib.c -Wl,--build-id=none
tell again
same "the same file again: the same story" first.txt again.txt
sqlite3 t.db 'delete from symbol_file'
touch -d '1 hour' here/prog here/libone.so
tell unsure
is "nothing to compare with: that is said" 2 \
	"$(grep -c 'may be another build than the one that ran.*it was changed since (?)' unsure.txt)"
holds "and names are guesses" grep -Eq '^  0x[0-9a-f]+ second_one\+.* \(\?\) \[' unsure.txt
holds "the place, too" grep -Eq '^  0x[0-9a-f]+ first_one.*libone.so \(\?\) \[' unsure.txt
rs 60 run --core-limit 0 -o t.db -- here/prog </dev/null
tell coreless
is "without a core" 0 "$(grep -c 'another' coreless.txt)"
build prog2.c lib2.c -Wl,--build-id=none
tell coreless
is "it is known, too" "2 0" "$(grep -c 'is another file now' coreless.txt) $(names coreless.txt)"

echo "profiles"
cc -O1 -Wl,--build-id=none -o here/writes writes.c
rs 60 run --stacks write -o s.db -- here/writes </dev/null >out 2>error
rs 60 profile --stacks --folded s.db >folded 2>error
holds "names" grep -q ';main;gamma_;' folded
sed 's/gamma_/delta_/g' writes.c >writes2.c
cc -O1 -Wl,--build-id=none -o here/writes writes2.c
rs 60 profile --stacks --folded s.db >folded 2>error
one_line "of another file: said" error 'writes is not the file that ran'
is "and no names" 0 "$(grep -Ec 'gamma_|delta_' folded)"

echo "the kernel"
rs 100 run --inject -o k.db -- busybox sh -c 'echo null_read >/proc/ringscope' </dev/null >out 2>&1
is "it panics" 125 $?
cp "$build/kernel.elf" kernel.elf
objcopy -O binary --only-section=.note.gnu.build-id kernel.elf note
trace=k.db
rs 20 crash --kernel kernel.elf k.db >kernel.txt
holds "a copy is as good" grep -q 'inject_null_read' kernel.txt
head -c -4 note >note2
printf 'else' >>note2
objcopy --update-section .note.gnu.build-id=note2 kernel.elf
rs 20 crash --kernel kernel.elf k.db >kernel.txt
holds "another build is not" grep -q 'kernel.elf is another kernel (build id .*656c7365)' kernel.txt
is "and names nothing" 0 "$(grep -c 'inject_null_read' kernel.txt)"
mkdir -p ours/user
cp "$ringscope" "$build/kernel.elf" ours/
cp "$build/user/init" ours/user/
timeout -k 5 100 ours/ringscope run --flight --inject -o kbox.db -- busybox sh -c 'echo null_read >/proc/ringscope' </dev/null >out 2>&1
rs 20 crash kbox.db >kernel.txt
holds "a black box: the instructions" grep -Eq '^  > 0x[0-9a-f]+  mov' kernel.txt
mv kernel.elf ours/
rs 20 crash kbox.db >kernel.txt
holds "beside another kernel: names" grep -q 'inject_null_read' kernel.txt
holds "and no instructions of it" grep -q 'the kernel that ran is not here' kernel.txt
is "not one" 0 "$(grep -Ec '^ +>? *0x[0-9a-f]+  [a-z]+ ' kernel.txt)"
finish
