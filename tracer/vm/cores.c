#include "tracer/vm/cores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zstd.h>

/* zstd's default costs as much as the copies around it. */
#define LEVEL 3
/* User addresses have 47 bits: no core of ours is larger. */
#define CORE_MAX (1ull << 47)

struct cores {
	int socket;
	core_taker take;
	void *cookie;
	ZSTD_CCtx *zstd;
	bool open;       /* between CORE_BEGIN and CORE_END */
	uint64_t offset; /* in the file */
	uint8_t bytes[CORE_DATA_MAX];
	struct core_item item; /* and behind it what is packed */
	uint8_t packed[ZSTD_COMPRESSBOUND(CORE_DATA_MAX)];
};

/* Count bytes whole; false at the end. */
static bool bytes_read(int socket, void *to, size_t count)
{
	uint8_t *at = to;

	while (count) {
		const ssize_t got = recv(socket, at, count, 0);

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0) {
			at += got;
			count -= (size_t)got;
		}
	}
	return true;
}

static bool message_fits(const struct cores *c, const struct core_message *m)
{
	if (m->magic != CORE_MAGIC || c->open == (m->kind == CORE_BEGIN))
		return false;
	switch (m->kind) {
	case CORE_BEGIN:
	case CORE_END:
		return true;
	case CORE_DATA:
		return m->length && m->length <= CORE_DATA_MAX && c->offset < CORE_MAX;
	case CORE_SKIP:
		return m->length <= CORE_MAX && c->offset < CORE_MAX;
	default:
		return false;
	}
}

static bool item_give(struct cores *c, size_t packed)
{
	_Static_assert(offsetof(struct cores, packed) ==
			       offsetof(struct cores, item) + sizeof(struct core_item),
		       "an item and its bytes are one");
	return c->take(c->cookie, &c->item, (uint32_t)(sizeof(c->item) + packed));
}

static int message_take(struct cores *c, const struct core_message *m, struct error *why)
{
	size_t packed = 0;

	c->item = (struct core_item){
		.kind = m->kind, .pid = m->pid, .sig = m->sig, .offset = c->offset
	};
	if (m->kind == CORE_BEGIN) {
		c->offset = 0;
	} else if (m->kind == CORE_END) {
		c->item.omitted = m->length;
	} else {
		c->offset += m->length;
	}
	c->open = m->kind != CORE_END;
	if (m->kind == CORE_SKIP)
		return 0;
	if (m->kind == CORE_DATA) {
		c->item.bytes = (uint32_t)m->length;
		packed = ZSTD_compressCCtx(c->zstd, c->packed, sizeof(c->packed), c->bytes,
					   m->length, LEVEL);
		if (ZSTD_isError(packed))
			return error_set(why, 125, "cannot pack a core: %s",
					 ZSTD_getErrorName(packed));
	}
	return item_give(c, packed) ? 0 : error_set(why, 125, "cannot keep a core: out of memory");
}

/* The guest must not wait for a reader that gave up. */
static void rest_drop(struct cores *c)
{
	while (recv(c->socket, c->bytes, sizeof(c->bytes), 0) > 0 || errno == EINTR)
		errno = 0;
}

/* The rest of a core that another reader began: up to a message that begins one. */
static bool rest_pass(int socket, struct core_message *m)
{
	while (m->magic != CORE_MAGIC || m->kind != CORE_BEGIN) {
		memmove(m, (uint8_t *)m + 1, sizeof(*m) - 1);
		if (!bytes_read(socket, (uint8_t *)m + sizeof(*m) - 1, 1))
			return false;
	}
	return true;
}

int cores_read(int socket, bool again, core_taker take, void *cookie, struct error *why)
{
	struct cores *c = calloc(1, sizeof(*c));
	struct core_message m;
	int status = 0;

	if (!c || !(c->zstd = ZSTD_createCCtx())) {
		free(c);
		return error_set(why, 125, "cannot take cores: out of memory");
	}
	c->socket = socket;
	c->take = take;
	c->cookie = cookie;
	while (!status && bytes_read(socket, &m, sizeof(m))) {
		if (again && !rest_pass(socket, &m))
			break;
		again = false;
		if (!message_fits(c, &m))
			status = error_set(why, 125, "the stream of core files is broken");
		else if (m.kind == CORE_DATA && !bytes_read(socket, c->bytes, m.length))
			break;
		else
			status = message_take(c, &m, why);
	}
	if (status)
		rest_drop(c);
	ZSTD_freeCCtx(c->zstd);
	free(c);
	return status;
}
