#include "kernel/trace/function.h"

#include "kernel/arch/x86_64/paging.h"
#include "kernel/lib/assert.h"
#include "kernel/trace/function_layout.h"
#include "kernel/trace/trace.h"

#define RECORD_WORDS (FUNCTION_RECORD_BYTES / 8)
#define WALK_MAX     64

/* function_hooks.S */
extern const char function_enter[], function_return[];
extern const char function_enter_root[], function_return_root[];
extern const char function_enter_plain[], function_enter_root_plain[], function_return_plain[];
extern const char function_switch[], function_stack[];
extern const char function_stack_enter[], function_stack_enter_plain[];
extern const char function_stack_root[], function_stack_root_plain[];

/* kernel.ld */
extern const uint64_t function_switch_start[], function_switch_end[];

#define PINNED(type, member, offset)                                                               \
	_Static_assert(offsetof(type, member) == (offset), "function_layout.h has it there")
PINNED(struct cpu, functions, CPU_FUNCTIONS);
PINNED(struct cpu, function_owner, CPU_FUNCTION_OWNER);
PINNED(struct cpu, trace_thread, CPU_TRACE_THREAD);
PINNED(struct cpu, enter_word, CPU_ENTER_WORD);
PINNED(struct cpu, exit_word, CPU_EXIT_WORD);
PINNED(struct cpu, trace_attempts[EV_function_enter], CPU_ENTER_ATTEMPTS);
PINNED(struct cpu, trace_attempts[EV_function_exit], CPU_EXIT_ATTEMPTS);
PINNED(struct cpu, trace_ring, CPU_RING);
PINNED(struct cpu, functions_paused, CPU_FUNCTIONS_PAUSED);
PINNED(struct ring, head, CPU_RING_HEAD - CPU_RING);
PINNED(struct ring, ring_mask, CPU_RING_MASK - CPU_RING);
PINNED(struct ring, memory, CPU_RING_MEMORY - CPU_RING);
PINNED(struct trace_thread, functions_top, THREAD_FUNCTIONS_TOP);
PINNED(struct trace_thread, functions, THREAD_FUNCTIONS);
PINNED(struct trace_block, bytes, BLOCK_BYTES);
PINNED(struct trace_block, records, BLOCK_RECORDS);
PINNED(struct function_frame, function, 8);
_Static_assert(sizeof(struct ring) <= sizeof(((struct cpu *)0)->trace_ring), "room for the ring");
_Static_assert(sizeof(struct ev_function_enter) + 8 == FUNCTION_RECORD_BYTES &&
		       sizeof(struct ev_function_exit) + 8 == FUNCTION_RECORD_BYTES,
	       "function_hooks.S writes a header and an address");

bool function_wanted;

void (*function_stack_hook)(uint64_t function, uint64_t back, uint64_t fp);

/* What functions call, by enum function_want, in the short way and for any ring. */
static const char *const hooks[2][8] = {
	{
		[FUNCTION_RECORD] = function_enter_plain,
		[FUNCTION_ROOT] = function_enter_root_plain,
		[FUNCTION_ROOT | FUNCTION_RECORD] = function_enter_root_plain,
		[FUNCTION_STACK] = function_stack,
		[FUNCTION_STACK | FUNCTION_RECORD] = function_stack_enter_plain,
		[FUNCTION_STACK | FUNCTION_ROOT] = function_stack_root_plain,
		[FUNCTION_STACK | FUNCTION_ROOT | FUNCTION_RECORD] = function_stack_root_plain,
	},
	{
		[FUNCTION_RECORD] = function_enter,
		[FUNCTION_ROOT] = function_enter_root,
		[FUNCTION_ROOT | FUNCTION_RECORD] = function_enter_root,
		[FUNCTION_STACK] = function_stack,
		[FUNCTION_STACK | FUNCTION_RECORD] = function_stack_enter,
		[FUNCTION_STACK | FUNCTION_ROOT] = function_stack_root,
		[FUNCTION_STACK | FUNCTION_ROOT | FUNCTION_RECORD] = function_stack_root,
	},
};

/* Where functions that are no roots return to.  [I] */
static const char *return_hook = function_return_plain;

static void record(unsigned id, uint64_t function)
{
	struct ring *r = this_cpu()->ring;
	uint64_t *to = ring_reserve(r, id, RECORD_WORDS);

	if (!to)
		return;
	to[0] = function;
	ring_commit(r, to, RECORD_WORDS);
}

/* --- Called by function_hooks.S ------------------------------------------------ */

void function_enter_slow(uint64_t slot[2]);
void function_root_slow(uint64_t slot[2]);
void function_root_plain_slow(uint64_t slot[2]);
uint64_t function_exit_slow(void);
void function_stack_slow(const uint64_t slot[2], uint64_t fp);

void function_stack_slow(const uint64_t slot[2], uint64_t fp)
{
	if (function_stack_hook)
		function_stack_hook(slot[0], slot[1], fp);
}

/* slot: the return address into the function, and the one into its caller. */
static void enter(uint64_t slot[2], const char *back)
{
	struct function_frame *frame = (struct function_frame *)this_cpu()->functions;

	record(EV_function_enter, slot[0]);
	this_cpu()->functions = (uint64_t)(frame + 1);
	*frame = (struct function_frame){ .back = slot[1], .function = slot[0] };
	slot[1] = (uint64_t)back;
}

void function_enter_slow(uint64_t slot[2])
{
	enter(slot, return_hook);
}

/* The first root of a thread: recording is on. */
void function_root_slow(uint64_t slot[2])
{
	enter(slot, function_return_root);
}

/* Any root: turns recording on, if it is the first one. */
void function_root_plain_slow(uint64_t slot[2])
{
	struct cpu *c = this_cpu();

	if (c->functions_paused || !c->trace_thread || !c->trace_thread->functions)
		return;
	if (!c->functions)
		c->functions = (uint64_t)c->trace_thread->functions;
	local_add(&c->trace_attempts[EV_function_enter], 1);
	enter(slot, function_return_plain);
}

/* Where to return to.  The frame of a first root is the lowest. */
uint64_t function_exit_slow(void)
{
	struct cpu *c = this_cpu();
	struct function_frame *frame = (struct function_frame *)c->functions - 1;
	uint64_t back = frame->back;

	record(EV_function_exit, frame->function);
	c->functions = frame == c->trace_thread->functions ? 0 : (uint64_t)frame;
	return back;
}

/* --- Start and end ------------------------------------------------------------- */

void function_cpu_init(struct cpu *c)
{
	c->enter_word = trace_word(EV_function_enter, RECORD_WORDS, 0);
	c->exit_word = trace_word(EV_function_exit, RECORD_WORDS, 0);
}

/* Patch one function.  What is wanted of it. */
static unsigned site_patch(uint32_t code, bool in_short)
{
	uint64_t site = (uint64_t)text_start + code / 8;
	const char *hook = hooks[in_short][code % 8];

	if (!hook || !patch_is_site(site))
		panic("the list of functions is not for this kernel");
	patch_call(site, hook);
	return code % 8;
}

void function_init(const void *list, size_t bytes)
{
	bool in_short = this_cpu()->ring->block_shift == FUNCTION_BLOCK_SHIFT;
	unsigned wanted = 0;

	if (trace_mode == MODE_OFF)
		return;
	for (size_t at = 0; at + 4 <= bytes; at += 4) {
		uint32_t code;

		memcpy(&code, (const uint8_t *)list + at, sizeof(code));
		wanted |= site_patch(code, in_short);
	}
	if (!(wanted & (FUNCTION_RECORD | FUNCTION_ROOT)))
		return;
	for (const uint64_t *site = function_switch_start; site < function_switch_end; site++)
		patch_call(*site, function_switch);
	function_wanted = true;
	if (!in_short)
		return;
	return_hook = function_return;
	TRACE(function_cost, .inside = FUNCTION_COST_INSIDE, .outside = FUNCTION_COST_OUTSIDE,
	      .root = FUNCTION_COST_ROOT);
}

void function_stop(void)
{
	this_cpu()->functions_paused = true;
	this_cpu()->functions = 0;
}

/* --- Walking a stack ------------------------------------------------------------ */

const char *const function_return_hooks[FUNCTION_HOOKS] = {
	function_return,
	function_return_root,
	function_return_plain,
};

struct function_walk function_walk_begin(void)
{
	const struct cpu *c = this_cpu();

	return (struct function_walk){
		.next = (const struct function_frame *)c->functions,
		.base = c->functions ? c->trace_thread->functions : NULL,
	};
}

static bool is_hook(uint64_t address)
{
	for (unsigned i = 0; i < FUNCTION_HOOKS; i++)
		if (address == (uint64_t)function_return_hooks[i])
			return true;
	return false;
}

/* A function that ended in a jump to another one shares its place on the stack. */
uint64_t function_walk_address(struct function_walk *w, uint64_t address)
{
	while (is_hook(address) && w->next > w->base)
		address = (--w->next)->back;
	return address;
}

struct function_walk function_walk_from(uint64_t fp)
{
	const struct function_walk all = function_walk_begin();
	struct function_walk w = all;
	uint64_t at = (uint64_t)__builtin_frame_address(0);

	for (unsigned i = 0; i < WALK_MAX && at != fp; i++) {
		const uint64_t *frame = (const uint64_t *)at;

		if (at & 7 || !paging_readable(at, 16))
			return all;
		function_walk_address(&w, frame[1]);
		at = frame[0];
	}
	return at == fp ? w : all;
}
