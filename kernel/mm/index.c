#include "kernel/mm/index.h"

#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"

#define NODE_BITS  6
#define NODE_SLOTS (1u << NODE_BITS)
_Static_assert(NODE_SLOTS == INDEX_RUN, "a run is in one node");
#define HEIGHT_MAX 11 /* 11 * 6 bits reach every 64-bit number */

struct index_node {
	uint32_t used; /* slots that are not NULL */
	void *slots[NODE_SLOTS];
};

static struct object_cache *nodes;

void index_init(void)
{
	nodes = object_cache_create("index_node", sizeof(struct index_node), 8);
}

/* True if a tree of this height has a place for i. */
static bool height_covers(unsigned height, uint64_t i)
{
	return height >= HEIGHT_MAX || i >> (NODE_BITS * height) == 0;
}

static unsigned slot_of(uint64_t i, unsigned level)
{
	return i >> (NODE_BITS * level) & (NODE_SLOTS - 1);
}

void *const *index_run(const struct index *x, uint64_t i)
{
	const struct index_node *n = x->root;

	if (!height_covers(x->height, i))
		return NULL;
	for (unsigned level = x->height; n && --level > 0;)
		n = n->slots[slot_of(i, level)];
	return n ? &n->slots[slot_of(i, 0)] : NULL;
}

void *index_find(const struct index *x, uint64_t i)
{
	void *const *run = index_run(x, i);

	return run ? *run : NULL;
}

/* Free the nodes on the way to i that are empty, from level up to the root. */
static void way_trim(struct index *x, struct index_node **way, unsigned level, uint64_t i)
{
	for (; level < x->height; level++) {
		if (way[level]->used)
			return;
		object_free(nodes, way[level]);
		if (level + 1 < x->height) {
			way[level + 1]->slots[slot_of(i, level + 1)] = NULL;
			way[level + 1]->used--;
		}
	}
	*x = (struct index){ 0 };
}

/* Add levels on top until i has a place. */
static bool index_grow(struct index *x, uint64_t i)
{
	while (!x->root || !height_covers(x->height, i)) {
		struct index_node *n = object_alloc(nodes);

		if (!n)
			return false;
		if (x->root) {
			n->slots[0] = x->root;
			n->used = 1;
			x->height++;
		} else {
			for (x->height = 1; !height_covers(x->height, i);)
				x->height++;
		}
		x->root = n;
	}
	return true;
}

bool index_insert(struct index *x, uint64_t i, void *value)
{
	struct index_node *way[HEIGHT_MAX];
	unsigned level;

	KASSERT(value);
	if (!index_grow(x, i))
		return false;
	level = x->height - 1;
	way[level] = x->root;
	for (; level > 0; level--) {
		void **slot = &way[level]->slots[slot_of(i, level)];

		if (!*slot) {
			*slot = object_alloc(nodes);
			if (!*slot) {
				way_trim(x, way, level, i);
				return false;
			}
			way[level]->used++;
		}
		way[level - 1] = *slot;
	}
	KASSERT(!way[0]->slots[slot_of(i, 0)]);
	way[0]->slots[slot_of(i, 0)] = value;
	way[0]->used++;
	return true;
}

void *index_remove(struct index *x, uint64_t i)
{
	struct index_node *way[HEIGHT_MAX];
	void *n = x->root;

	if (!height_covers(x->height, i))
		return NULL;
	for (unsigned level = x->height; n && level-- > 0;) {
		way[level] = n;
		n = way[level]->slots[slot_of(i, level)];
	}
	if (!n)
		return NULL;
	way[0]->slots[slot_of(i, 0)] = NULL;
	way[0]->used--;
	way_trim(x, way, 0, i);
	return n;
}

/* The first value in n, which is at this level and starts at number base, at *i or
 * behind. */
static void *node_next(const struct index_node *n, unsigned level, uint64_t base, uint64_t *i)
{
	for (unsigned s = *i > base ? slot_of(*i, level) : 0; s < NODE_SLOTS; s++) {
		uint64_t start = base | (uint64_t)s << (NODE_BITS * level);
		void *found = n->slots[s];

		if (found && level)
			found = node_next(found, level - 1, start, i);
		if (!found)
			continue;
		if (!level)
			*i = start;
		return found;
	}
	return NULL;
}

void *index_next(const struct index *x, uint64_t *i)
{
	if (!x->root || !height_covers(x->height, *i))
		return NULL;
	return node_next(x->root, x->height - 1, 0, i);
}
