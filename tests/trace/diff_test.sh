#!/usr/bin/env bash
# ringscope diff on real recordings: what is the same, what is not, what cannot be told.
# Timeout: 240
# Processors: 1
source "$(dirname "$0")/lib.sh"

record()
{
	local out=$1
	shift
	rs 60 run --icount -o "$out" -- busybox sh -c "$*" </dev/null >/dev/null 2>&1
}

# ends STATUS WHAT ARGS...: diff ends so; what it said is in out and errors.
ends()
{
	local wanted=$1 what=$2 got=0
	shift 2
	rs 60 diff "$@" >out 2>errors || got=$?
	is "$what" "$wanted" "$got"
}

# says FILE FILTER: a jq expression is true of it.
says()
{
	holds "$1" jq -e "$2" out
}

record a.db 'echo hello | tr a-z A-Z'
record b.db 'echo hello | tr a-z A-Z'
record c.db 'echo hello | tr a-z A-Z; cat /nosuch'

echo "verdicts"
ends 0 "equal runs keep the rules" --fail-on 'differences > 0' a.db b.db
ends 0 "as JSON" --json a.db b.db
says "no difference is counted" '.differences | add == 0'
ends 3 "other commands are not compared" a.db c.db
holds "and one line says so" grep -q 'different commands' errors
printf x >more
rs 60 run --icount --add more:/etc/more -o d.db -- busybox sh -c 'echo hello | tr a-z A-Z' </dev/null >/dev/null 2>&1
ends 3 "nor what was given something else" a.db d.db
holds "which is named" grep -q 'differently: inputs: /etc/more;' errors
ends 1 "a new error breaks a rule" --force --fail-on 'new ENOENT' a.db c.db
holds "and is named" grep -q 'ENOENT from open' out
ends 0 "what is allowed is no regression" --force \
	--fail-on 'new EPERM, calls > 100000, faults > +10000%' a.db c.db
ends 1 "JUnit and HTML are written" --force --junit j.xml --html h.html a.db c.db
holds "JUnit has the failure" grep -q '<failure message="0 became' j.xml
holds "the page has no script" bash -c '! grep -qi "<script" h.html && grep -q nosuch h.html'

echo "sums"
ends 1 "JSON of a regression" --force --json a.db c.db
for side in 0 1; do
	says "rows and rest of side $side are the total" \
		"([.rows[].self[$side]] | add) + .cost_rest[$side] ==
		 (if $side == 0 then .baseline else .candidate end | .user + .kernel)"
done
is "calls are as SQL counts them" "$(sqlite3 c.db 'select count(*) from syscall')" \
	"$(jq .candidate.calls out)"
is "faults are as SQL counts them" "$(sqlite3 c.db 'select count(*) from page_fault')" \
	"$(jq .candidate.faults out)"

echo "several runs a side"
ends 3 "two runs a side cannot tell" --force --junit j.xml --html h.html a.db b.db -- c.db c.db
holds "and say how many could" grep -q 'comparisons at once need [0-9]* runs a side' out
holds "to CI servers as an error" grep -q '<error message="cannot tell' j.xml
holds "the page has the runs" grep -q '<h2>2 and 2 runs</h2>' h.html
ends 1 "eight a side show what came more often" --force --json --fail-on 'more > 0, new ENOENT, calls > +1%' \
	a.db b.db a.db b.db a.db b.db a.db b.db -- c.db c.db c.db c.db c.db c.db c.db c.db
says "in rows" '.runs.more > 0 and .runs.count == [8, 8] and
	any(.runs.rows[]; .item == "execve" and .more.outcome == "MORE")'
says "and rules" 'all(.rules[]; .broken)'
ends 0 "equal runs show nothing" --fail-on 'calls > 0, more > 0' a.db b.db a.db b.db a.db b.db -- b.db a.db b.db a.db b.db a.db
ends 3 "costs of one run a side are not judged" --fail-on 'kernel > +50%, calls > 0' a.db b.db
holds "which is said" grep -q 'one run a side' out
ends 2 "a side without runs" -- a.db b.db

echo "baselines"
ends 0 "made of equal runs" --bless base.txt a.db b.db
is "it is text" "ringscope baseline 2" "$(head -1 base.txt)"
ends 0 "it is the same" --fail-on 'differences > 0' base.txt b.db
ends 1 "it finds the error" --force --fail-on 'new ENOENT' base.txt c.db
ends 3 "unequal runs make none" --bless other.txt a.db c.db
holds "and leave none" test ! -e other.txt
printf 'call nosuch\n' >base.txt.ignore
ends 2 "a rule to ignore that names nothing" base.txt b.db

echo "bad input"
ends 2 "one file" a.db
ends 2 "no file" a.db nosuch.db
ends 2 "no rule" --fail-on 'calls >' a.db b.db
sed 's/^item [0-9a-f]*/item zz/' base.txt >broken.txt
ends 2 "a broken baseline" broken.txt a.db
holds "the line is named" grep -q 'broken.txt:[0-9]' errors

finish
