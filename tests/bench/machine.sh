# The two machines of scripts/bench, which sources this: Debian's cloud kernel,
# unpacked below build/ and never installed, in the QEMU that ringscope itself
# starts, with its flags and the settings that favour Linux.  Sets $cache.
# shellcheck shell=bash

cache=$PWD/build/bench
lean="quiet init_on_alloc=0 apparmor=0 audit=0 mitigations=off panic=-1"
export RINGSCOPE_REAL_QEMU=${RINGSCOPE_QEMU:-qemu-system-x86_64}
export RINGSCOPE_QEMU_ARGS=$cache/qemu-args
icount=(-icount shift=0,sleep=off)
missed=0

fail()
{
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

# The newest Debian cloud kernel, kept from one run to the next; prints its path.
linux_image()
{
	local package
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n1)
	[ -n "$package" ] || fail "no package lists: run apt-get update"
	if [ ! -d "$cache/$package" ]; then
		(cd "$cache" && apt-get -q download "$package" >&2 && dpkg -x "$package"_*.deb "$package.new" &&
			rm "$package"_*.deb && mv "$package.new" "$package") >&2 || fail "could not fetch $package"
	fi
	ls "$cache/$package"/boot/vmlinuz-*
}

# initramfs NAME INIT: an archive with INIT as /init and busybox as /bin/sh and
# /busybox; prints its path.
initramfs()
{
	local root=$cache/$1.root
	rm -rf "$root"
	mkdir -p "$root/bin"
	cp "$2" "$root/init"
	cp "$busybox" "$root/bin/sh"
	ln "$root/bin/sh" "$root/busybox"
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$cache/$1.cpio"
	printf '%s\n' "$cache/$1.cpio"
}

# The flags that describe the machine, out of the ones ringscope gave QEMU, without
# the number of CPUs and the file that is its memory.
machine_flags()
{
	awk '
	take { sub(/,memory-backend=[^,]*/, ""); print; take = 0; next }
	/^-(M|machine|cpu|m|accel|bios|L|global)$/ { print; take = 1 }
	' "$RINGSCOPE_QEMU_ARGS"
}

# linux INITRAMFS APPEND QEMU-ARGS…: boot until it ends; words behind "--" in APPEND
# are arguments of init.
linux()
{
	local initrd=$1 append=$2
	shift 2
	timeout 300 "$RINGSCOPE_REAL_QEMU" "${machine[@]}" -nodefaults -display none -no-reboot \
		-kernel "$vmlinuz" -initrd "$initrd" -append "$lean $append" "$@" </dev/null 2>/dev/null
}

ringscope()
{
	timeout 300 build/ringscope run -o "$cache/trace.db" "$@" </dev/null
}

# Learn how ringscope starts QEMU: sets $machine, $vmlinuz, $busybox.
machines_prepare()
{
	mkdir -p "$cache"
	vmlinuz=$(linux_image)
	busybox=$(command -v busybox)
	cat >"$cache/qemu-noting" <<-'WRAPPER'
		#!/bin/sh
		printf '%s\n' "$@" >"$RINGSCOPE_QEMU_ARGS"
		exec "$RINGSCOPE_REAL_QEMU" "$@"
	WRAPPER
	chmod +x "$cache/qemu-noting"
	RINGSCOPE_QEMU=$cache/qemu-noting ringscope -- busybox true || fail "ringscope run -- busybox true failed"
	mapfile -t machine < <(machine_flags)
	printf 'date       %s\nringscope  %s\nlinux      %s\nqemu       %s\nmachine    %s\nload       %s\n' \
		"$(date +%F)" "$(git describe --always --dirty)" "${vmlinuz##*/vmlinuz-}" \
		"$("$RINGSCOPE_REAL_QEMU" --version | sed -n '1s/.*version //p')" "${machine[*]}" \
		"$(cut -d' ' -f1-3 /proc/loadavg)"
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# verdict WHAT MEASURED TARGET: one line, and $missed if it is not reached.
verdict()
{
	local word
	word=$(awk -v a="$2" -v b="$3" 'BEGIN { print a + 0 <= b + 0 ? "met" : "MISSED" }')
	printf '%-58s %10.3f   target <= %-8s %s\n' "$1" "$2" "$3" "$word"
	[ "$word" = met ] || missed=1
}

# ratio A B
ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'
}
