/* prctl(PR_SET_MM) one thing at a time, for which a host's root may have no right. */
#include "tests/abi/case.h"

#include <linux/auxvec.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PAGE = 4096 };

static int set(int what, unsigned long addr)
{
	return prctl(PR_SET_MM, what, addr, 0, 0);
}

CASE(mm_marks_each)
{
	/* An operation, the field of stat that shows it, and a change that keeps the order. */
	static const struct {
		int what, field, step;
	} marks[] = {
		{ PR_SET_MM_START_CODE, 26, -PAGE }, { PR_SET_MM_END_CODE, 27, PAGE },
		{ PR_SET_MM_START_STACK, 28, -8 },   { PR_SET_MM_START_DATA, 45, -PAGE },
		{ PR_SET_MM_END_DATA, 46, PAGE },    { PR_SET_MM_START_BRK, 47, -PAGE },
		{ PR_SET_MM_ARG_START, 48, 1 },      { PR_SET_MM_ARG_END, 49, -1 },
		{ PR_SET_MM_ENV_START, 50, 1 },      { PR_SET_MM_ENV_END, 51, -1 },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		unsigned long wanted = stat_field("/proc/self/stat", marks[i].field) +
				       (unsigned long)marks[i].step;

		CHECK(set(marks[i].what, wanted) == 0);
		CHECK(stat_field("/proc/self/stat", marks[i].field) == wanted);
		FAILS(set(marks[i].what, 8), EINVAL);
		FAILS(set(marks[i].what, 0x7ffffffff000), EINVAL);
		CHECK(stat_field("/proc/self/stat", marks[i].field) == wanted);
	}
}

CASE(mm_marks_errors)
{
	unsigned long above = 0x7fffffffe000;

	FAILS(set(99, 0x100000), EINVAL);
	FAILS(set(PR_SET_MM_END_CODE, stat_field("/proc/self/stat", 26)), EINVAL);
	FAILS(set(PR_SET_MM_BRK, stat_field("/proc/self/stat", 47) - 1), EINVAL);
	FAILS(set(PR_SET_MM_ARG_START, stat_field("/proc/self/stat", 49) + 1), EINVAL);
	CHECK(munmap((void *)above, PAGE) == 0); /* the highest page: nothing is above then */
	FAILS(set(PR_SET_MM_START_STACK, above), EFAULT);
	GIVES(set(PR_SET_MM_END_CODE, above), 0);
	FAILS(set(PR_SET_MM_EXE_FILE, 900), EBADF);
	FAILS(set(PR_SET_MM_EXE_FILE, 0), EACCES);
}

CASE(mm_marks_auxiliary)
{
	static uint64_t words[60] = { AT_PAGESZ, 12345 }, before[64], after[64];
	size_t size = file_get("/proc/self/auxv", (char *)before, sizeof(before));

	FAILS(prctl(PR_SET_MM, PR_SET_MM_AUXV, words, sizeof(words), 0), EINVAL);
	FAILS(prctl(PR_SET_MM, PR_SET_MM_AUXV, 8, 16, 0), EFAULT);
	GIVES(prctl(PR_SET_MM, PR_SET_MM_AUXV, words, 16, 0), 0);
	CHECK(file_get("/proc/self/auxv", (char *)after, sizeof(after)) == size);
	GIVES(memcmp(after, words, 16), 0);
	GIVES(memcmp(after + 2, before + 2, size - 16), 0);
	/* The vector is another than the stack's: where that is changes nothing. */
	GIVES(set(PR_SET_MM_START_STACK, stat_field("/proc/self/stat", 28) - 64), 0);
	CHECK(file_get("/proc/self/auxv", (char *)after, sizeof(after)) == size);
	GIVES(memcmp(after, words, 16), 0);
}
