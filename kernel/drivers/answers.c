#include "kernel/drivers/answers.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "schemas/answers.h"

static struct answers_head *head; /* [boot] NULL: answers are neither kept nor given */
static uint64_t room;             /* [boot] bytes behind the head */
static uint64_t next;             /* offset there of the next answer to give */

void answers_init(void *area, uint64_t size)
{
	struct answers_head *h = area;

	if (size <= sizeof(*h) || memcmp(h->magic, ANSWERS_MAGIC, sizeof(h->magic)) != 0)
		panic("answers= and nothing behind the memory to keep them in");
	head = h;
	room = size - sizeof(*h);
}

static uint8_t *part_bytes(const struct vring_desc *part)
{
	return phys_to_virt((phys_t){ part->addr });
}

static uint32_t question_hash(const struct virtio_9p_message *m)
{
	uint32_t h = 0x811c9dc5u; /* FNV-1a */

	for (unsigned i = 0; i < m->count; i++) {
		const uint8_t *bytes = part_bytes(&m->parts[i]);

		if (m->parts[i].flags & VRING_DESC_F_WRITE)
			continue;
		for (uint32_t k = 0; k < m->parts[i].len; k++)
			h = (h ^ bytes[k]) * 0x01000193u;
	}
	return h;
}

bool answers_give(struct virtio_9p_message *m)
{
	const uint8_t *bytes;
	struct answer a;
	uint32_t left;

	if (!head || head->mode != ANSWERS_GIVE)
		return false;
	if (next + sizeof(a) > head->size || head->size > room)
		panic("replay: the host is asked for more than when it was recorded");
	bytes = (const uint8_t *)(head + 1) + next;
	memcpy(&a, bytes, sizeof(a));
	bytes += sizeof(a);
	next += ALIGN_UP(sizeof(a) + a.length, ANSWERS_ALIGN);
	if (next > head->size || a.length > m->written || a.question != question_hash(m))
		panic("replay: the host is asked for something else than when it was recorded");
	left = a.length;
	for (unsigned i = 0; i < m->count; i++) {
		const uint32_t piece = MIN(left, m->parts[i].len);

		if (!(m->parts[i].flags & VRING_DESC_F_WRITE))
			continue;
		memcpy(part_bytes(&m->parts[i]), bytes, piece);
		bytes += piece;
		left -= piece;
	}
	m->written = a.length;
	return true;
}

void answers_keep(const struct virtio_9p_message *m)
{
	const struct answer a = { .question = 0, .length = m->written };
	const uint64_t size = ALIGN_UP(sizeof(a) + a.length, ANSWERS_ALIGN);
	uint32_t left = a.length;
	struct answer *to;
	uint8_t *bytes;

	if (!head || head->full)
		return;
	if (head->size + size > room) {
		head->full = 1;
		return;
	}
	to = (struct answer *)((uint8_t *)(head + 1) + head->size);
	*to = a;
	to->question = question_hash(m);
	bytes = (uint8_t *)(to + 1);
	for (unsigned i = 0; i < m->count; i++) {
		const uint32_t piece = MIN(left, m->parts[i].len);

		if (!(m->parts[i].flags & VRING_DESC_F_WRITE))
			continue;
		memcpy(bytes, part_bytes(&m->parts[i]), piece);
		bytes += piece;
		left -= piece;
	}
	head->size += size;
}
