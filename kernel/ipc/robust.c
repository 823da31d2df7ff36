/* Robust futexes: locks whose owner ends are marked and handed on. */
#include <linux/futex.h>

#include "kernel/ipc/futex.h"
#include "kernel/mm/user.h"

/* The word of one lock.  It is freed only if the ending thread owned it; the
 * pending one is woken also when the owner had just let it go. */
static void lock_release(uint64_t addr, uint32_t tid, bool pending, bool inherits)
{
	uint32_t value, desired, was;

	if (inherits) {
		futex_lock_died(addr);
		return;
	}
	if (addr & 3 || user_read32(addr, &value))
		return;
	if (pending && !value) {
		futex_wake(addr, 1, FUTEX_BITSET_ALL, false);
		return;
	}
	while ((value & FUTEX_TID_MASK) == tid) {
		desired = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (user_swap32(addr, value, desired, &was))
			return;
		if (was == value) {
			if (value & FUTEX_WAITERS)
				futex_wake(addr, 1, FUTEX_BITSET_ALL, false);
			return;
		}
		value = was;
	}
}

void robust_list_exit(uint64_t head, uint32_t tid)
{
	struct robust_list_head list;
	struct robust_list next;
	uint64_t entry, pending;

	if (!head || user_copy_in(&list, head, sizeof(list)))
		return;
	/* Bit 0 of an entry says that it is a lock with priority inheritance. */
	pending = (uint64_t)list.list_op_pending;
	entry = (uint64_t)list.list.next;
	for (unsigned i = 0; (entry & ~1ull) != head && i < ROBUST_LIST_LIMIT; i++) {
		bool readable = !user_copy_in(&next, entry & ~1ull, sizeof(next));

		if ((entry ^ pending) & ~1ull)
			lock_release((entry & ~1ull) + list.futex_offset, tid, false, entry & 1);
		if (!readable)
			return;
		entry = (uint64_t)next.next;
	}
	if (pending & ~1ull)
		lock_release((pending & ~1ull) + list.futex_offset, tid, true, pending & 1);
}
