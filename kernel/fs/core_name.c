#include "kernel/fs/core_name.h"

#include <linux/errno.h>

#include "kernel/fs/system_name.h"
#include "kernel/lib/list.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/sched/wait.h"

static char pattern[CORE_PATTERN_SIZE] = "core"; /* [lock] */
static bool with_pid;                            /* [a] */
static struct mutex lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"), LIST_INIT(lock.waiters.waiters) },
};

void core_pattern_get(char to[CORE_PATTERN_SIZE])
{
	mutex_lock(&lock);
	string_copy(to, CORE_PATTERN_SIZE, pattern);
	mutex_unlock(&lock);
}

int core_pattern_set(const char *text)
{
	if (*text == '|' || strlen(text) >= CORE_PATTERN_SIZE)
		return -EINVAL;
	mutex_lock(&lock);
	string_copy(pattern, CORE_PATTERN_SIZE, text);
	mutex_unlock(&lock);
	return 0;
}

bool core_uses_pid(void)
{
	return __atomic_load_n(&with_pid, __ATOMIC_RELAXED);
}

void core_uses_pid_set(bool on)
{
	__atomic_store_n(&with_pid, on, __ATOMIC_RELAXED);
}

/* What stands for %letter; one that means nothing is nothing, as on Linux. */
static void letter_print(char *to, size_t size, char letter, const struct core_name_facts *f)
{
	struct new_utsname names;

	*to = '\0';
	if (letter == '%') {
		string_copy(to, size, "%");
	} else if (letter == 'p' || letter == 'P' || letter == 'i' || letter == 'I') {
		print_text(to, size, "%u", f->pid);
	} else if (letter == 'u') {
		print_text(to, size, "%u", f->uid);
	} else if (letter == 'g') {
		print_text(to, size, "%u", f->gid);
	} else if (letter == 's') {
		print_text(to, size, "%u", f->sig);
	} else if (letter == 't') {
		print_text(to, size, "%lu", f->seconds);
	} else if (letter == 'h') {
		system_name_get(&names);
		string_copy(to, size, names.nodename);
	} else if (letter == 'e') {
		string_copy(to, size, f->program);
		for (char *at = to; *at; at++)
			*at = *at == '/' ? '!' : *at; /* it is one component */
	}
}

bool core_name_make(char to[CORE_NAME_SIZE], const struct core_name_facts *f)
{
	char text[CORE_PATTERN_SIZE], part[80];
	bool has_pid = false;
	size_t n = 0, length;

	core_pattern_get(text);
	for (const char *at = text; *at; at++) {
		part[0] = *at;
		part[1] = '\0';
		if (*at == '%') {
			if (!*++at)
				break;
			has_pid |= *at == 'p';
			letter_print(part, sizeof(part), *at, f);
		}
		length = strlen(part);
		if (n + length >= CORE_NAME_SIZE)
			return false;
		memcpy(to + n, part, length);
		n += length;
	}
	to[n] = '\0';
	if (n && !has_pid && core_uses_pid())
		print_text(to + n, CORE_NAME_SIZE - n, ".%u", f->pid);
	return n;
}
