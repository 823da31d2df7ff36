#include "tracer/support/support.h"

#include <stddef.h>
#include <string.h>

#include "tracer/decode/call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct missing {
	unsigned nr;
	const char *words;
};

static const struct missing partials[] = {
#define PARTIAL(call, words) { NR_##call, words },
#include "schemas/support.def"
};

struct refused {
	unsigned nr;
	const char *name;
};

static const struct refused withouts[] = {
#define WITHOUT(call, name) { NR_##call, #name },
#include "schemas/support.def"
};

struct limit {
	unsigned nr;
	enum call_type type;
	const char *name;
};

static const struct limit limits[] = {
#define ONLY(call, type, name) { NR_##call, TYPE_##type, #name },
#include "schemas/support.def"
};

/* Every name that is a number of the ABI. */
static const char *const known[] = {
#define ALSO(name) #name,
#include "schemas/support.def"
#define NAME(set, name, number) #name,
#include "schemas/flags.def"
#define SIGNAL(number, name, action, text) #name,
#include "schemas/signals.def"
};

static bool type_is_named(enum call_type type)
{
	switch (type) {
	case TYPE_fcntl_cmd:
	case TYPE_prctl_op:
	case TYPE_arch_prctl_op:
	case TYPE_futex_op:
	case TYPE_clone_flags:
	case TYPE_open_flags:
	case TYPE_at_flags:
	case TYPE_access_mode:
	case TYPE_whence:
	case TYPE_prot:
	case TYPE_map_flags:
	case TYPE_remap_flags:
	case TYPE_msync_flags:
	case TYPE_advice:
	case TYPE_fadvice:
	case TYPE_mask_how:
	case TYPE_wait_options:
	case TYPE_id_type:
	case TYPE_timer_flags:
	case TYPE_itimer:
	case TYPE_resource:
	case TYPE_rusage_who:
	case TYPE_priority_which:
	case TYPE_flock_op:
	case TYPE_epoll_op:
	case TYPE_splice_flags:
	case TYPE_random_flags:
	case TYPE_rename_flags:
	case TYPE_mount_flags:
	case TYPE_umount_flags:
	case TYPE_socket_domain:
	case TYPE_socket_type:
	case TYPE_msg_flags:
	case TYPE_shutdown_how:
		return true;
	default:
		return false;
	}
}

const char *support_missing(unsigned nr)
{
	for (size_t i = 0; i < COUNT(partials); i++)
		if (partials[i].nr == nr)
			return partials[i].words;
	return NULL;
}

static bool call_is_named(unsigned nr)
{
	for (size_t i = 0; i < COUNT(withouts); i++)
		if (withouts[i].nr == nr)
			return true;
	for (size_t i = 0; i < COUNT(limits); i++)
		if (limits[i].nr == nr)
			return true;
	return support_missing(nr) != NULL;
}

enum support support_of(const struct handlers *h, unsigned nr)
{
	if (nr >= SYSCALL_LIMIT || !h->has[nr])
		return SUPPORT_ABSENT;
	return call_is_named(nr) ? SUPPORT_PARTIAL : SUPPORT_FULL;
}

static void name_add(struct buffer *b, const char *name, bool *first)
{
	buffer_string(b, *first ? name : ", ");
	if (!*first)
		buffer_string(b, name);
	*first = false;
}

void support_refused_print(struct buffer *b, unsigned nr)
{
	bool first = true;

	for (size_t i = 0; i < COUNT(withouts); i++)
		if (withouts[i].nr == nr)
			name_add(b, withouts[i].name, &first);
}

void support_only_print(struct buffer *b, unsigned nr)
{
	bool first = true;

	for (size_t i = 0; i < COUNT(limits); i++)
		if (limits[i].nr == nr)
			name_add(b, limits[i].name, &first);
}

int support_number(const char *name)
{
	for (unsigned nr = 0; nr < SYSCALL_LIMIT; nr++) {
		const struct call_info *info = call_info(nr);

		if (info && strcmp(info->name, name) == 0)
			return (int)nr;
	}
	return -1;
}

bool support_refuses(unsigned nr, const char *name)
{
	for (size_t i = 0; i < COUNT(withouts); i++)
		if (withouts[i].nr == nr && strcmp(withouts[i].name, name) == 0)
			return true;
	return false;
}

bool support_limits(unsigned nr, unsigned argument, const char *name, bool *accepted)
{
	const struct call_info *info = call_info(nr);
	bool limited = false;

	*accepted = false;
	for (size_t i = 0; info && argument < info->args && i < COUNT(limits); i++) {
		if (limits[i].nr != nr || limits[i].type != info->type[argument])
			continue;
		limited = true;
		*accepted = *accepted || strcmp(limits[i].name, name) == 0;
	}
	return limited;
}

bool support_unknown(unsigned nr, unsigned argument, const char *name)
{
	const struct call_info *info = call_info(nr);

	if (!info || argument >= info->args || !type_is_named(info->type[argument]))
		return false;
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i], name) == 0)
			return false;
	return true;
}

int support_contradiction(const struct handlers *h)
{
	for (unsigned nr = 0; nr < SYSCALL_LIMIT; nr++)
		if (call_is_named(nr) && !h->has[nr])
			return (int)nr;
	return -1;
}
