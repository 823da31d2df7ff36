# From nothing to a program's end.  Sourced by scripts/bench.
# shellcheck shell=bash

TIMEFORMAT='%R %U %S'

# seconds FILE CMD ARGS…: append "WALL CPU" of a command in seconds to FILE.
seconds()
{
	local out=$1 spent
	shift
	spent=$({ time "$@" >/dev/null 2>&1 || echo failed; } 2>&1)
	[[ $spent != *failed* ]] || fail "failed: $*"
	awk '{ print $1, $2 + $3 }' <<<"$spent" >>"$out"
}

# column N FILE: its median.
column()
{
	awk -v n="$1" '{ print $n }' "$2" | median
}

# alternate NAME: ours_NAME and linux_NAME, A B B A, into $cache/NAME.ours and .linux.
alternate()
{
	local who
	rm -f "$cache/$1.ours" "$cache/$1.linux"
	for ((i = 0; i < pairs; i++)); do
		for who in ours linux linux ours; do
			seconds "$cache/$1.$who" "${who}_$1"
		done
	done
	printf '%-48s wall %6.2f s, Linux %6.2f s   CPU %6.2f s, Linux %6.2f s\n' "$2" \
		"$(column 1 "$cache/$1.ours")" "$(column 1 "$cache/$1.linux")" \
		"$(column 2 "$cache/$1.ours")" "$(column 2 "$cache/$1.linux")"
}

ours_true()
{
	ringscope -- busybox true
}

linux_true()
{
	linux "$true_initrd" "" -smp 1
}

ours_python()
{
	ringscope -- /usr/bin/python3 -c pass
}

linux_python()
{
	linux "$python_initrd" "-- /usr/bin/python3 -c pass" -smp 1
}

# The field of a report of first_process.
reported()
{
	tr -d '\r' | awk -v name="$1" '$1 == name { v = $2 } $1 == "failed" { exit } END { print v }'
}

# files_of PROGRAM: it and its libraries, where they are and where they lead to.
files_of()
{
	{ printf '%s\n' "$1" && ldd "$1" | grep -o '/[^ ]*'; } | while read -r file; do
		printf '%s\n%s\n' "$file" "$(readlink -f "$file")"
	done
}

# initramfs_of NAME FOLDER… with the files listed on standard input: prints its path.
initramfs_of()
{
	local root=$cache/$1.root
	rm -rf "$root"
	mkdir -p "$root"/usr/{bin,lib,lib64}
	ln -s usr/bin usr/lib usr/lib64 "$root"
	cp "$cache/first_process" "$root/init"
	cp "$busybox" "$root/busybox"
	shift
	tar -c --no-recursion -C / -T - 2>/dev/null | tar -x -C "$root"
	tar -c -C / --exclude=test --exclude="config-*" "$@" | tar -x -C "$root"
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$root.cpio"
	printf '%s\n' "$root.cpio"
}

section_start()
{
	local true_initrd python_initrd begin linux_begin library
	true_initrd=$(initramfs true "$cache/first_process")
	begin=$(ringscope --icount --mode off --add "$cache/first_process:/bin/first" -- \
		/bin/first --report 0 | reported begin)
	linux_begin=$(linux "$true_initrd" "console=ttyS0 -- --report 0" -smp 1 "${icount[@]}" \
		-serial stdio | reported begin)
	printf 'reset to the program, G instructions: ringscope %.3f, Linux %.3f\n' \
		"$(ratio "$begin" 1e9)" "$(ratio "$linux_begin" 1e9)"
	verdict 'reset to the first user program, G instructions' "$(ratio "$begin" 1e9)" 0.1
	alternate true 'run to the end of busybox true'
	verdict 'ringscope run -- busybox true, wall, part of Linux' \
		"$(ratio "$(column 1 "$cache/true.ours")" "$(column 1 "$cache/true.linux")")" 0.2
	library=$(/usr/bin/python3 -c 'import os; print(os.path.dirname(os.__file__))')
	python_initrd=$(files_of /usr/bin/python3 | sed 's,^/,,' | initramfs_of python \
		"${library#/}")
	alternate python 'run to the end of python3 -c pass'
	verdict 'ringscope run -- python3 -c pass, wall, part of Linux' \
		"$(ratio "$(column 1 "$cache/python.ours")" "$(column 1 "$cache/python.linux")")" 2
	verdict 'ringscope run -- python3 -c pass, CPU, part of Linux' \
		"$(ratio "$(column 2 "$cache/python.ours")" "$(column 2 "$cache/python.linux")")" 2
}
