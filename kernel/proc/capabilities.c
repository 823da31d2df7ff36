#include "kernel/proc/capabilities.h"

#include <linux/securebits.h>

#define BIT(capability) (1ull << (capability))

/* What goes with the user id of file accesses. */
#define CAPABILITIES_FILE                                                                          \
	(BIT(CAP_CHOWN) | BIT(CAP_MKNOD) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) |      \
	 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MAC_OVERRIDE))

static bool has_root(const struct credentials *c)
{
	return !c->uid || !c->euid || !c->suid;
}

void capabilities_user_changed(struct credentials *c, const struct credentials *old)
{
	if (c->secure_bits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (has_root(old) && !has_root(c)) {
		if (!(c->secure_bits & SECBIT_KEEP_CAPS))
			c->permitted = c->effective = 0;
		c->ambient = 0;
	}
	if (!old->euid && c->euid)
		c->effective = 0;
	else if (old->euid && !c->euid)
		c->effective = c->permitted;
}

void capabilities_file_user_changed(struct credentials *c, uint32_t was)
{
	if (c->secure_bits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (!was && c->fsuid)
		c->effective &= ~CAPABILITIES_FILE;
	else if (was && !c->fsuid)
		c->effective |= CAPABILITIES_FILE & c->permitted;
}

/* More than the caller had: only for who may have it. */
static void gain_limit(struct credentials *c, const struct credentials *old, bool no_new_privileges)
{
	if (!no_new_privileges)
		return;
	c->euid = c->uid;
	c->egid = c->gid;
	c->permitted &= old->permitted;
}

bool capabilities_exec(struct credentials *c, const struct credentials *old, bool no_new_privileges)
{
	bool becomes_root = false, other_ids = c->euid != old->uid || c->egid != old->gid;

	c->permitted = 0;
	if (!(c->secure_bits & SECBIT_NOROOT)) {
		becomes_root = !c->euid;
		if (!c->uid || !c->euid)
			c->permitted = c->bounding | c->inheritable;
	}
	if (other_ids || c->permitted & ~old->permitted)
		gain_limit(c, old, no_new_privileges);
	if (other_ids)
		c->ambient = 0;
	c->permitted |= c->ambient;
	c->effective = becomes_root ? c->permitted : c->ambient;
	c->secure_bits &= ~(uint32_t)SECBIT_KEEP_CAPS;
	return other_ids || (c->uid && (becomes_root || c->permitted & ~c->ambient));
}
