#include "kernel/proc/arguments.h"

#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/trace/trace.h"

static int arguments_init(struct arguments *a, uint64_t limit)
{
	*a = (struct arguments){ .limit = limit };
	a->pages = kmalloc(ARGUMENT_PAGES * sizeof(*a->pages));
	return a->pages ? 0 : -ENOMEM;
}

void arguments_free(struct arguments *a)
{
	for (uint64_t i = 0; a->pages && i <= a->length >> PAGE_SHIFT && i < ARGUMENT_PAGES; i++)
		kfree(a->pages[i]);
	kfree(a->pages);
	kfree(a->prefix);
	*a = (struct arguments){ 0 };
}

/* Room at the end: at most to the end of a page.  NULL with *error. */
static char *room_at_end(struct arguments *a, size_t *room, int *error)
{
	uint64_t page = a->length >> PAGE_SHIFT;
	uint64_t pointers = 8ull * (a->argument_count + a->environment_count + 3);

	*error = -E2BIG;
	if (page >= ARGUMENT_PAGES || a->length + pointers >= a->limit)
		return NULL;
	*error = -ENOMEM;
	if (!a->pages[page])
		a->pages[page] = kmalloc(PAGE_SIZE);
	if (!a->pages[page])
		return NULL;
	*room = PAGE_SIZE - (a->length & PAGE_MASK);
	return (char *)a->pages[page] + (a->length & PAGE_MASK);
}

/* Append the string at addr.  Chunks end at page ends on both sides, so that only
 * what is part of the string is touched. */
static int string_append(struct arguments *a, uint64_t addr, bool user)
{
	uint64_t start = a->length;
	int error = 0;

	for (;;) {
		size_t room;
		char *to = room_at_end(a, &room, &error), *end;

		if (!to)
			return error;
		room = MIN(room, PAGE_SIZE - (addr & PAGE_MASK));
		if (user && user_copy_in(to, addr, room))
			return -EFAULT;
		if (!user) {
			room = MIN(room, strlen((const char *)addr) + 1);
			memcpy(to, (const char *)addr, room);
		}
		end = memchr(to, 0, room);
		a->length += end ? (size_t)(end - to) + 1 : room;
		if (a->length - start > ARGUMENT_LENGTH_MAX)
			return -E2BIG;
		if (end)
			return 0;
		addr += room;
	}
}

/* All strings of a user vector; NULL is an empty one. */
static int vector_append(struct arguments *a, uint64_t vector, uint32_t *count)
{
	uint64_t addr;
	int error = 0;

	for (; vector && !error; vector += sizeof(addr)) {
		if (user_copy_in(&addr, vector, sizeof(addr)))
			return -EFAULT;
		if (!addr)
			break;
		error = string_append(a, addr, true);
		if (!error && !(*count)++ && count == &a->argument_count)
			a->first = a->length;
	}
	return error;
}

int arguments_from_user(struct arguments *a, uint64_t argv, uint64_t envp, unsigned arg,
			uint64_t stack_limit)
{
	uint64_t limit = MIN(MAX(stack_limit / 4, 128 * 1024), ARGUMENT_PAGES * PAGE_SIZE);
	int error = arguments_init(a, limit);

	if (error)
		return error;
	error = vector_append(a, argv, &a->argument_count);
	if (!error && !a->argument_count) { /* as Linux: argv[0] is always there */
		error = string_append(a, (uint64_t) "", false);
		a->argument_count = 1;
		a->first = a->length;
	}
	a->environment = a->length;
	if (!error && a->pages[0])
		trace_data(arg, DATA_STRINGS, a->pages[0],
			   a->length); /* what it keeps is in one page */
	if (!error)
		error = vector_append(a, envp, &a->environment_count);
	if (!error)
		trace_data(arg + 1, DATA_COUNT, &a->environment_count,
			   sizeof(a->environment_count));
	else
		arguments_free(a);
	return error;
}

void arguments_tell(uint64_t argv, uint64_t envp, unsigned arg)
{
	struct arguments a;

	if ((trace_is_wanted(EV_syscall_data) || trace_is_watched()) &&
	    !arguments_from_user(&a, argv, envp, arg, UINT64_MAX))
		arguments_free(&a);
}

int arguments_from_kernel(struct arguments *a, const char *const *argv, const char *const *envp)
{
	int error = arguments_init(a, ARGUMENT_PAGES * PAGE_SIZE);

	for (; !error && *argv; argv++) {
		error = string_append(a, (uint64_t)*argv, false);
		if (!a->argument_count++)
			a->first = a->length;
	}
	a->environment = a->length;
	for (; !error && *envp; envp++, a->environment_count++)
		error = string_append(a, (uint64_t)*envp, false);
	if (error)
		arguments_free(a);
	return error;
}

/* Put s in front of the prefix. */
static int prefix_add(struct arguments *a, const char *s)
{
	size_t n = strlen(s) + 1;

	if (!a->prefix)
		a->prefix = kmalloc(ARGUMENT_PREFIX);
	if (!a->prefix)
		return -ENOMEM;
	if (n > ARGUMENT_PREFIX - a->prefix_length)
		return -E2BIG;
	a->prefix_length += n;
	a->prefix_count++;
	memcpy(a->prefix + ARGUMENT_PREFIX - a->prefix_length, s, n);
	return 0;
}

int arguments_interpret(struct arguments *a, const char *interpreter, const char *option,
			const char *script)
{
	int error;

	/* argv[0] goes: the program's own, or the first of an earlier #! line. */
	if (a->prefix_count) {
		const char *old = a->prefix + ARGUMENT_PREFIX - a->prefix_length;

		a->prefix_length -= strlen(old) + 1;
		a->prefix_count--;
	}
	error = prefix_add(a, script);
	if (!error && option)
		error = prefix_add(a, option);
	if (!error)
		error = prefix_add(a, interpreter);
	return error;
}

/* Bytes of the copied strings that a prefix replaces. */
static uint64_t skipped(const struct arguments *a)
{
	return a->prefix_count ? a->first : 0;
}

uint32_t arguments_count(const struct arguments *a)
{
	return a->prefix_count ? a->prefix_count + a->argument_count - 1 : a->argument_count;
}

uint64_t arguments_size(const struct arguments *a)
{
	return a->prefix_length + a->length - skipped(a);
}

void arguments_read(const struct arguments *a, uint64_t at, void *to, size_t n)
{
	uint8_t *out = to;

	while (n) {
		const uint8_t *from;
		size_t chunk;

		if (at < a->prefix_length) {
			from = (const uint8_t *)a->prefix + ARGUMENT_PREFIX - a->prefix_length + at;
			chunk = a->prefix_length - at;
		} else {
			uint64_t place = at - a->prefix_length + skipped(a);

			from = a->pages[place >> PAGE_SHIFT] + (place & PAGE_MASK);
			chunk = PAGE_SIZE - (place & PAGE_MASK);
		}
		chunk = MIN(chunk, n);
		memcpy(out, from, chunk);
		out += chunk;
		at += chunk;
		n -= chunk;
	}
}
