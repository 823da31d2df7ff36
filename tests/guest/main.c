/* guest [--list] [PATTERN...]: what only the guest can be asked: does the kernel leak,
 * does it protect itself, does it hold on several CPUs.
 *
 * Every case runs at least twice.  Caches may grow in the first run; then a run must
 * end with no more pages, objects and threads in use than it began with.  A kernel that
 * leaks does so each time, so a few more runs are granted before that is said. */
#include "tests/abi/case.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/guest/counts.h"
#include "tests/guest/self.h"

enum { RUNS = 5 };

static int uncounted; /* errno if leaks cannot be counted here */

static bool leaked(const struct counts *before, const struct counts *after)
{
	return after->pages > before->pages || after->objects > before->objects ||
	       after->threads > before->threads;
}

static bool run_without_leak(const struct test_case *entry)
{
	struct counts before = { 0 }, after = { 0 };
	bool passed = case_run(entry);

	case_quiet(true);
	for (int run = 1; passed && !uncounted && run < RUNS; run++) {
		uncounted = counts_settle(&before) ? 0 : errno;
		passed = case_run(entry);
		if (!uncounted)
			uncounted = counts_settle(&after) ? 0 : errno;
		if (!leaked(&before, &after))
			break;
	}
	case_quiet(false);
	if (passed && leaked(&before, &after)) {
		say("FAILED: leaks in each run: pages %ld to %ld, objects %ld to %ld, "
		    "threads %ld to %ld",
		    before.pages, after.pages, before.objects, after.objects, before.threads,
		    after.threads);
		passed = false;
	}
	return passed;
}

int main(int argc, char **argv)
{
	int status;

	if (argc > 1 && strcmp(argv[1], SELF_EXIT) == 0)
		return 0;
	status = case_main(argc, argv, "guest", run_without_leak);
	if (uncounted) {
		say("FAILED: leaks were not counted: /proc/ringscope: %s", strerror(uncounted));
		status = 1;
	}
	return status;
}
