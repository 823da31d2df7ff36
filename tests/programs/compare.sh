# What the programs_*_test.sh share: source it after tests/trace/lib.sh.
cases=$(dirname "${BASH_SOURCE[0]}")
# Here, so that the guest sees them wherever the tree lies: its /tmp is its own.
cp "$cases/run.sh" "$cases"/*.cases .

# compare CPUS FILE SECONDS: the cases of FILE.cases in the guest as on the host.
compare()
{
	local cpus=$1 file=$2 seconds=$3 place=/tmp/ringscope.$2.$$
	echo "$file, $cpus CPU(s)"
	timeout -k 5 "$seconds" bash ./run.sh "$place" "./$file.cases" \
		</dev/null >host.out 2>host.err
	is "status on the host" 0 $?
	rm -rf "$place"
	rs "$seconds" run -o t.db --cpus "$cpus" --memory 1024 -- \
		bash ./run.sh "$place" "./$file.cases" </dev/null >guest.out 2>guest.err
	is "status" 0 $?
	same "$(grep -ac ': status ' host.out) cases: output and statuses" host.out guest.out
	same "errors" host.err guest.err
	trace=t.db
	sql "nothing was lost" 0 "SELECT count(*) FROM loss"
	sql "emitted = stored + lost" 0 "SELECT count(*) FROM counter
		WHERE emitted IS NULL OR emitted <> stored + lost"
	sql "the kernel had nothing to complain about" 0 "SELECT count(*) FROM log WHERE level <= 4"
}
