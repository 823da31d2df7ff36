#!/usr/bin/env bash
# What people run, on four CPUs: see tests/programs; and input of any length.
# Timeout: 1800
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../programs/compare.sh"

for file in "$cases"/*.cases; do
	compare 4 "$(basename "$file" .cases)" 900
done

echo "standard input of many bytes, of every value"
mib=32
[ "${RINGSCOPE_LONG:-0}" = 0 ] || mib=1024
bytes() { openssl enc -aes-128-ctr -pass pass:x -nosalt -in /dev/zero 2>/dev/null | head -c ${mib}M; }
bytes | sha256sum >wanted
bytes | rs 900 run -o t.db --cpus 4 -- sha256sum >got 2>errors
is "status" 0 $?
same "its sum" wanted got
is "nothing on stderr" "" "$(cat errors)"
bytes | rs 900 run -o t.db --cpus 4 -- bash -c 'tee /dev/stderr' 2>errors | sha256sum >got
same "through both output streams: stdout" wanted got
sha256sum <errors >got
same "stderr" wanted got
bytes | rs 60 run -o t.db -- head -c 5 >got 2>errors
is "who stops reading ends: status" 0 $?
is "and has what it asked for" "$(bytes | head -c 5 | md5sum)" "$(md5sum <got)"
finish
