/* ringscope diff: two recordings compared, and a verdict. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tracer/analysis/statistics.h"
#include "tracer/cli/command.h"
#include "tracer/cli/diff_print.h"
#include "tracer/cli/diff_request.h"
#include "tracer/cli/facts.h"

static const char help[] =
	"usage: ringscope diff [OPTION]... BASE NEW\n"
	"       ringscope diff [OPTION]... BASE... -- NEW...\n"
	"       ringscope diff --bless BASELINE NEW [AGAIN]\n"
	"\n"
	"Compares two recordings, or a baseline and a recording: threads are matched by\n"
	"program and order of birth, their calls, faults and signals aligned; arguments are\n"
	"compared without addresses, process numbers and descriptor numbers.\n"
	"\n"
	"Costs of recordings that are not exact differ from run to run.  Several on each side\n"
	"of -- are compared by rank (Mann-Whitney; intervals by bootstrap; Holm's correction\n"
	"for all that is compared at once), so that with no change at most one comparison in\n"
	"twenty shows one.  Record both sides in turn, ten of each or more.\n"
	"\n"
	"options:\n"
	"      --fail-on RULES  what is a regression, rules separated by commas:\n"
	"                         METRIC > NUMBER, METRIC > +NUMBER% [and NUMBER],\n"
	"                         new ERROR, new errors\n"
	"                       METRIC is calls errors faults exceptions signals interrupts\n"
	"                       switches wakeups differences user kernel instructions elapsed,\n"
	"                       dearer and more (rows that cost more, came more often), each\n"
	"                       (what one call or fault of a kind costs, of any kind), or\n"
	"                       CALL.calls CALL.errors CALL.kernel.  Default:\n"
	"                       'differences > 0', and 'instructions > 0' if both are exact;\n"
	"                       of several runs a side 'dearer > 0, more > 0'\n"
	"      --ignore FILE    leave out what FILE says, a rule a line: call NAME [of PROGRAM],\n"
	"                       fault CAUSE, signal NAME, program NAME.  BASE.ignore is read\n"
	"                       by itself where it is there\n"
	"      --json           the outcome as JSON on standard output\n"
	"      --junit FILE     also write JUnit XML, a test case a rule\n"
	"      --html FILE      also write a page to look at\n"
	"      --bless          make BASELINE, a text file for version control, from NEW; with\n"
	"                       AGAIN, a second recording, only if both are equal\n"
	"      --force          compare what was not made alike, or is incomplete\n"
	"      --help           this text\n"
	"\n"
	"exit status: 0 all rules are kept; 1 a regression; 2 usage or input/output; 3 there is\n"
	"no honest answer: events are missing, other commands or another machine were\n"
	"recorded, or so few runs cannot tell.\n";

static int option_take(struct diff_request *r, int option)
{
	switch (option) {
	case 'f':
		r->rules = optarg;
		break;
	case 'i':
		r->ignore = optarg;
		break;
	case 'u':
		r->junit = optarg;
		break;
	case 'm':
		r->html = optarg;
		break;
	case 'j':
		r->json = true;
		break;
	case 'b':
		r->bless = true;
		break;
	case 'F':
		r->force = true;
		break;
	default:
		return -1;
	}
	return 0;
}

static int file_write(const char *path, const struct buffer *b, struct error *why)
{
	FILE *f = fopen(path, "w");
	bool good = f && fwrite(buffer_text(b), 1, b->length, f) == b->length;

	if (f && fclose(f))
		good = false;
	return good ? 0 : error_set(why, 2, "%s: %s", path, strerror(errno));
}

/* Does it hold all that happened?  0 or status 3. */
static int side_check(const struct side *s, struct error *why)
{
	if (s->lost)
		return error_set(why, 3,
				 "%s: %llu events were lost, so what differs may only be"
				 " missing; --force compares all the same",
				 s->path, (unsigned long long)s->lost);
	if (!s->complete)
		return error_set(why, 3,
				 "%s: the recording was cut off; --force compares what"
				 " there is",
				 s->path);
	if (!s->all.totals.calls && !s->all.totals.faults)
		return error_set(why, 3, "%s: it holds no system call and no fault", s->path);
	return 0;
}

/* Are the two comparable?  0 or status 3. */
int diff_sides_check(const struct side *a, const struct side *b, bool pair, struct error *why)
{
	char what[400], given[200];
	enum manifest_fact fact;
	int status = side_check(a, why);

	status = status ? status : side_check(b, why);
	if (status)
		return status;
	if (a->exact != b->exact)
		return error_set(why, 3,
				 "%s is exact and %s is not: their costs have different units;"
				 " --force compares all the same",
				 a->exact ? a->path : b->path, a->exact ? b->path : a->path);
	if (strcmp(a->command, b->command) != 0)
		return error_set(why, 3,
				 "they ran different commands (%.100s; %.100s); --force compares"
				 " all the same",
				 a->command, b->command);
	fact = manifest_differs(&a->manifest, &b->manifest, !pair, what, sizeof(what));
	if (fact == MANIFEST_FACTS)
		return 0;
	if (fact == MANIFEST_INPUTS && a->reader && b->reader &&
	    manifest_given(reader_database(a->reader), reader_database(b->reader), given,
			   sizeof(given)))
		snprintf(what, sizeof(what), "inputs: %s", given);
	return error_set(why, 3,
			 "%.100s and %.100s were made differently: %.200s; --force"
			 " compares all the same",
			 a->path, b->path, what);
}

int diff_ignore_read(struct ignore *g, const struct diff_request *r, const char *base,
		     struct error *why)
{
	char beside[4096];

	*g = (struct ignore){ 0 };
	if (r->ignore)
		return ignore_load(g, r->ignore, why);
	if (snprintf(beside, sizeof(beside), "%s.ignore", base) < (int)sizeof(beside) &&
	    access(beside, F_OK) == 0)
		return ignore_load(g, beside, why);
	return 0;
}

static unsigned columns(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return 132;
}

static int outputs_write(const struct diff_request *r, const struct diff *d,
			 const struct verdict *v, struct error *why)
{
	struct buffer b = { 0 };
	int status = 0;

	if (r->json)
		diff_json(&b, d, v);
	else
		diff_text(&b, d, v, columns());
	fputs(buffer_text(&b), stdout);
	if (fflush(stdout))
		status = error_set(why, 2, "standard output: %s", strerror(errno));
	buffer_clear(&b);
	if (r->junit && !status) {
		diff_junit(&b, d, v);
		status = file_write(r->junit, &b, why);
	}
	buffer_clear(&b);
	if (r->html && !status) {
		diff_html(&b, d, v);
		status = file_write(r->html, &b, why);
	}
	buffer_free(&b);
	return status;
}

int diff_verdict(const struct diff_request *r, struct diff *d, const char *rules, struct error *why)
{
	struct verdict v;
	int status = verdict_parse(&v, rules, why);

	status = status ? status : verdict_judge(&v, d, why);
	status = status ? status : outputs_write(r, d, &v, why);
	return status ? status : v.broken ? 1 : v.unknown ? 3 : 0;
}

static int sides_compare(const struct diff_request *r, struct side *a, struct side *b,
			 struct error *why)
{
	struct ignore ignore;
	struct diff d = { 0 };
	const char *rules = a->exact && b->exact ? VERDICT_DEFAULT_EXACT : VERDICT_DEFAULT;
	int status = diff_ignore_read(&ignore, r, a->path, why);

	if (!status && !r->force)
		status = diff_sides_check(a, b, true, why);
	status = status ? status : diff_make(&d, a, b, &ignore, why);
	status = status ? status : diff_verdict(r, &d, r->rules ? r->rules : rules, why);
	diff_free(&d);
	return status;
}

struct load {
	struct side *side;
	struct error why;
	int status;
};

static void *load_main(void *cookie)
{
	struct load *l = cookie;

	l->status = side_load(l->side, NULL, &l->why);
	return NULL;
}

/* Read both at once, but for what hashes say. */
static int sides_load(struct side *a, struct side *b, struct error *why)
{
	struct load other = { .side = b };
	pthread_t thread;
	bool started;
	int status;

	if (side_identical(a, b))
		return 0;
	started = pthread_create(&thread, NULL, load_main, &other) == 0;
	status = side_load(a, NULL, why);
	if (started)
		pthread_join(thread, NULL);
	else
		load_main(&other);
	if (!status && other.status)
		*why = other.why;
	return status ? status : other.status;
}

void diff_loss_tell(const struct side *s)
{
	if (s->reader)
		loss_tell(reader_database(s->reader), s->path);
}

static int compare(const struct diff_request *r, struct error *why)
{
	struct side a, b;
	int status = side_open(&a, r->runs[0].paths[0], why);

	if (status)
		return status;
	status = side_open(&b, r->runs[1].paths[0], why);
	if (!status) {
		status = sides_load(&a, &b, why);
		status = status ? status : sides_compare(r, &a, &b, why);
		if (r->force) {
			diff_loss_tell(&a);
			diff_loss_tell(&b);
		}
		side_close(&b);
	}
	side_close(&a);
	return status;
}

/* May it become a baseline? */
static int bless_check(const struct side *s, struct error *why)
{
	if (s->lost || !s->complete)
		return error_set(why, 3, "%s: events are missing: not a baseline", s->path);
	return 0;
}

/* The same once more: it must say the same. */
static int again_check(const struct side *s, const char *path, struct error *why)
{
	struct side again;
	int status = side_open(&again, path, why);

	if (status)
		return status;
	status = side_load(&again, NULL, why);
	if (!status && (s->all.structure != again.all.structure ||
			(s->exact && s->all.spent != again.all.spent)))
		status = error_set(why, 3,
				   "%s and %s differ, so neither is a baseline; `ringscope"
				   " diff` of both shows where",
				   s->path, again.path);
	side_close(&again);
	return status;
}

/* A baseline from a recording, or from two that must be equal. */
static int bless(char **paths, int count, struct error *why)
{
	struct side s;
	int status = side_open(&s, paths[1], why);

	if (status)
		return status;
	status = side_load(&s, NULL, why);
	status = status ? status : bless_check(&s, why);
	if (!status && count == 3)
		status = again_check(&s, paths[2], why);
	status = status ? status : side_save(&s, paths[0], why);
	if (!status)
		printf("%s: %llu calls, %u threads, structure %016llx, costs %016llx\n", paths[0],
		       (unsigned long long)s.all.totals.calls, s.all.count,
		       (unsigned long long)s.all.structure, (unsigned long long)s.all.spent);
	side_close(&s);
	return status;
}

/* The word -- among argv, or argc: getopt moves it. */
static int divider_find(int argc, char **argv)
{
	int at = 1;

	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	return at;
}

/* Which files are on which side; -1: that is no comparison. */
static int runs_split(struct diff_request *r, int argc, char **argv, int divider)
{
	const unsigned before = (unsigned)(divider - optind);
	const unsigned after = divider < argc ? (unsigned)(argc - divider - 1) : 0;

	r->runs[0].paths = argv + optind;
	r->runs[0].count = before;
	if (r->bless)
		return divider < argc || before < 2 || before > 3 ? -1 : 0;
	r->runs[1].paths = after ? argv + divider + 1 : argv + optind + 1;
	r->runs[1].count = after ? after : 1;
	if (!after) {
		r->runs[0].count = 1;
		return divider < argc || before != 2 ? -1 : 0;
	}
	return before == 0 || before > STATISTICS_SAMPLES || after > STATISTICS_SAMPLES ? -1 : 0;
}

int diff_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fail-on", required_argument, NULL, 'f' },
		{ "ignore", required_argument, NULL, 'i' },
		{ "junit", required_argument, NULL, 'u' },
		{ "html", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "bless", no_argument, NULL, 'b' },
		{ "force", no_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct diff_request r = { 0 };
	struct error why = { 0 };
	const int divider = divider_find(argc, argv);
	int option, status;

	opterr = 0;
	while ((option = getopt_long(divider, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (option_take(&r, option))
			return complain_usage("diff", "unknown option or no argument for",
					      argv[optind - 1], 2);
	}
	if (runs_split(&r, argc, argv, divider))
		return complain_usage("diff",
				      r.bless ? "--bless takes BASELINE NEW [AGAIN]"
					      : "two files, or several on each side of --",
				      NULL, 2);
	if (r.bless)
		status = bless(r.runs[0].paths, (int)r.runs[0].count, &why);
	else if (r.runs[0].count + r.runs[1].count == 2)
		status = compare(&r, &why);
	else
		status = diff_compare_runs(&r, &why);
	return why.status ? complain(&why) : status;
}
