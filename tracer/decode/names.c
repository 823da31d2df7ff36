#include "tracer/decode/names.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct number_name {
	int number;
	const char *name, *text;
};

static const struct number_name errors[] = {
#define ERROR(number, name, text) { number, #name, text },
#include "schemas/errors.def"
};

static const struct number_name signals[] = {
#define SIGNAL(number, name, action, text) { number, #name, text },
#include "schemas/signals.def"
};

struct set_name {
	enum name_set set;
	uint64_t value;
	const char *name;
};

static const struct set_name names[] = {
#define NAME(set, name, number) { SET_##set, number, #name },
#include "schemas/flags.def"
};

enum set_kind { ONE, BITS };

static const enum set_kind kinds[] = {
#define SET(set, kind) [SET_##set] = kind,
#include "schemas/flags.def"
};

/* Where each set begins in names: sets are declared one after the other. */
static size_t starts[SET_LIMIT + 1];
static pthread_once_t starts_once = PTHREAD_ONCE_INIT;

static void starts_fill(void)
{
	for (size_t i = COUNT(names); i-- > 0;)
		starts[names[i].set] = i;
	starts[SET_LIMIT] = COUNT(names);
}

static const struct number_name *number_find(const struct number_name *list, size_t count,
					     int64_t number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].number == number)
			return &list[i];
	return NULL;
}

const char *error_name(int64_t number)
{
	const struct number_name *e = number_find(errors, COUNT(errors), number);

	return e ? e->name : NULL;
}

const char *error_text(int64_t number)
{
	const struct number_name *e = number_find(errors, COUNT(errors), number);

	return e ? e->text : NULL;
}

void signal_print(struct buffer *b, int64_t number)
{
	const struct number_name *s = number_find(signals, COUNT(signals), number);

	if (s)
		buffer_string(b, s->name);
	else if (number == 32)
		buffer_string(b, "SIGRTMIN");
	else if (number > 32 && number <= 64)
		buffer_printf(b, "SIGRT_%d", (int)number - 32);
	else
		buffer_printf(b, "%lld", (long long)number);
}

void sigset_print(struct buffer *b, uint64_t mask)
{
	const bool most = __builtin_popcountll(mask) > 32;
	bool first = true;

	if (most)
		mask = ~mask;
	buffer_string(b, most ? "~[" : "[");
	for (int signal = 1; signal <= 64; signal++) {
		const struct number_name *s = number_find(signals, COUNT(signals), signal);

		if (!(mask >> (signal - 1) & 1))
			continue;
		if (!first)
			buffer_char(b, ' ');
		first = false;
		if (s)
			buffer_string(b, s->name + strlen("SIG"));
		else if (signal == 32)
			buffer_string(b, "RTMIN");
		else
			buffer_printf(b, "RT_%d", signal - 32);
	}
	buffer_char(b, ']');
}

/* What has no name, and how it would begin, as strace has it. */
static void nameless_print(struct buffer *b, enum name_set set, uint64_t value)
{
	const char *first = names[starts[set]].name;
	size_t common = strlen(first);

	for (size_t i = starts[set]; i < starts[set + 1]; i++)
		while (common && strncmp(first, names[i].name, common) != 0)
			common--;
	while (common && first[common - 1] != '_')
		common--;
	buffer_printf(b, "%#llx", (unsigned long long)value);
	if (common)
		buffer_printf(b, " /* %.*s??? */", (int)common, first);
}

static void one_print(struct buffer *b, enum name_set set, uint64_t value)
{
	for (size_t i = starts[set]; i < starts[set + 1]; i++)
		if (names[i].value == value) {
			buffer_string(b, names[i].name);
			return;
		}
	nameless_print(b, set, value);
}

void set_print(struct buffer *b, enum name_set set, uint64_t value)
{
	bool first = true;

	pthread_once(&starts_once, starts_fill);
	if (kinds[set] == ONE) {
		one_print(b, set, value);
		return;
	}
	for (size_t i = starts[set]; i < starts[set + 1] && value; i++) {
		if ((value & names[i].value) != names[i].value)
			continue;
		if (!first)
			buffer_char(b, '|');
		first = false;
		buffer_string(b, names[i].name);
		value &= ~names[i].value;
	}
	if (first && value)
		nameless_print(b, set, value);
	else if (value)
		buffer_printf(b, "|%#llx", (unsigned long long)value);
	else if (first)
		buffer_char(b, '0');
}

void file_mode_print(struct buffer *b, uint32_t mode)
{
	if (mode & 0170000) {
		set_print(b, SET_file_kind, mode & 0170000);
		buffer_char(b, '|');
	}
	if (mode & 07000) {
		set_print(b, SET_mode_bits, mode & 07000);
		buffer_char(b, '|');
	}
	buffer_printf(b, "%#03o", mode & 0777);
}

void io_priority_print(struct buffer *b, uint32_t value)
{
	buffer_string(b, "IOPRIO_PRIO_VALUE(");
	set_print(b, SET_ioprio_class, value >> 13);
	buffer_printf(b, ", %u)", value & 0x1fff);
}
