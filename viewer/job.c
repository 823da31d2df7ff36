#include "viewer/job.h"

#include <malloc.h>

static void *job_run(void *cookie)
{
	struct job *job = cookie;

	job->work(job, job->cookie);
	malloc_trim(0); /* a reader's chunks are megabytes, and the next work is another thread's */
	job->finished = true;
	return NULL;
}

bool job_start(struct job *job, void (*work)(struct job *job, void *cookie), void *cookie)
{
	job->cancel = false;
	job->finished = false;
	job->percent = 0;
	job->work = work;
	job->cookie = cookie;
	job->running = pthread_create(&job->thread, NULL, job_run, job) == 0;
	return job->running;
}

bool job_poll(struct job *job)
{
	if (!job->running || !job->finished)
		return false;
	pthread_join(job->thread, NULL);
	job->running = false;
	return true;
}

void job_wait(struct job *job)
{
	if (job->running)
		pthread_join(job->thread, NULL);
	job->running = false;
}

bool job_stop(struct job *job)
{
	const bool was = job->running;

	job->cancel = true;
	job_wait(job);
	return was;
}

void job_progress(void *job, uint64_t done, uint64_t all)
{
	struct job *j = job;

	j->percent = all == 0 ? 0 : (unsigned)(done * 100 / all);
}
