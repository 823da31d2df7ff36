#include "kernel/proc/access.h"

bool process_may_access(const struct process *p, enum access_ids ids)
{
	const struct process *self = current_process();
	const struct credentials *mine, *its = &p->credentials;
	uint64_t mine_set;
	uint32_t uid, gid;

	if (!self)
		return false;
	mine = &self->credentials;
	if (p == self || credentials_have(mine, CAP_SYS_PTRACE))
		return true;
	uid = ids == ACCESS_REAL ? mine->uid : mine->fsuid;
	gid = ids == ACCESS_REAL ? mine->gid : mine->fsgid;
	mine_set = ids == ACCESS_REAL ? mine->permitted : mine->effective;
	return p->dumpable && uid == its->uid && uid == its->euid && uid == its->suid &&
	       gid == its->gid && gid == its->egid && gid == its->sgid &&
	       !(its->permitted & ~mine_set);
}
