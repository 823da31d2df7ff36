# What one operation costs (tests/bench/*_rows.c), on lean Linux, on Linux with
# ftrace's raw_syscalls, sched and exceptions events, on our kernel untraced, and on
# it as it records by default: every event, with the first bytes that are read and
# written, which ftrace leaves out.  Sourced by scripts/bench.
# shellcheck shell=bash

guest_files=(--add "$cache/rows:/bin/rows" --add "$(command -v busybox):/bin/sh")

# rows_linux FILE [ARGUMENT…]: the rows on Linux with one CPU, in instructions.
rows_linux()
{
	local out=$1
	shift
	linux "$rows_initrd" "console=ttyS0 -- $*" -smp 1 "${icount[@]}" -serial stdio |
		tr -d '\r' >"$out"
}

# rows_ours FILE MODE
rows_ours()
{
	ringscope --icount --mode "$2" "${guest_files[@]}" -- /bin/rows >"$1" ||
		fail "the rows failed in mode $2: $(tail -n1 "$1")"
}

# Join the four outputs by name and judge each row.  Traced pipes, forks and execs
# have a bound of their own, against untraced.
rows_table()
{
	awk -F'\t' '
	FNR == 1 { file++ }
	!/^row / { next }
	{ name = substr($1, 5); v[file, name] = $2 }
	file == 1 { order[++rows] = name }
	END {
		printf "%-33s %8s %8s %8s %8s  %s\n", "guest instructions", "Linux", "+ftrace", \
			"off", "traced", "off/Linux  traced/ftrace  traced/off"
		for (i = 1; i <= rows; i++) {
			n = order[i]
			off = v[3, n] / v[1, n]; on = v[4, n] / v[2, n]; added = v[4, n] / v[3, n]
			bad = !(off > 0 && off <= 1) || !(on > 0 && on < 1) || \
				(n ~ /^(pipe|fork)/ && added > 1.2)
			missed += bad
			printf "%-33s %8.0f %8.0f %8.0f %8.0f  %9.2f  %13.2f  %10.2f%s\n", n, v[1, n], \
				v[2, n], v[3, n], v[4, n], off, on, added, bad ? "  MISSED" : ""
		}
		exit missed || !rows
	}' "$cache/rows.linux" "$cache/rows.ftrace" "$cache/rows.off" "$cache/rows.on"
}

section_rows()
{
	rows_initrd=$(initramfs rows "$cache/rows")
	rows_linux "$cache/rows.linux"
	rows_linux "$cache/rows.ftrace" --ftrace
	rows_ours "$cache/rows.off" off
	rows_ours "$cache/rows.on" lossless
	rows_table || missed=1
}

# The same with the wall clock and 2 CPUs: Linux and ours untraced, A B B A; of each
# row the median over the runs of its best batch.
section_wall()
{
	local who
	rows_initrd=$(initramfs rows "$cache/rows")
	rm -f "$cache"/wall.*
	for ((i = 0; i < pairs; i++)); do
		for who in ours linux linux ours; do
			if [ "$who" = ours ]; then
				ringscope --cpus 2 --mode off "${guest_files[@]}" -- /bin/rows
			else
				linux "$rows_initrd" "console=ttyS0" -smp 2 -serial stdio | tr -d '\r'
			fi >>"$cache/wall.$who" || fail "the rows failed with 2 CPUs"
		done
	done
	awk -F'\t' '
	FNR == 1 { file++ }
	!/^row / { next }
	{ name = substr($1, 5); k = ++n[file, name]; v[file, name, k] = $3 }
	file == 1 && n[1, name] == 1 { order[++rows] = name }
	function median(f, name,    i, j, k, t, x) {
		k = n[f, name]
		for (i = 1; i <= k; i++)
			x[i] = v[f, name, i] + 0
		for (i = 1; i <= k; i++)
			for (j = i + 1; j <= k; j++)
				if (x[j] < x[i]) { t = x[i]; x[i] = x[j]; x[j] = t }
		return k % 2 ? x[(k + 1) / 2] : (x[k / 2] + x[k / 2 + 1]) / 2
	}
	END {
		printf "%-33s %10s %10s  %s\n", "TSC ticks, 2 CPUs", "Linux", "off", "off/Linux"
		for (i = 1; i <= rows; i++) {
			a = median(1, order[i]); b = median(2, order[i])
			printf "%-33s %10.0f %10.0f  %9.2f%s\n", order[i], a, b, b / a, (b > a) ? "  slower" : ""
		}
	}' "$cache/wall.linux" "$cache/wall.ours"
}
