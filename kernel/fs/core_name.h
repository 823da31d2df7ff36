/* Names of core files: /proc/sys/kernel/core_pattern and core_uses_pid, as core(5). */
#ifndef KERNEL_FS_CORE_NAME_H
#define KERNEL_FS_CORE_NAME_H

#include "kernel/lib/types.h"

#define CORE_PATTERN_SIZE 128 /* with its NUL, as on Linux */
#define CORE_NAME_SIZE    512

struct core_name_facts {
	uint32_t pid, uid, gid, sig;
	uint64_t seconds;
	const char *program;
};

/* The name into to; false: the pattern is empty, or the name is too long. */
bool core_name_make(char to[CORE_NAME_SIZE], const struct core_name_facts *facts);
void core_pattern_get(char to[CORE_PATTERN_SIZE]);
/* 0; -EINVAL for a program to be given the core ("|..."), which is not done. */
int core_pattern_set(const char *text);
bool core_uses_pid(void);
void core_uses_pid_set(bool on);

#endif
