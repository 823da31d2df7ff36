#!/usr/bin/env bash
# A file server that fails, is late, or says what cannot be: the program gets an error,
# and nothing else is harmed.  (A directory cannot be listed when one of its files cannot
# be looked at: QEMU looks at each.)  QEMU's calls on files are bent by a preloaded library.
# Timeout: 120
source "$(dirname "$0")/lib.sh"

command -v cc >/dev/null || { echo "SKIP: no cc"; exit 77; }
cat >bend.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* By the last component of the name. */
static int bend(const char *name, struct stat *st, int result)
{
	if (strcmp(name, "bad-error") == 0)
		return errno = ENOMEM, -1;
	if (strncmp(name, "bad-late", 8) == 0)
		usleep(300000);
	if (strcmp(name, "bad-kind") == 0)
		st->st_mode = 0170000;
	if (strcmp(name, "bad-directory") == 0)
		st->st_mode = S_IFSOCK;
	if (strcmp(name, "bad-size") == 0)
		st->st_size = -5;
	return result;
}

int fstatat(int fd, const char *name, struct stat *st, int flags)
{
	int (*real)(int, const char *, struct stat *, int) = dlsym(RTLD_NEXT, "fstatat");
	return bend(name, st, real(fd, name, st, flags));
}

int fstatat64(int fd, const char *name, struct stat64 *st, int flags)
{
	return fstatat(fd, name, (struct stat *)st, flags);
}

/* By the size of the file: 4001 cannot be read, of 4002 there is less than it says. */
ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at)
{
	ssize_t (*real)(int, const struct iovec *, int, off64_t) = dlsym(RTLD_NEXT, "preadv64");
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size == 4001)
		return errno = EIO, -1;
	if (st.st_size == 4002)
		return 0;
	return real(fd, parts, count, at);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at)
{
	return preadv64(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
	ssize_t (*real)(int, const struct iovec *, int, off64_t) = dlsym(RTLD_NEXT, "pwritev64");

	if (parts[0].iov_len == 4003)
		return errno = ENOSPC, -1;
	return real(fd, parts, count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	return pwritev64(fd, parts, count, at);
}
END
cc -shared -fPIC -O1 -o bend.so bend.c -ldl || { echo "SKIP: no library can be made"; exit 77; }
printf '#!/bin/sh\nLD_PRELOAD=%q exec qemu-system-x86_64 "$@"\n' "$PWD/bend.so" >bent-qemu
chmod +x bent-qemu
export RINGSCOPE_QEMU=$PWD/bent-qemu

rm -rf tree && mkdir -p tree/bad-directory tree/good && cd tree || exit 1
for name in bad-error bad-late bad-later bad-kind bad-size good/file; do echo "$name" >$name; done
head -c 4001 /dev/zero >unreadable
head -c 4002 /dev/zero | tr '\0' x >short
rs 60 run -o ../t.db --cpus 2 --rw . -- bash -c '
	for name in bad-error bad-kind bad-directory bad-size unreadable; do
		cat $name/ $name >/dev/null 2>&1; echo "$name $?"
	done
	{ cat bad-late & cat good/file; wait; } | sort
	cat bad-later >/dev/null & sleep 0.1; kill $!; wait $!
	case $? in 143 | 0) ;; *) echo "killed, it ended with $?" ;; esac # 0: it was done
	cat bad-later
	tr -d "\0" <short | wc -c; wc -c <short
	head -c 4003 /dev/zero >full; echo "full $?"
	echo fine >full; cat full; ls 2>/dev/null; echo $?; ls good' </dev/null >../out 2>../err
is "status" 0 $?
cd ..
is "what it says" "bad-error 1 bad-kind 1 bad-directory 1 bad-size 1 unreadable 1 bad-late good/file bad-later 0 4002 full 1 fine 2 file" \
	"$(echo $(cat out))"
is "a full disk is told" 1 "$(grep -c 'No space left' err)"
is "what was written then" fine "$(cat tree/full)"
trace=t.db
sql "nothing was lost" 0 "SELECT count(*) FROM loss"
sql "no warnings of the kernel" 0 "SELECT count(*) FROM log WHERE level < 1"
finish
