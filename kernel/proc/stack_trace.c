#include "kernel/proc/stack_trace.h"

#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/timer.h"
#include "kernel/trace/function.h"
#include "kernel/trace/trace.h"

#define KERNEL_FRAMES  64 /* of a stack; more are left out */
#define REGISTERS      STACK_REGISTERS
#define FIXED_WORDS    (1 + sizeof(struct ev_stack) / 8)
#define FIRST_WORDS(k) (TRACE_WORDS_MAX - FIXED_WORDS - REGISTERS - (k))
#define MORE_WORDS     (TRACE_WORDS_MAX - 1 - sizeof(struct ev_stack_more) / 8)
#define STACK_DEFAULT  512 /* words of a program's stack */
#define STACK_MOST     8192
#define HERTZ_MOST     100000

/* entry.S: where trap_main returns to, for ring 3 and for ring 0. */
extern const char trap_called_user[], trap_called_kernel[];

static unsigned stack_words = STACK_DEFAULT; /* [I] */
static uint64_t period;                      /* [I] ns between samples; 0: none are taken */
static struct timer sampler[CPU_MAX];        /* [o] by CPU */

/* --- The kernel's part -------------------------------------------------------- */

static bool on_stack(const struct thread *t, uint64_t fp)
{
	uint64_t low = (uint64_t)t->stack;

	return !(fp & 7) && fp >= low && fp + 16 <= low + KERNEL_STACK_SIZE;
}

/* Return addresses from the frame at fp on, behind the count that are there.  A sample
 * begins at what the timer struck. */
static unsigned frames_find(uint64_t to[KERNEL_FRAMES], unsigned count, uint64_t fp, bool sample)
{
	struct function_walk functions = function_walk_begin();
	uint64_t last = 0;

	while (count < KERNEL_FRAMES && fp > last && on_stack(current(), fp)) {
		const uint64_t *frame = (const uint64_t *)fp;
		uint64_t back = function_walk_address(&functions, frame[1]);

		last = fp;
		if (back == (uint64_t)trap_called_user)
			return sample ? 0 : count;
		if (back == (uint64_t)trap_called_kernel) {
			const struct frame *struck = (const struct frame *)(fp + 16);

			if (sample)
				count = 0;
			sample = false;
			to[count++] = struck->rip;
			fp = struck->rbp;
			continue;
		}
		to[count++] = back;
		fp = frame[0];
	}
	return count;
}

/* --- The program's part ------------------------------------------------------- */

static void registers_put(uint64_t to[REGISTERS], const struct frame *f)
{
	const uint64_t all[REGISTERS] = { f->rip, f->rsp, f->rbp, f->rbx,
					  f->r12, f->r13, f->r14, f->r15 };

	memcpy(to, all, sizeof(all));
}

static void more_put(struct ring *r, uint64_t from, unsigned at, unsigned words)
{
	uint64_t *to;

	if (!trace_attempt(EV_stack_more))
		return;
	to = ring_reserve(r, EV_stack_more, 2 + words);
	if (!to)
		return;
	to[0] = at;
	memset(&to[1], 0, words * 8);
	user_peek(&to[1], from + at * 8, words * 8);
	ring_commit(r, to, 2 + words);
}

/* --- A record -------------------------------------------------------------------- */

static void stack_put(unsigned why, const uint64_t *frames, unsigned count)
{
	struct thread *t = current();
	const struct frame *user = t->kernel_only || !t->frame ? NULL : t->frame;
	struct ring *r = trace_ring();
	unsigned words = user ? user_peek(NULL, user->rsp, stack_words * 8) / 8 : 0;
	unsigned first = MIN(words, FIRST_WORDS(count)), registers = user ? REGISTERS : 0;
	unsigned size = FIXED_WORDS + count + registers + first;
	struct ev_stack fixed = {
		.why = why, .kernel = count, .user = registers + first, .words = words
	};
	uint64_t *to;

	if (!trace_attempt(EV_stack))
		return;
	to = ring_reserve(r, EV_stack, size);
	if (!to)
		return;
	memset(to, 0, (size - 1) * 8);
	memcpy(to, &fixed, sizeof(fixed));
	memcpy(&to[1], frames, count * 8);
	if (user) {
		registers_put(&to[1 + count], user);
		user_peek(&to[1 + count + registers], user->rsp, first * 8);
	}
	ring_commit(r, to, size);
	for (unsigned at = first; at < words; at += MORE_WORDS)
		more_put(r, user->rsp, at, MIN(words - at, MORE_WORDS));
}

/* function: its address, 0 for a sample; back: where it returns to; fp: its caller's frame. */
static void stack_take(unsigned why, uint64_t function, uint64_t back, uint64_t fp)
{
	uint64_t flags = irq_save(), frames[KERNEL_FRAMES];
	struct cpu *c = this_cpu();
	unsigned count = 0;

	if (c->thread && !c->stack_busy && !c->functions_paused) {
		c->stack_busy = true; /* what is called here may be hooked, too */
		if (function) {
			frames[count++] = function;
			frames[count++] = back;
		}
		count = frames_find(frames, count, fp, why == STACK_SAMPLE);
		stack_put(why, frames, count);
		c->stack_busy = false;
	}
	irq_restore(flags);
}

static void function_entered(uint64_t function, uint64_t back, uint64_t fp)
{
	struct function_walk functions = function_walk_begin();

	stack_take(STACK_EVENT, function, function_walk_address(&functions, back), fp);
}

/* --- Samples ----------------------------------------------------------------------- */

/* At the next multiple of the period: who runs briefly is as likely to be met. */
static void sample_next(struct timer *t)
{
	timer_start(t, (clock_now() / period + 1) * period);
}

static void sample(struct timer *t)
{
	if (!current()->tid)
		return; /* the CPU rests: cpu_busy goes on */
	stack_take(STACK_SAMPLE, 0, 0, (uint64_t)__builtin_frame_address(0));
	sample_next(t);
}

/* This CPU rests no longer. */
static void cpu_busy(void)
{
	struct timer *t = &sampler[this_cpu()->id];

	if (!t->armed)
		sample_next(t);
}

static uint64_t number_of(const char *line, const char *key, uint64_t most)
{
	size_t length = strlen(key);

	for (const char *at = line; *at; at++) {
		if ((at == line || at[-1] == ' ') && strncmp(at, key, length) == 0) {
			uint64_t n = string_number(at + length, &at);

			if ((*at && *at != ' ') || !n || n > most)
				panic("%s takes a number from 1 to %lu", key, most);
			return n;
		}
	}
	return 0;
}

void stack_trace_init(const char *command_line)
{
	uint64_t words = number_of(command_line, "stack=", STACK_MOST);
	uint64_t hertz = number_of(command_line, "sample=", HERTZ_MOST);

	if (words)
		stack_words = words;
	function_stack_hook = function_entered;
	if (!hertz || trace_mode == MODE_OFF)
		return;
	period = 1000000000 / hertz;
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
		timer_init(&sampler[cpu], sample);
	sched_busy_hook = cpu_busy;
}
