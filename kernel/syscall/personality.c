/* personality(2): habits of other systems that a program wants.  All values are kept, as on
 * Linux; what acts on them is here, in uname, mmap, mprotect and select. */
#include <linux/mount.h>
#include <linux/personality.h>

#include "kernel/fs/mount.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/syscall/personality.h"
#include "kernel/syscall/table.h"

#define MINOR_OF_26 60 /* 4.0 and later call themselves 2.6.60 and on */

int64_t sys_personality(uint64_t persona)
{
	struct process *p = current_process();
	uint32_t was = p->personality;

	if ((uint32_t)persona != UINT32_MAX)
		p->personality = (uint32_t)persona;
	return was;
}

int personality_protection_more(uint64_t prot, const struct file *f)
{
	if (prot & PROT_READ && !(f && mount_flags(&f->path) & MS_NOEXEC))
		prot |= PROT_EXEC;
	return (int)prot;
}

/* "6.1.0-name" as "2.6.61-name". */
static void release_as_26(char release[__NEW_UTS_LEN + 1])
{
	const char *end, *rest = strchr(release, '-');
	char text[__NEW_UTS_LEN + 1];
	uint64_t minor;

	string_number(release, &end);
	minor = *end == '.' ? string_number(end + 1, &end) : 0;
	print_text(text, sizeof(text), "2.6.%lu%s", minor + MINOR_OF_26, rest ? rest : "");
	string_copy(release, sizeof(text), text);
}

void personality_names(struct new_utsname *names)
{
	uint32_t p = current_process()->personality;

	if ((p & PER_MASK) == PER_LINUX32)
		string_copy(names->machine, sizeof(names->machine), "i686");
	if (p & UNAME26)
		release_as_26(names->release);
}
