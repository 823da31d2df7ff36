#!/usr/bin/env bash
# Compilers, make -j4 and git in the host's own directory (--rw), on four CPUs: they do as
# on the host, and what they leave behind is good there.
# Timeout: 400
source "$(dirname "$0")/lib.sh"

programs=$(dirname "$0")/../programs
rm -rf place kept copy
cp "$programs/run.sh" "$programs/build.cases" .
some='@(gcc|make|git)'
timeout -k 5 100 bash ./run.sh "$PWD/place" ./build.cases "$some" </dev/null >host.out 2>host.err
is "status on the host" 0 $?
rm -rf place
cat >work.sh <<'END'
bash ./run.sh "$PWD/place" ./build.cases "$1" || exit
exec >kept.out 2>&1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
git init -q -b main kept && cd kept || exit
printf '#include <stdio.h>\nint main(void) { puts("made in the guest"); return 7; }\n' >hello.c
gcc hello.c -o hello && git add . && git commit -qm one && git mv hello.c world.c &&
	git commit -qm two && git gc -q && git clone -q . ../copy
END
rs 300 run -o t.db --rw . --cpus 4 --memory 1024 -- bash ./work.sh "$some" \
	</dev/null >guest.out 2>guest.err
is "status in the guest" 0 $?
same "output and statuses" host.out guest.out
same "errors" host.err guest.err
is "nothing to say" "" "$(cat kept.out)"
is "the program runs on the host" "made in the guest 7" "$(kept/hello) $?"
holds "the repository is whole" git -C kept fsck --strict
is "its history" "two one" "$(git -C kept log --format=%s | tr '\n' ' ' | sed 's/ $//')"
is "its tree is clean" "" "$(git -C kept status --short)"
is "the clone has the same" "$(git -C kept rev-parse HEAD)" "$(git -C copy rev-parse HEAD)"
trace=t.db
sql "nothing was lost" 0 "SELECT count(*) FROM loss"
sql "the kernel had nothing to complain about" 0 "SELECT count(*) FROM log WHERE level <= 4"
finish
