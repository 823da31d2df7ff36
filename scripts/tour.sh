# A short tour of the boundary for `scripts/demo`: run by busybox's shell in the guest.
# Each step is a few calls, faults or switches that the trace then shows.

step()
{
	echo
	echo "== $*"
}

step "one call: the shell asks its name of the kernel"
uname -srm

step "a file is written and read back: open, write, close, open, read"
echo "rings, seen from both sides" >/tmp/tour
cat /tmp/tour

step "fork and exec: a child, its exit status, a zombie collected"
sh -c 'exit 7'
echo "the child said $?"

step "a pipeline: three processes block on and wake each other"
seq 1 20000 | sort -rn | head -n 3

step "a fault that ends a program, and nothing else: SIGSEGV"
null_pointer
echo "the shell goes on; status $?"

step "who is here"
ps
