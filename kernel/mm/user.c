/* Every instruction below that touches user memory has a pair in the section
 * .fixups: its address, and where to go on when it faults for good.  Copies move
 * 64, then 8 bytes a turn; where such a move faults, the next smaller loop takes
 * over from the same place, and the byte loop stops at the exact byte. */
#include "kernel/mm/user.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/mm/kasan.h"
#include "kernel/trace/trace.h"

struct fixup {
	uint64_t at, go_on;
};

/* The linker script's: the section .fixups. */
extern const struct fixup fixups_start[], fixups_end[];

#define FIXUP(at, go_on)                                                                           \
	".pushsection .fixups, \"a\"\n"                                                            \
	"	.quad " at ", " go_on "\n"                                                         \
	".popsection\n"

uint64_t user_fixup(uint64_t rip)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++)
		if (f->at == rip)
			return f->go_on;
	return 0;
}

bool user_range(uint64_t addr, size_t n)
{
	return addr <= USER_END && n <= USER_END - addr;
}

/* Copy n bytes, one side of which is the program's; the number left undone.  In
 * each loop n is less by what one turn moves. */
static __attribute__((noinline)) size_t copy(void *to, const void *from, size_t n)
{
	uint64_t word;

	kasan_check(from, n, false);
	kasan_check(to, n, true);
	user_access_begin();
	asm volatile("	sub $64, %[n]\n"
		     "	jb 2f\n"
		     "1:\n"
		     "	.irp at, 0, 8, 16, 24, 32, 40, 48, 56\n"
		     "7:	mov \\at(%[from]), %[word]\n"
		     "8:	mov %[word], \\at(%[to])\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.quad 7b, 2f, 8b, 2f\n"
		     "	.popsection\n"
		     "	.endr\n"
		     "	add $64, %[from]\n"
		     "	add $64, %[to]\n"
		     "	sub $64, %[n]\n"
		     "	jae 1b\n"
		     "2:	add $64, %[n]\n"
		     "	sub $8, %[n]\n"
		     "	jb 4f\n"
		     "3:	mov (%[from]), %[word]\n"
		     "31:	mov %[word], (%[to])\n"
		     "	add $8, %[from]\n"
		     "	add $8, %[to]\n"
		     "	sub $8, %[n]\n"
		     "	jae 3b\n"
		     "4:	add $8, %[n]\n"
		     "	jz 6f\n"
		     "5:	movb (%[from]), %b[word]\n"
		     "51:	movb %b[word], (%[to])\n"
		     "	inc %[from]\n"
		     "	inc %[to]\n"
		     "	dec %[n]\n"
		     "	jnz 5b\n"
		     "6:\n" FIXUP("3b", "4b") FIXUP("31b", "4b") FIXUP("5b", "6b")
			     FIXUP("51b", "6b")
		     : [to] "+r"(to), [from] "+r"(from), [n] "+r"(n), [word] "=&r"(word)
		     :
		     : "memory", "cc");
	user_access_end();
	return n;
}

/* Zero n bytes of the program's; the number left undone. */
static size_t clear(uint64_t to, size_t n)
{
	user_access_begin();
	asm volatile("	sub $32, %[n]\n"
		     "	jb 2f\n"
		     "1:	movq $0, (%[to])\n"
		     "11:	movq $0, 8(%[to])\n"
		     "12:	movq $0, 16(%[to])\n"
		     "13:	movq $0, 24(%[to])\n"
		     "	add $32, %[to]\n"
		     "	sub $32, %[n]\n"
		     "	jae 1b\n"
		     "2:	add $32, %[n]\n"
		     "	jz 4f\n"
		     "3:	movb $0, (%[to])\n"
		     "	inc %[to]\n"
		     "	dec %[n]\n"
		     "	jnz 3b\n"
		     "4:\n" FIXUP("1b", "2b") FIXUP("11b", "2b") FIXUP("12b", "2b")
			     FIXUP("13b", "2b") FIXUP("3b", "4b")
		     : [to] "+r"(to), [n] "+r"(n)
		     :
		     : "memory", "cc");
	user_access_end();
	return n;
}

size_t user_copy_in_some(void *to, uint64_t from, size_t n)
{
	return user_range(from, n) ? n - copy(to, (const void *)from, n) : 0;
}

size_t user_copy_out_some(uint64_t to, const void *from, size_t n)
{
	return user_range(to, n) ? n - copy((void *)to, from, n) : 0;
}

int user_copy_in(void *to, uint64_t from, size_t n)
{
	if (!user_range(from, n) || copy(to, (const void *)from, n))
		return -EFAULT;
	trace_copied(from, to, n, TRACE_POINTED_IN);
	return 0;
}

int user_copy_out(uint64_t to, const void *from, size_t n)
{
	if (!user_range(to, n) || copy((void *)to, from, n))
		return -EFAULT;
	trace_copied(to, from, n, TRACE_POINTED_OUT);
	return 0;
}

int user_zero(uint64_t to, size_t n)
{
	return user_range(to, n) && !clear(to, n) ? 0 : -EFAULT;
}

/* Between user_access_begin and _end: false on a fault. */
static inline bool load8(uint64_t from, uint64_t *word)
{
	bool good = false;

	asm volatile("1:	mov (%[from]), %[word]\n"
		     "	mov $1, %[good]\n"
		     "2:\n" FIXUP("1b", "2b")
		     : [word] "=&r"(*word), [good] "+q"(good)
		     : [from] "r"(from)
		     : "memory");
	return good;
}

static inline bool load1(uint64_t from, char *byte)
{
	bool good = false;

	asm volatile("1:	movb (%[from]), %[byte]\n"
		     "	mov $1, %[good]\n"
		     "2:\n" FIXUP("1b", "2b")
		     : [byte] "=&q"(*byte), [good] "+q"(good)
		     : [from] "r"(from)
		     : "memory");
	return good;
}

/* True if a byte of the word is 0. */
static bool has_zero(uint64_t word)
{
	return (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;
}

/* Whole words at aligned addresses cannot fault behind the string's end. */
static int64_t string_copy_in(char *to, uint64_t from, size_t size)
{
	size_t done = 0;
	uint64_t word;

	while (done < size) {
		if (!((from + done) & 7) && size - done >= 8) {
			if (!load8(from + done, &word))
				return -EFAULT;
			if (!has_zero(word)) {
				__builtin_memcpy(to + done, &word, sizeof(word));
				done += 8;
				continue;
			}
		}
		if (!load1(from + done, &to[done]))
			return -EFAULT;
		if (!to[done])
			return (int64_t)done;
		done++;
	}
	return -ENAMETOOLONG;
}

int64_t user_string(char *to, uint64_t from, size_t size)
{
	int64_t length;
	size_t room;

	if (!user_range(from, 1))
		return -EFAULT;
	room = MIN(size, USER_END - from);
	user_access_begin();
	length = string_copy_in(to, from, room);
	user_access_end();
	return length == -ENAMETOOLONG && room < size ? -EFAULT : length;
}

bool user_words(uint64_t from, size_t n, uint64_t *words)
{
	const uint64_t end = from + n;
	bool good;

	if ((from & PAGE_MASK) + ALIGN_UP(n, 8) > PAGE_SIZE || from >= USER_END)
		return false; /* the last word may reach into what is not there */
	user_access_begin();
	do {
		good = load8(from, words++);
		from += 8;
	} while (good && from < end);
	user_access_end();
	words[-1] &= UINT64_MAX >> (-8 * n % 64);
	return good;
}

bool user_trace_word(uint64_t from, struct ev_syscall_data fixed)
{
	static const uint64_t masks[] = {
		0,
		UINT64_MAX >> 56,
		UINT64_MAX >> 48,
		UINT64_MAX >> 40,
		UINT64_MAX >> 32,
		UINT64_MAX >> 24,
		UINT64_MAX >> 16,
		UINT64_MAX >> 8,
		UINT64_MAX,
	};
	uint64_t word;
	bool good;

	if ((from & PAGE_MASK) > PAGE_SIZE - 8 || from >= USER_END)
		return false;
	user_access_begin();
	good = load8(from, &word);
	user_access_end();
	if (likely(good))
		trace_data_word(fixed, word & masks[fixed.length]);
	return good;
}

int user_read32(uint64_t addr, uint32_t *value)
{
	return user_copy_in(value, addr, sizeof(*value));
}

int user_swap32(uint64_t addr, uint32_t expect, uint32_t desired, uint32_t *was)
{
	bool good = false;

	if (!user_range(addr, sizeof(uint32_t)))
		return -EFAULT;
	user_access_begin();
	asm volatile("1:	lock cmpxchgl %[desired], (%[addr])\n"
		     "	mov $1, %[good]\n"
		     "2:\n" FIXUP("1b", "2b")
		     : "+a"(expect), [good] "+q"(good)
		     : [addr] "r"(addr), [desired] "r"(desired)
		     : "memory", "cc");
	user_access_end();
	*was = expect;
	return good ? 0 : -EFAULT;
}
