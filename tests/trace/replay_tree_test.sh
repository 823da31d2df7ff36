#!/usr/bin/env bash
# Programs of the host's file tree, run again when the host's files are others.
# Timeout: 600
# Processors: 1
source "$(dirname "$0")/lib.sh"
command -v gdb >/dev/null || { echo "FAIL: gdb is not installed"; exit 1; }
command -v cc >/dev/null || { echo "SKIP: no cc"; exit 77; }
# A short path, for a socket in it.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
cc -O1 -g -o deaths "$(dirname "$0")/../crash/deaths.c" -pthread || exit 1

echo "a dynamic program that dies"
rs 100 run --record-replay -o t.db -- ./deaths null_pointer </dev/null
is "recorded" 139 $?
rs 100 replay --batch --ex bt --ex 'last-writer &nowhere' --ex reverse-stepi --ex 'x/i $pc' t.db \
	</dev/null >gdb 2>&1
is "to the crash" 0 $?
holds "with its caller" grep -Eq '^#1 .* in main \(argc=2' gdb
holds "the symbols of its libraries" grep -Eq '^add symbol table from file ".*/libc[.-]' gdb
holds "who wrote the null pointer" grep -Eq '^=> .*<die_null_pointer(\+[0-9]+)?>:.*movq +\$0x0' gdb
holds "a step more, backwards" grep -Eq '^=> .*<(die_null_pointer|main)(\+[0-9]+)?>:' gdb
[ "$failures" = 0 ] || sed 's/^/          gdb: /' gdb

echo "a shell and its children, when their files are gone"
mkdir -p some there
touch some/{one,two,three}
echo before >some/text
rs 100 run --record-replay --rw there -o b.db -- \
	bash -c 'ls some; cat some/text; echo written >there/file; ls there' </dev/null >out
is "recorded" 0 $?
printf '%s\n' one text three two before file >want
same "its output" want out
is "it wrote to the host" written "$(cat there/file 2>&1)"
rm -r some there
rs 100 replay --check b.db >out
is "it runs the same way again" 0 $?
is "without the host's files" "it runs the same way again" "$(cat out)"
holds "and without writing any" test ! -e there

echo "much that cannot be packed"
head -c 40M /dev/urandom >random
rs 100 run --record-replay -o u.db -- cksum random </dev/null >out
is "recorded" 0 $?
rs 100 replay --check u.db >out
is "it runs the same way again" 0 $?
sqlite3 u.db "DELETE FROM input WHERE name = 'file tree 1'"
rs 100 replay --check u.db >out 2>error
is "a piece is gone: status 3" 3 $?

echo "what cannot be"
cp b.db bent.db
sqlite3 bent.db "UPDATE input SET data = substr(data, 1, 1000) WHERE name = 'file tree'"
rs 60 replay --check bent.db >out 2>error
is "damaged: status 3" 3 $?
one_line "damaged: one line" error 'the file tree in the recording is damaged'
cp b.db other.db
sqlite3 other.db "ATTACH 't.db' AS t; DELETE FROM input WHERE name = 'file tree';
	INSERT INTO input SELECT * FROM t.input WHERE name = 'file tree'"
rs 100 replay --check other.db >out 2>error
is "the answers of another run: status 3" 3 $?
one_line "the answers of another run: one line" error 'asked for something else'
cp b.db less.db
sqlite3 less.db "UPDATE meta SET value = 0 WHERE name = 'answers_mib'"
rs 60 replay --check less.db >out 2>error
is "no memory for the answers: status 3" 3 $?
one_line "no memory for the answers: one line" error 'file trees are damaged'
truncate -s 3M large
rs 100 run --record-replay --answers 1M -o l.db -- cat large </dev/null 2>error >/dev/null
is "more than is kept: the status is the program's" 0 $?
one_line "more than is kept: one line" error 'cannot be replayed: .* more than 1 MiB; --answers takes up to'
rs 60 replay --check l.db >out 2>error
is "more than is kept: no replay" 3 $?
one_line "more than is kept: and why" error 'more than was kept'
rs 60 run --record-replay --memory 4096 -o m.db -- true </dev/null 2>error
is "too much memory: 125" 125 $?
one_line "too much memory: one line" error 'give less with --memory'
finish
