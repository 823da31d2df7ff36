#include "kernel/fs/setting.h"

#include <linux/errno.h>

#include "kernel/lib/string.h"

#define QUEUE_MESSAGES_MOST 65536
#define QUEUE_LENGTH_MOST   (16u << 20)

struct setting setting_lease_seconds = { 45, 0, INT32_MAX };
struct setting setting_leases = { 1, 0, INT32_MAX };
struct setting setting_directory_notes = { 1, 0, INT32_MAX };
struct setting setting_queues = { 256, 0, INT32_MAX };
struct setting setting_queue_messages = { 10, 1, QUEUE_MESSAGES_MOST };
struct setting setting_queue_messages_usual = { 10, 1, QUEUE_MESSAGES_MOST };
struct setting setting_queue_length = { 8192, 128, QUEUE_LENGTH_MOST };
struct setting setting_queue_length_usual = { 8192, 128, QUEUE_LENGTH_MOST };

int setting_set(struct setting *s, const char *text)
{
	const char *end;
	uint64_t number = string_number(text, &end);

	if (end == text || *end || number < s->least || number > s->most)
		return -EINVAL;
	__atomic_store_n(&s->value, (uint32_t)number, __ATOMIC_RELAXED);
	return 0;
}
