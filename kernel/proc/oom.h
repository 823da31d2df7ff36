/* Out of memory: one process is ended so that the others go on. */
#ifndef KERNEL_PROC_OOM_H
#define KERNEL_PROC_OOM_H

#include "kernel/proc/process.h"

#define OOM_ADJUST_MIN (-1000) /* of oom_score_adj: never to be chosen */

/* The running program needs a frame and there is none.  True: there may be one now, try
 * again; false: it is itself what is to be ended. */
bool oom_relieve(void);

#endif
