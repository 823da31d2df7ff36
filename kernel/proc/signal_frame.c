#include "kernel/proc/signal_frame.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/trace/trace.h"

#define RED_ZONE        128 /* System V ABI, AMD64, 3.2.2 */
#define LEGACY_SIZE     512 /* FXSAVE area: SDM vol. 1, 10.5.1 */
#define SW_RESERVED     464 /* of it free for software */
#define FEATURES_LEGACY 3   /* x87 and SSE bits of XSTATE_BV */

/* The flags a program may set by a signal frame: Linux's FIX_EFLAGS. */
#define RFLAGS_FRAME 0x50dd5ull

/* sw_reserved with what follows is there: the area is XSAVE's, not only FXSAVE's. */
static bool fpu_extended(void)
{
	return fpu_size() > LEGACY_SIZE;
}

static uint64_t fpu_frame_size(void)
{
	return fpu_size() + (fpu_extended() ? FP_XSTATE_MAGIC2_SIZE : 0);
}

uint64_t signal_frame_size(void)
{
	return ALIGN_UP(sizeof(struct signal_frame) + 16 + fpu_frame_size() + 63, 16);
}

bool signal_on_altstack(const stack_t *s, uint64_t sp)
{
	uint64_t low = (uint64_t)s->ss_sp;

	if (s->ss_flags & (SS_DISABLE | SS_AUTODISARM))
		return false;
	return sp > low && sp - low <= s->ss_size;
}

/* Where the frame goes; 0: it would leave the alternate stack. */
static uint64_t frame_place(const struct frame *f, const struct sigaction *a, const stack_t *alt,
			    uint64_t *fpu)
{
	bool on_alt = signal_on_altstack(alt, f->rsp);
	bool enter_alt = a->sa_flags & SA_ONSTACK && !on_alt && !(alt->ss_flags & SS_DISABLE);
	uint64_t sp = enter_alt ? (uint64_t)alt->ss_sp + alt->ss_size : f->rsp - RED_ZONE;

	*fpu = ALIGN_DOWN(sp - fpu_frame_size(), 64);
	sp = ALIGN_DOWN(*fpu - sizeof(struct signal_frame), 16) - 8;
	if ((on_alt || enter_alt) &&
	    (sp <= (uint64_t)alt->ss_sp || sp - (uint64_t)alt->ss_sp > alt->ss_size))
		return 0;
	return sp;
}

/* The extended state, with the words that tell a program its extent. */
static int fpu_push(uint64_t to)
{
	struct _fpx_sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = fpu_frame_size(),
		.xfeatures = fpu_mask(),
		.xstate_size = fpu_size(),
	};
	uint32_t magic2 = FP_XSTATE_MAGIC2;
	char *area = current()->fpu;
	uint64_t features;

	fpu_save(area);
	if (user_copy_out(to, area, fpu_size()))
		return -EFAULT;
	if (!fpu_extended())
		return 0;
	/* As if all of the legacy part were in use: programs that restore by FXRSTOR
	 * and change nothing else are then right, too. */
	features = *(uint64_t *)(area + LEGACY_SIZE) | FEATURES_LEGACY;
	if (user_copy_out(to + SW_RESERVED, &sw, sizeof(sw)) ||
	    user_copy_out(to + LEGACY_SIZE, &features, sizeof(features)))
		return -EFAULT;
	return user_copy_out(to + fpu_size(), &magic2, sizeof(magic2));
}

static void registers_push(struct sigcontext *c, const struct frame *f)
{
	*c = (struct sigcontext){
		.r8 = f->r8,
		.r9 = f->r9,
		.r10 = f->r10,
		.r11 = f->r11,
		.r12 = f->r12,
		.r13 = f->r13,
		.r14 = f->r14,
		.r15 = f->r15,
		.rdi = f->rdi,
		.rsi = f->rsi,
		.rbp = f->rbp,
		.rbx = f->rbx,
		.rdx = f->rdx,
		.rax = f->rax,
		.rcx = f->rcx,
		.rsp = f->rsp,
		.rip = f->rip,
		.eflags = f->rflags,
		.cs = f->cs,
		.ss = f->ss,
	};
}

bool signal_frame_push(struct frame *f, int sig, const struct sigaction *a, const siginfo_t *info,
		       uint64_t mask)
{
	struct task *k = current_task();
	struct signal_frame s = { .restorer = (uint64_t)a->sa_restorer, .info = *info };
	uint64_t fpu, sp = frame_place(f, a, &k->altstack, &fpu);

	if (!sp || !(a->sa_flags & SA_RESTORER) || (uint64_t)a->sa_handler >= USER_END)
		return false;
	registers_push(&s.context.uc_mcontext, f);
	s.context.uc_mcontext.trapno = k->fault_trap;
	s.context.uc_mcontext.err = k->fault_error;
	s.context.uc_mcontext.cr2 = k->fault_addr;
	s.context.uc_mcontext.oldmask = mask;
	s.context.uc_mcontext.fpstate = (struct _fpstate *)fpu;
	s.context.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (fpu_extended())
		s.context.uc_flags |= UC_FP_XSTATE;
	s.context.uc_stack = k->altstack;
	s.context.uc_sigmask = mask;
	if (fpu_push(fpu) || user_copy_out(sp, &s, sizeof(s)))
		return false;
	if (k->altstack.ss_flags & (int)SS_AUTODISARM)
		k->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	f->rdi = sig;
	f->rsi = sp + offsetof(struct signal_frame, info);
	f->rdx = sp + offsetof(struct signal_frame, context);
	f->rax = 0;
	f->rip = (uint64_t)a->sa_handler;
	f->rsp = sp;
	f->cs = SEL_USER_CODE;
	f->ss = SEL_USER_DATA;
	f->rflags &= ~(uint64_t)(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	f->error = UINT64_MAX;
	return true;
}

/* Copy the state at `from` into area; what the program did not save is initial. */
static bool fpu_fetch(char *area, uint64_t from)
{
	struct _fpx_sw_bytes sw;
	uint32_t magic2 = 0;
	bool whole;

	if (user_copy_in(&sw, from + SW_RESERVED, sizeof(sw)))
		return false;
	whole = fpu_extended() && sw.magic1 == FP_XSTATE_MAGIC1 && sw.xstate_size == fpu_size() &&
		sw.extended_size >= sw.xstate_size &&
		!user_copy_in(&magic2, from + fpu_size(), sizeof(magic2)) &&
		magic2 == FP_XSTATE_MAGIC2;
	if (user_copy_in(area, from, whole ? fpu_size() : LEGACY_SIZE))
		return false;
	if (!whole && fpu_extended())
		*(uint64_t *)(area + LEGACY_SIZE) = FEATURES_LEGACY;
	return fpu_area_check(area);
}

static bool fpu_pop(uint64_t from)
{
	/* Not into the thread's own area: a page of the frame may have to be waited
	 * for, and a switch would save the registers over it. */
	char area[FPU_SIZE_MAX] __attribute__((aligned(64)));

	if (!from)
		fpu_area_init(area);
	else if (!fpu_fetch(area, from))
		return false;
	fpu_restore(area);
	return true;
}

static void registers_pop(struct frame *f, const struct sigcontext *c)
{
	f->r8 = c->r8;
	f->r9 = c->r9;
	f->r10 = c->r10;
	f->r11 = c->r11;
	f->r12 = c->r12;
	f->r13 = c->r13;
	f->r14 = c->r14;
	f->r15 = c->r15;
	f->rdi = c->rdi;
	f->rsi = c->rsi;
	f->rbp = c->rbp;
	f->rbx = c->rbx;
	f->rdx = c->rdx;
	f->rax = c->rax;
	f->rcx = c->rcx;
	f->rsp = c->rsp;
	f->rip = c->rip;
	f->rflags = (f->rflags & ~RFLAGS_FRAME) | (c->eflags & RFLAGS_FRAME);
	f->cs = SEL_USER_CODE;
	f->ss = SEL_USER_DATA;
	f->error = UINT64_MAX;
}

/* Record which signals are blocked from now on. */
static void mask_tell(sigset_t mask)
{
	const struct ev_syscall_data fixed = { .what = DATA_SIGSET,
					       .length = sizeof(mask),
					       .total = sizeof(mask) };

	if (trace_is_watched())
		trace_data(0, DATA_SIGSET, &mask, sizeof(mask));
	else
		trace_data_word(fixed, mask);
}

bool signal_frame_pop(struct frame *f)
{
	struct task *k = current_task();
	struct ucontext u;
	const struct sigcontext *c = &u.uc_mcontext;

	if (user_copy_in(&u, f->rsp - 8 + offsetof(struct signal_frame, context), sizeof(u)))
		return false;
	/* There is only 64-bit code, and IRET to an address that is not canonical
	 * would fault in ring 0. */
	if (c->cs != SEL_USER_CODE || c->rip >= USER_END ||
	    (u.uc_flags & UC_STRICT_RESTORE_SS && c->ss != SEL_USER_DATA))
		return false;
	if (!fpu_pop((uint64_t)c->fpstate))
		return false;
	signal_mask_set(u.uc_sigmask);
	mask_tell(u.uc_sigmask);
	registers_pop(f, c);
	/* As Linux: an alternate stack that makes no sense is not an error here. */
	if (!(u.uc_stack.ss_flags & ~(SS_DISABLE | SS_ONSTACK | (int)SS_AUTODISARM)) &&
	    !signal_on_altstack(&k->altstack, f->rsp)) {
		k->altstack = u.uc_stack;
		k->altstack.ss_flags &= ~SS_ONSTACK;
	}
	return true;
}
