/* Twenty kinds of calls, with one thing more in one place: planted [KIND and PLACE], as
 * c07.  KIND: c (one call more), f (one page touched more), i (one instruction more in
 * ring 3), n (nothing), each after the calls number PLACE, from 00. */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACES 20
#define PAGE   4096

static const long calls[PLACES] = {
	SYS_getppid,     SYS_getpid,  SYS_gettid,  SYS_getuid,      SYS_geteuid,
	SYS_getgid,      SYS_getegid, SYS_getpgrp, SYS_sched_yield, SYS_sync,
	SYS_getpriority, SYS_getsid,  SYS_getpgid, SYS_umask,       SYS_alarm,
	SYS_personality, SYS_dup,     SYS_fsync,   SYS_lseek,       SYS_inotify_init,
};

/* Execute so many instructions that do nothing; the path is as long otherwise. */
static void nothing(unsigned long count)
{
	unsigned long to;

	__asm__ volatile("lea 1f(%%rip), %0\n\t"
			 "sub %1, %0\n\t"
			 "jmp *%0\n\t"
			 "nop\n"
			 "1:"
			 : "=&r"(to)
			 : "r"(count));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 && strlen(argv[1]) == 3 ? argv[1] : "n99";
	const int place = (what[1] - '0') * 10 + what[2] - '0';
	volatile char *pages =
		mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return 1;
	/* Without a branch: the way is the same but for what is planted. */
	for (int i = 0; i < PLACES; i++) {
		const int here = i == place;
		const int times = 3 + (here & (what[0] == 'c'));

		for (int n = 0; n < times; n++)
			syscall(calls[i], 0L, 0L, 0L);
		nothing((unsigned long)(here & (what[0] == 'i')));
		pages[(here & (what[0] == 'f')) * PAGE] = 1;
	}
	return 0;
}
