/* Users and groups: the rules of setuid(2) and its family.  Who has
 * CAP_SETUID and CAP_SETGID may become anybody; others only switch between the ids they have. */
#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/capabilities.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"

#define UNCHANGED UINT32_MAX

static struct credentials *credentials(void)
{
	return &current_process()->credentials;
}

/* The four ids of a kind, so that users and groups share the rules. */
struct id_set {
	uint32_t *real, *effective, *saved, *file;
	int capability; /* to become anybody */
};

static struct id_set user_ids(void)
{
	struct credentials *c = credentials();

	return (struct id_set){ &c->uid, &c->euid, &c->suid, &c->fsuid, CAP_SETUID };
}

static struct id_set group_ids(void)
{
	struct credentials *c = credentials();

	return (struct id_set){ &c->gid, &c->egid, &c->sgid, &c->fsgid, CAP_SETGID };
}

/* id is one of those the process has. */
static bool ids_have(const struct id_set *s, uint32_t id)
{
	return id == *s->real || id == *s->effective || id == *s->saved;
}

/* Effective ids changed: what a core dump or ptrace may show is not theirs. */
static int ids_apply(const struct id_set *s, uint32_t real, uint32_t effective, uint32_t saved)
{
	const struct credentials old = *credentials();

	if (effective != *s->effective)
		current_process()->dumpable = false;
	*s->real = real;
	*s->effective = *s->file = effective;
	*s->saved = saved;
	capabilities_user_changed(credentials(), &old);
	return 0;
}

static int ids_set(const struct id_set *s, uint32_t id)
{
	if (id == UNCHANGED)
		return -EINVAL;
	if (caller_can(s->capability))
		return ids_apply(s, id, id, id);
	if (id != *s->real && id != *s->saved)
		return -EPERM;
	return ids_apply(s, *s->real, id, *s->saved);
}

static int ids_set_two(const struct id_set *s, uint32_t real, uint32_t effective)
{
	uint32_t new_real = real == UNCHANGED ? *s->real : real;
	uint32_t new_effective = effective == UNCHANGED ? *s->effective : effective;
	uint32_t saved = *s->saved;

	if (!caller_can(s->capability)) {
		if (real != UNCHANGED && real != *s->real && real != *s->effective)
			return -EPERM;
		if (effective != UNCHANGED && !ids_have(s, effective))
			return -EPERM;
	}
	if (real != UNCHANGED || (effective != UNCHANGED && effective != *s->real))
		saved = new_effective;
	return ids_apply(s, new_real, new_effective, saved);
}

static int ids_set_three(const struct id_set *s, uint32_t real, uint32_t effective, uint32_t saved)
{
	if (!caller_can(s->capability) && ((real != UNCHANGED && !ids_have(s, real)) ||
					   (effective != UNCHANGED && !ids_have(s, effective)) ||
					   (saved != UNCHANGED && !ids_have(s, saved))))
		return -EPERM;
	return ids_apply(s, real == UNCHANGED ? *s->real : real,
			 effective == UNCHANGED ? *s->effective : effective,
			 saved == UNCHANGED ? *s->saved : saved);
}

static int ids_get_three(const struct id_set *s, uint64_t real, uint64_t effective, uint64_t saved)
{
	if (user_copy_out(real, s->real, 4) || user_copy_out(effective, s->effective, 4))
		return -EFAULT;
	return user_copy_out(saved, s->saved, 4);
}

/* The old id, also when the change is refused. */
static uint32_t ids_set_file(const struct id_set *s, uint32_t id)
{
	uint32_t was = *s->file;

	if (id != UNCHANGED && (caller_can(s->capability) || ids_have(s, id) || id == was))
		*s->file = id;
	if (s->capability == CAP_SETUID)
		capabilities_file_user_changed(credentials(), was);
	return was;
}

int64_t sys_getuid(void)
{
	return credentials()->uid;
}

int64_t sys_geteuid(void)
{
	return credentials()->euid;
}

int64_t sys_getgid(void)
{
	return credentials()->gid;
}

int64_t sys_getegid(void)
{
	return credentials()->egid;
}

int64_t sys_setuid(uint64_t uid)
{
	struct id_set s = user_ids();

	return ids_set(&s, uid);
}

int64_t sys_setgid(uint64_t gid)
{
	struct id_set s = group_ids();

	return ids_set(&s, gid);
}

int64_t sys_setreuid(uint64_t ruid, uint64_t euid)
{
	struct id_set s = user_ids();

	return ids_set_two(&s, ruid, euid);
}

int64_t sys_setregid(uint64_t rgid, uint64_t egid)
{
	struct id_set s = group_ids();

	return ids_set_two(&s, rgid, egid);
}

int64_t sys_setresuid(uint64_t ruid, uint64_t euid, uint64_t suid)
{
	struct id_set s = user_ids();

	return ids_set_three(&s, ruid, euid, suid);
}

int64_t sys_setresgid(uint64_t rgid, uint64_t egid, uint64_t sgid)
{
	struct id_set s = group_ids();

	return ids_set_three(&s, rgid, egid, sgid);
}

int64_t sys_getresuid(uint64_t ruid, uint64_t euid, uint64_t suid)
{
	struct id_set s = user_ids();

	return ids_get_three(&s, ruid, euid, suid);
}

int64_t sys_getresgid(uint64_t rgid, uint64_t egid, uint64_t sgid)
{
	struct id_set s = group_ids();

	return ids_get_three(&s, rgid, egid, sgid);
}

int64_t sys_setfsuid(uint64_t uid)
{
	struct id_set s = user_ids();

	return ids_set_file(&s, uid);
}

int64_t sys_setfsgid(uint64_t gid)
{
	struct id_set s = group_ids();

	return ids_set_file(&s, gid);
}

int64_t sys_getgroups(uint64_t size, uint64_t list)
{
	const struct credentials *c = credentials();

	if ((int)size < 0 || ((int)size && (uint32_t)size < c->group_count))
		return -EINVAL;
	if ((int)size && user_copy_out(list, c->groups, c->group_count * sizeof(c->groups[0])))
		return -EFAULT;
	return c->group_count;
}

int64_t sys_setgroups(uint64_t size, uint64_t list)
{
	struct credentials *c = credentials();
	uint32_t groups[ARRAY_SIZE(c->groups)];

	if (!caller_can(CAP_SETGID))
		return -EPERM;
	if ((uint32_t)size > ARRAY_SIZE(groups))
		return -EINVAL;
	if (user_copy_in(groups, list, (uint32_t)size * sizeof(groups[0])))
		return -EFAULT;
	memcpy(c->groups, groups, sizeof(groups));
	c->group_count = size;
	return 0;
}
