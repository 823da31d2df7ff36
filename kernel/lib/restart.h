/* Results inside the kernel that a system call's exit turns into -EINTR or a
 * restart, as Linux does; the trace shows them as strace does.  Numbers are
 * those of Linux (they appear in ptrace and in traces only). */
#ifndef KERNEL_LIB_RESTART_H
#define KERNEL_LIB_RESTART_H

#define ERESTARTSYS           512 /* restart if SA_RESTART or no handler */
#define ERESTARTNOINTR        513 /* always restart */
#define ERESTARTNOHAND        514 /* restart if no handler */
#define ERESTART_RESTARTBLOCK 516 /* restart with what is left of the time */

#endif
