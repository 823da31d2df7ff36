/* The one place where the kernel touches memory of the running program.  Every
 * access is checked and has a fix-up: a bad pointer gives -EFAULT.  May sleep
 * (a page may have to be read), so no spin lock is held. */
#ifndef KERNEL_MM_USER_H
#define KERNEL_MM_USER_H

#include "kernel/lib/types.h"

/* 0 or -EFAULT; on a fault part of the bytes may have been copied. */
int user_copy_in(void *to, uint64_t from, size_t n);
int user_copy_out(uint64_t to, const void *from, size_t n);
int user_zero(uint64_t to, size_t n);
/* As above, but the number of bytes that were copied before a fault. */
size_t user_copy_in_some(void *to, uint64_t from, size_t n);
size_t user_copy_out_some(uint64_t to, const void *from, size_t n);
/* A string with its NUL into to[size]: its length, -EFAULT, or -ENAMETOOLONG. */
int64_t user_string(char *to, uint64_t from, size_t size);
/* n > 0 bytes as whole words, the last one padded with zero bytes, in few instructions.
 * False: not like this; user_copy_in knows whether they can be read at all. */
bool user_words(uint64_t from, size_t n, uint64_t *words);
/* The same of fixed.length bytes, 1 to 8, for trace_data_word. */
struct ev_syscall_data;
bool user_trace_word(uint64_t from, struct ev_syscall_data fixed);
/* The first of n bytes that are in memory into to (NULL: only how many they are), without
 * a fault.  Interrupts off, so that no other CPU frees what is looked at. */
size_t user_peek(void *to, uint64_t from, size_t n);
/* Futex words: aligned 32-bit. */
int user_read32(uint64_t addr, uint32_t *value);
int user_swap32(uint64_t addr, uint32_t expect, uint32_t desired, uint32_t *was);
/* True if [addr, addr+n) lies in the user half. */
bool user_range(uint64_t addr, size_t n);

/* The trap handler asks: is rip in an access of this file?  Then the address to
 * go on at, else 0. */
uint64_t user_fixup(uint64_t rip);

#endif
