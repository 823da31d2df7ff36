#include "tracer/vm/seeds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/buffer.h"

#define FAILURES_SHOWN 20

struct seeds {
	const struct run_config *config;
	int input;         /* all of standard input */
	int output, error; /* of the run at hand */
	char *next;        /* its trace */
	uint64_t runs, failures;
	int status;           /* of the first that failed */
	struct buffer failed; /* "7 (status 1), ..." */
};

/* Copy what is in one descriptor, from its beginning, to another. */
static bool copy(int from, int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EINTR))
		for (ssize_t at = 0, put; got > 0 && at < got; at += put) {
			put = write(to, bytes + at, (size_t)(got - at));
			if (put < 0 && errno != EINTR)
				return false;
			put = put < 0 ? 0 : put;
		}
	return got == 0;
}

/* In a process of its own: a run ends as a whole, and its streams are those of fd 0
 * to 2. */
static int run_one(struct seeds *s, uint64_t seed)
{
	struct run_config config = *s->config;
	int wait = 0;
	pid_t pid;

	config.output = s->next;
	config.seed = seed;
	config.seeded = true;
	config.progress = NULL;
	if (lseek(s->input, 0, SEEK_SET) < 0 || ftruncate(s->output, 0) < 0 ||
	    ftruncate(s->error, 0) < 0 || lseek(s->output, 0, SEEK_SET) < 0 ||
	    lseek(s->error, 0, SEEK_SET) < 0)
		return 125;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (dup2(s->input, 0) < 0 || dup2(s->output, 1) < 0 || dup2(s->error, 2) < 0)
			_exit(125);
		exit(run(&config));
	}
	while (pid > 0 && waitpid(pid, &wait, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return 125;
	return WIFEXITED(wait) ? WEXITSTATUS(wait) : 128 + WTERMSIG(wait);
}

/* The trace and the output of the run at hand are those to keep. */
static bool keep(struct seeds *s)
{
	lseek(s->output, 0, SEEK_SET);
	lseek(s->error, 0, SEEK_SET);
	if (strcmp(s->next, s->config->output) != 0 && rename(s->next, s->config->output) < 0) {
		fprintf(stderr, "ringscope: %s: %s\n", s->config->output, strerror(errno));
		return false;
	}
	return copy(s->output, 1) && copy(s->error, 2);
}

static void failure_note(struct seeds *s, uint64_t seed, int status)
{
	if (s->failures < FAILURES_SHOWN)
		buffer_printf(&s->failed, "%s%llu (status %d)", s->failures ? ", " : "",
			      (unsigned long long)seed, status);
	else if (s->failures == FAILURES_SHOWN)
		buffer_string(&s->failed, ", ...");
	if (!s->failures++)
		s->status = status;
}

/* The first run makes the trace's file, or says why it cannot; the others make one
 * beside it. */
static int runs_make(struct seeds *s, uint64_t first, uint64_t last)
{
	char *beside;

	if (asprintf(&beside, "%s.seed", s->config->output) < 0)
		return 125;
	for (uint64_t seed = first;; seed++) {
		const bool ends = seed == last;
		int status;

		s->next = seed == first ? (char *)s->config->output : beside;
		status = run_one(s, seed);
		s->runs++;
		if (status == 125) {
			keep(s);
			free(beside);
			return 125;
		}
		if (status)
			failure_note(s, seed, status);
		if (((status && s->failures == 1) || (ends && !s->failures)) && !keep(s))
			s->status = 125;
		else if (s->next == beside)
			unlink(beside);
		if (ends || s->status == 125)
			break;
	}
	free(beside);
	return s->status;
}

int run_seeds(const struct run_config *config, uint64_t first, uint64_t last)
{
	struct seeds s = { .config = config };
	int status = 125;

	s.input = memfd_create("input", MFD_CLOEXEC);
	s.output = memfd_create("output", MFD_CLOEXEC);
	s.error = memfd_create("error", MFD_CLOEXEC);
	if (s.input < 0 || s.output < 0 || s.error < 0 || !copy(0, s.input))
		fprintf(stderr, "ringscope: --seeds: %s\n", strerror(errno));
	else
		status = runs_make(&s, first, last);
	if (status != 125 && s.failures)
		fprintf(stderr,
			"ringscope: %llu of %llu seeds failed: %s; %s is the first of them, which"
			" --seed shows again\n",
			(unsigned long long)s.failures, (unsigned long long)s.runs,
			buffer_text(&s.failed), config->output);
	else if (status != 125)
		fprintf(stderr, "ringscope: none of %llu seeds failed; %s is the last of them\n",
			(unsigned long long)s.runs, config->output);
	buffer_free(&s.failed);
	close(s.input);
	close(s.output);
	close(s.error);
	return status;
}
