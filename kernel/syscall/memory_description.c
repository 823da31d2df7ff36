/* As Linux: it changes what /proc says and where brk(2) goes on, and moves nothing. */
#include "kernel/syscall/memory_description.h"

#include <linux/auxvec.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>

#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/procfs.h"
#include "kernel/syscall/memory.h"
#include "kernel/syscall/user_path.h"

#define AUXILIARY_BYTES (SPACE_AUXILIARY_WORDS * sizeof(uint64_t))

/* Which mark an operation sets, and whether something must be mapped there. */
static const struct {
	uint64_t what;
	size_t mark;
	bool mapped;
} marks[] = {
	{ PR_SET_MM_START_CODE, offsetof(struct space_marks, code_start), false },
	{ PR_SET_MM_END_CODE, offsetof(struct space_marks, code_end), false },
	{ PR_SET_MM_START_DATA, offsetof(struct space_marks, data_start), false },
	{ PR_SET_MM_END_DATA, offsetof(struct space_marks, data_end), false },
	{ PR_SET_MM_START_STACK, offsetof(struct space_marks, stack_start), true },
	{ PR_SET_MM_START_BRK, offsetof(struct space_marks, heap_start), false },
	{ PR_SET_MM_BRK, offsetof(struct space_marks, heap_end), false },
	{ PR_SET_MM_ARG_START, offsetof(struct space_marks, args_start), true },
	{ PR_SET_MM_ARG_END, offsetof(struct space_marks, args_end), true },
	{ PR_SET_MM_ENV_START, offsetof(struct space_marks, env_start), true },
	{ PR_SET_MM_ENV_END, offsetof(struct space_marks, env_end), true },
};

/* The last pair is AT_NULL, whatever the program says. */
static int auxiliary_get(uint64_t words[SPACE_AUXILIARY_WORDS], uint64_t addr, uint64_t size)
{
	if (size > AUXILIARY_BYTES)
		return -EINVAL;
	if (user_copy_in(words, addr, size))
		return -EFAULT;
	words[SPACE_AUXILIARY_WORDS - 2] = words[SPACE_AUXILIARY_WORDS - 1] = AT_NULL;
	return 0;
}

/* What is behind size stays as it was. */
static int64_t auxiliary_set(uint64_t addr, uint64_t size)
{
	uint64_t words[2 * PROC_AUXV_PAIRS] = { 0 };
	int error;

	proc_auxv_read(caller_space(), words);
	error = auxiliary_get(words, addr, size);
	return error ? error : space_auxiliary_set(caller_space(), words);
}

static int64_t executable_set(uint64_t fd)
{
	struct file *f = caller_file(fd);
	int error = f ? process_executable_set(f) : -EBADF;

	if (f)
		file_put(f);
	return error;
}

static bool checkpoint_able(void)
{
	return caller_can(CAP_CHECKPOINT_RESTORE) || caller_can(CAP_SYS_ADMIN);
}

/* All at once: nothing of it is done unless the checks are passed. */
static int64_t map_set(uint64_t addr, uint64_t size)
{
	uint64_t words[SPACE_AUXILIARY_WORDS] = { 0 };
	struct space *s = caller_space();
	struct prctl_mm_map map;
	struct space_marks m;
	int64_t error;

	if (size != sizeof(map))
		return -EINVAL;
	if (user_copy_in(&map, addr, sizeof(map)))
		return -EFAULT;
	m = (struct space_marks){
		.code_start = map.start_code,
		.code_end = map.end_code,
		.data_start = map.start_data,
		.data_end = map.end_data,
		.stack_start = map.start_stack,
		.heap_start = map.start_brk,
		.heap_end = map.brk,
		.args_start = map.arg_start,
		.args_end = map.arg_end,
		.env_start = map.env_start,
		.env_end = map.env_end,
	};
	error = space_marks_check(s, &m);
	if (!error && map.auxv_size)
		error = map.auxv ? auxiliary_get(words, (uint64_t)map.auxv, map.auxv_size)
				 : -EINVAL;
	if (!error && map.exe_fd != UINT32_MAX)
		error = checkpoint_able() ? executable_set(map.exe_fd) : -EPERM;
	if (!error && map.auxv_size)
		error = space_auxiliary_set(s, words);
	return error ? error : space_marks_set(s, &m);
}

static int64_t mark_set(uint64_t what, uint64_t addr)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (marks[i].what == what)
			return space_mark_set(caller_space(), marks[i].mark, addr, marks[i].mapped);
	return -EINVAL;
}

int64_t memory_description_set(uint64_t what, uint64_t value, uint64_t size, uint64_t rest)
{
	const uint32_t map_size = sizeof(struct prctl_mm_map);

	what = (uint32_t)what;
	if (rest ||
	    (size && what != PR_SET_MM_AUXV && what != PR_SET_MM_MAP && what != PR_SET_MM_MAP_SIZE))
		return -EINVAL;
	if (what == PR_SET_MM_MAP_SIZE)
		return user_copy_out(value, &map_size, sizeof(map_size));
	if (what == PR_SET_MM_MAP)
		return map_set(value, size);
	if (!caller_can(CAP_SYS_RESOURCE))
		return -EPERM;
	if (what == PR_SET_MM_EXE_FILE)
		return executable_set(value);
	if (what == PR_SET_MM_AUXV)
		return auxiliary_set(value, size);
	return mark_set(what, value);
}
