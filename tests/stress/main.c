/* stress [--exit N] SECONDS [SEED [PATTERN...]]: much of everything, all at once.
 *
 * First one turn of each kind, then two workers of each for SECONDS in ROUNDS rounds.
 * After a round no more pages, objects and threads should be in use than before it;
 * caches may grow by chance, but a kernel that leaks does so in each round.  A worker
 * that fails, or makes no turn for long, ends the run.  Exit status 0: all was right;
 * 1: something was not, and a line says what; 2: usage. */
#include "tests/stress/stress.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/counts.h"

enum { WORKERS_MAX = 128, WORKERS_A_KIND = 2, ROUNDS = 4, STUCK_MS = 120000, NAME_MAX_LENGTH = 64 };

extern const struct test_case __start_test_cases[], __stop_test_cases[];

/* Shared with the worker. */
struct worker {
	atomic_long turns;
	atomic_long moved_ms; /* when the last turn ended */
	const struct test_case *kind;
	pid_t pid;
	bool ended;
};

static uint64_t seed;
static const char *kind_now;

uint32_t random_from(uint64_t *from, uint32_t limit)
{
	*from ^= *from << 13; /* xorshift64: Marsaglia, "Xorshift RNGs", 2003 */
	*from ^= *from >> 7;
	*from ^= *from << 17;
	return (uint32_t)(*from >> 32) % limit;
}

uint32_t random_below(uint32_t limit)
{
	return random_from(&seed, limit);
}

void *shared_map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

const char *shared_folder(void)
{
	static char path[NAME_MAX_LENGTH + 16];

	snprintf(path, sizeof(path), "../all.%s", kind_now);
	CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
	return path;
}

void read_all(int fd, void *to, size_t size)
{
	for (ssize_t got; size; to = (char *)to + got, size -= (size_t)got)
		CHECK((got = read(fd, to, size)) > 0);
}

void write_all(int fd, const void *from, size_t size)
{
	for (ssize_t got; size; from = (const char *)from + got, size -= (size_t)got)
		CHECK((got = write(fd, from, size)) > 0);
}

/* The worker's life.  What a turn leaves of its own group is a failure to be seen in the
 * counts, not killed. */
static _Noreturn void work(struct worker *w, unsigned number, long until)
{
	char folder[NAME_MAX_LENGTH];

	snprintf(folder, sizeof(folder), "%u", number);
	setpgid(0, 0);
	CHECK(mkdir(folder, 0755) == 0 && chdir(folder) == 0);
	seed += 0x9e3779b97f4a7c15u * (number + 1);
	kind_now = w->kind->name;
	do {
		w->kind->run();
		w->turns++;
		w->moved_ms = now_ms();
	} while (now_ms() < until);
	CHECK(chdir("..") == 0 && rmdir(folder) == 0);
	_exit(0);
}

static void worker_start(struct worker *w, const struct test_case *kind, unsigned number,
			 long until)
{
	pid_t pid;

	w->kind = kind;
	w->moved_ms = now_ms();
	w->ended = false;
	pid = child();
	if (pid == 0)
		work(w, number, until);
	setpgid(pid, 0); /* whoever comes first */
	w->pid = pid;
}

static bool worker_ended_well(struct worker *w, int word)
{
	w->ended = true;
	kill(-w->pid, SIGKILL); /* children, if it failed */
	if (word == 0)
		return true;
	say("FAILED: %s after %ld turns: wait status 0x%x", w->kind->name, (long)w->turns, word);
	return false;
}

/* Wait for all; at the first failure the others are killed. */
static bool workers_wait(struct worker *all, unsigned count)
{
	bool good = true;
	unsigned left = count;
	int word;

	while (left) {
		pid_t pid = waitpid(-1, &word, WNOHANG);
		bool good_before = good;

		for (unsigned i = 0; i < count; i++) {
			if (pid > 0 && all[i].pid == pid) {
				good = worker_ended_well(&all[i], word) && good;
				left--;
			}
			if (good && !all[i].ended && now_ms() - all[i].moved_ms > STUCK_MS) {
				say("FAILED: %s is stuck after %ld turns", all[i].kind->name,
				    (long)all[i].turns);
				good = false;
			}
		}
		for (unsigned i = 0; good_before && !good && i < count; i++) {
			if (!all[i].ended)
				kill(-all[i].pid, SIGKILL);
		}
		if (pid <= 0)
			sleep_ms(20);
	}
	return good;
}

static bool counts_grew(const struct counts *before, const struct counts *after)
{
	say("pages %ld to %ld, objects %ld to %ld, threads %ld to %ld", before->pages, after->pages,
	    before->objects, after->objects, before->threads, after->threads);
	return after->pages > before->pages || after->objects > before->objects ||
	       after->threads > before->threads;
}

static void shared_folders_remove(const struct worker *all, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char path[NAME_MAX_LENGTH + 16];

		snprintf(path, sizeof(path), "all.%s", all[i].kind->name);
		CHECK(rmdir(path) == 0 || errno == ENOENT);
	}
}

/* One turn of each kind if milliseconds is 0. */
static bool round_run(struct worker *all, const struct test_case *const *kinds, unsigned count,
		      long milliseconds)
{
	long until = now_ms() + milliseconds;
	bool good;

	for (unsigned i = 0; i < count; i++)
		worker_start(&all[i], kinds[i], i, until);
	good = workers_wait(all, count);
	if (good)
		shared_folders_remove(all, count);
	return good;
}

static unsigned kinds_choose(const struct test_case **kinds, int patterns, char **pattern)
{
	unsigned count = 0;

	for (const struct test_case *k = __start_test_cases; k < __stop_test_cases; k++) {
		bool wanted = patterns <= 0;

		for (int i = 0; i < patterns; i++)
			wanted |= fnmatch(pattern[i], k->name, 0) == 0;
		for (int i = 0; wanted && i < WORKERS_A_KIND && count < WORKERS_MAX; i++)
			kinds[count++] = k;
	}
	return count;
}

static bool stress(const struct test_case *const *kinds, unsigned count, long seconds)
{
	struct worker *all = shared_map(WORKERS_MAX * sizeof(*all));
	struct counts before, after = { 0 };
	bool good = round_run(all, kinds, count, 0), counted = counts_settle(&before);
	int grew = 0;

	for (int round = 0; good && round < ROUNDS; round++) {
		good = round_run(all, kinds, count, seconds * 1000 / ROUNDS);
		if (good && counted && counts_settle(&after))
			grew += counts_grew(&before, &after);
		before = after;
	}
	for (unsigned i = 0; i < count; i += WORKERS_A_KIND)
		say("%-24s %ld turns", kinds[i]->name, (long)(all[i].turns + all[i + 1].turns));
	if (!counted)
		say("leaks are not counted here: no /proc/ringscope");
	if (grew == ROUNDS)
		say("FAILED: it leaks in each round");
	return good && grew < ROUNDS;
}

int main(int argc, char **argv)
{
	const struct test_case *kinds[WORKERS_MAX];
	unsigned count = kinds_choose(kinds, argc - 3, argv + 3);
	long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	char folder[NAME_MAX_LENGTH];
	bool good;

	if (argc == 3 && strcmp(argv[1], SELF_EXIT) == 0)
		return atoi(argv[2]);
	if (seconds <= 0 || !count) {
		dprintf(2, "usage: stress SECONDS [SEED [PATTERN...]]\n");
		return 2;
	}
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	seed = seed ? seed : 1;
	snprintf(folder, sizeof(folder), "/tmp/stress.%d", (int)getpid());
	CHECK(mkdir(folder, 0755) == 0 && chdir(folder) == 0);
	good = stress(kinds, count, seconds);
	if (good)
		CHECK(chdir("/") == 0 && rmdir(folder) == 0);
	say("stress: %u workers, %ld s: %s", count, seconds, good ? "ok" : "FAILED");
	return good ? 0 : 1;
}
