/* The sets of capabilities: capget(2), capset(2) and what prctl(2) has of them. */
#include "kernel/syscall/capability.h"

#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"

#define CAPABILITY(number) (1ull << (number))

static struct credentials *credentials(void)
{
	return &current_process()->credentials;
}

/* The header's version decides how many words of each set are wanted. */
static int header_words(uint64_t header, struct __user_cap_header_struct *h)
{
	const uint32_t newest = _LINUX_CAPABILITY_VERSION_3;

	if (user_copy_in(h, header, sizeof(*h)))
		return -EFAULT;
	switch (h->version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3;
	default:
		return user_copy_out(header, &newest, sizeof(newest)) ? -EFAULT : -EINVAL;
	}
}

int64_t sys_capget(uint64_t header, uint64_t data)
{
	struct __user_cap_data_struct out[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct h;
	const struct credentials *c;
	struct process *p;
	int words = header_words(header, &h);

	if (words == -EINVAL && !data)
		return 0;
	if (words < 0)
		return words;
	if (h.pid < 0)
		return -EINVAL;
	p = process_find(h.pid ? (uint32_t)h.pid : current_process()->pid);
	if (!p)
		return -ESRCH;
	c = &p->credentials;
	for (int i = 0; i < words; i++)
		out[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(c->effective >> 32 * i),
			.permitted = (uint32_t)(c->permitted >> 32 * i),
			.inheritable = (uint32_t)(c->inheritable >> 32 * i),
		};
	process_put(p);
	return user_copy_out(data, out, (size_t)words * sizeof(out[0]));
}

static int sets_change(struct credentials *c, uint64_t effective, uint64_t permitted,
		       uint64_t inheritable)
{
	uint64_t added = inheritable & ~c->inheritable;

	if (added & ~c->bounding || permitted & ~c->permitted || effective & ~permitted)
		return -EPERM;
	if (added & ~c->permitted && !caller_can(CAP_SETPCAP))
		return -EPERM;
	c->effective = effective;
	c->permitted = permitted;
	c->inheritable = inheritable;
	c->ambient &= permitted & inheritable;
	return 0;
}

int64_t sys_capset(uint64_t header, uint64_t data)
{
	struct __user_cap_data_struct in[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint64_t effective = 0, permitted = 0, inheritable = 0;
	struct __user_cap_header_struct h;
	int words = header_words(header, &h);

	if (words < 0)
		return words;
	if (h.pid && (uint32_t)h.pid != current()->tid)
		return -EPERM;
	if (user_copy_in(in, data, (size_t)words * sizeof(in[0])))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		effective |= (uint64_t)in[i].effective << 32 * i;
		permitted |= (uint64_t)in[i].permitted << 32 * i;
		inheritable |= (uint64_t)in[i].inheritable << 32 * i;
	}
	return sets_change(credentials(), effective & CAPABILITIES_ALL,
			   permitted & CAPABILITIES_ALL, inheritable & CAPABILITIES_ALL);
}

static int64_t bounding_read(uint64_t capability)
{
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	return (credentials()->bounding & CAPABILITY(capability)) != 0;
}

static int bounding_drop(uint64_t capability)
{
	if (!caller_can(CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	credentials()->bounding &= ~CAPABILITY(capability);
	return 0;
}

static int keep_set(uint64_t keep)
{
	struct credentials *c = credentials();

	if (keep > 1)
		return -EINVAL;
	if (c->secure_bits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	c->secure_bits &= ~(uint32_t)SECBIT_KEEP_CAPS;
	c->secure_bits |= keep ? SECBIT_KEEP_CAPS : 0;
	return 0;
}

/* A lock stays, and so does the bit before it. */
static int secure_set(uint64_t bits)
{
	struct credentials *c = credentials();
	uint64_t locks = c->secure_bits & SECURE_ALL_LOCKS;

	if (locks >> 1 & (c->secure_bits ^ bits) || locks & ~bits ||
	    bits & ~(uint64_t)(SECURE_ALL_LOCKS | SECURE_ALL_BITS) || !caller_can(CAP_SETPCAP))
		return -EPERM;
	c->secure_bits = (uint32_t)bits;
	return 0;
}

static int64_t ambient(uint64_t what, uint64_t capability, uint64_t rest)
{
	struct credentials *c = credentials();
	uint64_t bit;

	if (rest ||
	    (what == PR_CAP_AMBIENT_CLEAR_ALL ? capability != 0 : capability > CAP_LAST_CAP))
		return -EINVAL;
	bit = CAPABILITY(capability);
	switch (what) {
	case PR_CAP_AMBIENT_CLEAR_ALL:
		c->ambient = 0;
		return 0;
	case PR_CAP_AMBIENT_IS_SET:
		return (c->ambient & bit) != 0;
	case PR_CAP_AMBIENT_LOWER:
		c->ambient &= ~bit;
		return 0;
	case PR_CAP_AMBIENT_RAISE:
		if (!(c->permitted & c->inheritable & bit) ||
		    c->secure_bits & SECBIT_NO_CAP_AMBIENT_RAISE)
			return -EPERM;
		c->ambient |= bit;
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t capability_option(int option, uint64_t arg2, uint64_t arg3, uint64_t rest, bool *known)
{
	*known = true;
	switch (option) {
	case PR_CAPBSET_READ:
		return bounding_read(arg2);
	case PR_CAPBSET_DROP:
		return bounding_drop(arg2);
	case PR_GET_KEEPCAPS:
		return (credentials()->secure_bits & SECBIT_KEEP_CAPS) != 0;
	case PR_SET_KEEPCAPS:
		return keep_set(arg2);
	case PR_GET_SECUREBITS:
		return credentials()->secure_bits;
	case PR_SET_SECUREBITS:
		return secure_set(arg2);
	case PR_CAP_AMBIENT:
		return ambient(arg2, arg3, rest);
	}
	*known = false;
	return -EINVAL;
}
