#!/usr/bin/env bash
# NMIs from outside while programs cross the boundary: each is recorded, with its
# end, and nothing else is harmed.
# Timeout: 120
source "$(dirname "$0")/lib.sh"

for cpus in 1 4; do
	echo "$cpus CPU(s)"
	mkfifo mon.in mon.out
	cat mon.out >/dev/null &
	reader=$!
	(
		exec >mon.in
		for _ in $(seq 400); do
			echo nmi
			sleep 0.005
		done
	) 2>/dev/null &
	writer=$!
	rs 60 run -o nmi.db --cpus "$cpus" --qemu -chardev --qemu "pipe,id=m,path=$PWD/mon" \
		--qemu -mon --qemu chardev=m,mode=readline -- \
		"$build/user/null_call" 1000000 </dev/null >out 2>err
	is "exit status" 0 $?
	kill $writer $reader 2>/dev/null
	wait $writer $reader 2>/dev/null
	is "every call had the same answer" \
		"1000000 calls, 1000000 times the same answer" "$(cat out)"
	trace=nmi.db
	sql "some came, to every CPU" "$cpus" "SELECT count(DISTINCT cpu) FROM counter
		WHERE name = 'nmi' AND emitted > 0"
	sql "each ended" 0 "SELECT sum(CASE name WHEN 'nmi' THEN emitted ELSE -emitted END)
		FROM counter WHERE name IN ('nmi', 'nmi_end')"
	# They come from the machine's first moment on, and until its last: those before
	# there is a ring are lost, those after its end are not wanted; both are counted.
	sql "nothing was lost once there was a ring" 0 "SELECT count(*) FROM loss
		WHERE cause <> 'before the ring was ready'"
	sql "emitted = stored + lost + filtered" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost + filtered"
	sql "only NMIs were not wanted" 0 "SELECT count(*) FROM counter
		WHERE filtered > 0 AND name NOT IN ('nmi', 'nmi_end')"
	rm -f mon.in mon.out
done
finish
