/* Capabilities: the sets, what they permit, how they follow ids and programs. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/abi/probe.h"

#define BIT(capability) (1ull << (capability))

struct sets {
	uint64_t effective, permitted, inheritable;
};

static long sets_call(long call, struct sets *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	long result;

	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(s->effective >> 32 * i);
		data[i].permitted = (uint32_t)(s->permitted >> 32 * i);
		data[i].inheritable = (uint32_t)(s->inheritable >> 32 * i);
	}
	result = syscall(call, &header, data);
	s->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	s->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	s->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return result;
}

static struct sets sets_get(void)
{
	struct sets s = { 0 };

	CHECK(sets_call(SYS_capget, &s) == 0);
	return s;
}

static int sets_set(struct sets s)
{
	return (int)sets_call(SYS_capset, &s);
}

/* Where CAP_CHOWN is: one letter a set. */
static void chown_say(void)
{
	struct sets s = sets_get();

	say("chown: permitted %d effective %d inheritable %d ambient %d", !!(s.permitted & 1),
	    !!(s.effective & 1), !!(s.inheritable & 1),
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
}

static void probe_exec(void)
{
	execl("/proc/self/exe", "abi", PROBE_ARGUMENT, "capabilities", NULL);
	case_fail(__FILE__, __LINE__, "execve of a probe returned");
}

static void probe_here(void)
{
	pid_t pid = child();

	if (pid == 0)
		probe_exec();
	EXITS(pid, 0);
}

CASE(capability_effective)
{
	struct sets all = sets_get(), less = all;

	file_put("file", "");
	less.effective &= ~BIT(CAP_CHOWN);
	GIVES(sets_set(less), 0);
	FAILS(chown("file", 1000, 1000), EPERM);
	GIVES(sets_set(all), 0);
	GIVES(chown("file", 1000, 1000), 0);
	less.permitted &= ~BIT(CAP_CHOWN);
	GIVES(sets_set(less), 0);
	FAILS(sets_set(all), EPERM);
	less.effective |= BIT(CAP_CHOWN);
	FAILS(sets_set(less), EPERM);
	chown_say();
}

CASE(capability_each_permits)
{
	struct sets all = sets_get(), none = { 0, all.permitted, 0 };
	char text[8];

	file_put("file", "");
	GIVES(chmod("file", 0), 0);
	GIVES(chown("file", 1000, 1000), 0);
	GIVES(sets_set(none), 0);
	FAILS(open("file", O_RDONLY), EACCES);
	FAILS(chmod("file", 0600), EPERM);
	FAILS(mknod("device", S_IFCHR | 0600, 0x103), EPERM);
	FAILS(chroot("."), EPERM);
	FAILS(setuid(1000), EPERM);
	FAILS(setgid(1000), EPERM);
	FAILS(syscall(SYS_setgroups, 0, NULL), EPERM);
	FAILS(syscall(SYS_sethostname, "name", 4), EPERM);
	FAILS(syscall(SYS_mount, "none", ".", "tmpfs", 0, NULL), EPERM);
	FAILS(prctl(PR_CAPBSET_DROP, CAP_CHOWN), EPERM);
	FAILS(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), EPERM);
	none.effective = BIT(CAP_DAC_READ_SEARCH);
	GIVES(sets_set(none), 0);
	GIVES(open("file", O_RDONLY), 3);
	GIVES(read(3, text, sizeof(text)), 0);
	FAILS(open("file", O_RDWR), EACCES);
	none.effective = BIT(CAP_DAC_OVERRIDE);
	GIVES(sets_set(none), 0);
	GIVES(open("file", O_RDWR), 4);
	FAILS(execl("file", "file", NULL), EACCES);
	none.effective = BIT(CAP_FOWNER);
	GIVES(sets_set(none), 0);
	GIVES(chmod("file", 0600), 0);
	none.effective = BIT(CAP_MKNOD);
	GIVES(sets_set(none), 0);
	GIVES(mknod("device", S_IFCHR | 0600, 0x103), 0);
	none.effective = BIT(CAP_SETGID);
	GIVES(sets_set(none), 0);
	GIVES(setresgid(1000, 1000, 1000), 0);
	FAILS(setresuid(1000, 1000, 1000), EPERM);
}

CASE(capability_effective_user)
{
	GIVES(setresuid(1000, 1000, 0), 0);
	chown_say();
	GIVES(seteuid(0), 0);
	chown_say();
	GIVES(setresuid(1000, 1000, 1000), 0);
	chown_say();
	FAILS(setuid(0), EPERM);
}

CASE(capability_file_user)
{
	file_put("file", "");
	GIVES(setfsuid(1000), 0);
	chown_say();
	FAILS(chown("file", 1000, 1000), EPERM);
	GIVES(kill(1, 0), 0);
	GIVES(setfsuid(0), 1000);
	chown_say();
}

CASE(capability_keep)
{
	struct sets s;

	GIVES(prctl(PR_GET_KEEPCAPS), 0);
	FAILS(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
	GIVES(prctl(PR_SET_KEEPCAPS, 1), 0);
	GIVES(prctl(PR_GET_KEEPCAPS), 1);
	GIVES(prctl(PR_GET_SECUREBITS), SECBIT_KEEP_CAPS);
	file_put("file", "");
	GIVES(setuid(1000), 0);
	chown_say();
	FAILS(chown("file", 1, 1), EPERM);
	s = sets_get();
	s.effective = BIT(CAP_CHOWN);
	GIVES(sets_set(s), 0);
	GIVES(chown("file", 1, 1), 0);
	probe_here();
}

CASE(capability_ambient)
{
	struct sets s = sets_get();

	FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), EPERM);
	s.inheritable = BIT(CAP_CHOWN);
	GIVES(sets_set(s), 0);
	GIVES(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), 0);
	chown_say();
	GIVES(prctl(PR_SET_KEEPCAPS, 1), 0);
	GIVES(setresuid(1000, 1000, 1000), 0);
	chown_say(); /* the ambient ones went all the same */
	probe_here();
	GIVES(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), 0);
	probe_here();
	s = sets_get();
	s.inheritable = 0;
	GIVES(sets_set(s), 0);
	chown_say();
}

CASE(capability_bounding)
{
	struct sets s = sets_get();

	GIVES(prctl(PR_CAPBSET_READ, CAP_CHOWN), 1);
	FAILS(prctl(PR_CAPBSET_READ, 64), EINVAL);
	FAILS(prctl(PR_CAPBSET_DROP, 64), EINVAL);
	GIVES(prctl(PR_CAPBSET_DROP, CAP_CHOWN), 0);
	GIVES(prctl(PR_CAPBSET_READ, CAP_CHOWN), 0);
	chown_say();
	s.inheritable = BIT(CAP_CHOWN);
	FAILS(sets_set(s), EPERM);
	probe_here();
}

CASE(capability_exec_of_root)
{
	struct sets s = sets_get();

	s.permitted = s.effective = BIT(CAP_SETPCAP);
	GIVES(sets_set(s), 0);
	probe_here(); /* user 0 has all again */
	GIVES(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED), 0);
	probe_here();
	FAILS(prctl(PR_SET_SECUREBITS, 0), EPERM);
	FAILS(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT_LOCKED), EPERM);
	GIVES(prctl(PR_GET_SECUREBITS), SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
}

CASE(capability_secure_bits)
{
	FAILS(prctl(PR_SET_SECUREBITS, 1 << 20), EPERM);
	GIVES(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED), 0);
	FAILS(prctl(PR_SET_KEEPCAPS, 1), EPERM);
	GIVES(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_SETUID_FIXUP), 0);
	GIVES(setuid(1000), 0);
	chown_say();
}

CASE(capability_no_new_privileges)
{
	struct sets s = sets_get();

	s.permitted = s.effective = BIT(CAP_SETPCAP);
	GIVES(sets_set(s), 0);
	GIVES(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	probe_here();
}

CASE(capability_process_limit)
{
	struct rlimit one = { 1, 1 };
	struct sets s;
	pid_t pid;

	CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0 && setrlimit(RLIMIT_NPROC, &one) == 0);
	CHECK(setuid(1000) == 0);
	FAILS(fork(), EAGAIN);
	s = sets_get();
	s.effective = BIT(CAP_SYS_ADMIN);
	GIVES(sets_set(s), 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	CHECK(pid > 0);
	EXITS(pid, 0);
}

CASE(capability_calls)
{
	struct __user_cap_header_struct header = { .version = 1 };
	struct __user_cap_data_struct data[2];

	FAILS(syscall(SYS_capget, &header, data), EINVAL);
	GIVES(header.version, _LINUX_CAPABILITY_VERSION_3);
	header.pid = -1;
	FAILS(syscall(SYS_capget, &header, data), EINVAL);
	header.pid = 99999999;
	FAILS(syscall(SYS_capget, &header, data), ESRCH);
	FAILS(syscall(SYS_capset, &header, data), EPERM);
	header.pid = 0;
	FAILS(syscall(SYS_capget, &header, (void *)8), EFAULT);
	FAILS(syscall(SYS_capset, &header, (void *)8), EFAULT);
	FAILS(syscall(SYS_capget, (void *)8, data), EFAULT);
	header.version = 1;
	GIVES(syscall(SYS_capget, &header, NULL), 0);
}
