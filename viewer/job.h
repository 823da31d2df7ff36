/* Work that the screen does not wait for: one thread at a time, asked, looked after each
 * frame, given up.
 *
 * The work shares nothing with the session but what its cookie holds, and that is the
 * work's until job_poll or job_stop says that it is over.  A job stays where it is while
 * it runs. */
#ifndef VIEWER_JOB_H
#define VIEWER_JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* [u] of the session's thread   [a] atomic   [I] set before the thread starts */
struct job {
	bool running;                                /* [u] */
	pthread_t thread;                            /* [u] */
	volatile bool cancel;                        /* only ever set: give up soon */
	_Atomic bool finished;                       /* [a] */
	_Atomic unsigned percent;                    /* [a] */
	void (*work)(struct job *job, void *cookie); /* [I] */
	void *cookie;                                /* [I] */
};

/* Start work(job, cookie); none runs.  False: no thread. */
bool job_start(struct job *job, void (*work)(struct job *job, void *cookie), void *cookie);
/* True once after the work has ended: its cookie is the caller's again. */
bool job_poll(struct job *job);
/* Give up and wait for it.  True: one was running. */
bool job_stop(struct job *job);
/* Wait for it, if one runs. */
void job_wait(struct job *job);
/* For libraries that tell how far they are; job is a struct job. */
void job_progress(void *job, uint64_t done, uint64_t all);

#endif
