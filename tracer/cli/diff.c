/* ringscope diff: two recordings compared, and a verdict. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tracer/cli/command.h"
#include "tracer/cli/diff_print.h"

static const char help[] =
	"usage: ringscope diff [OPTION]... BASE NEW\n"
	"       ringscope diff --bless BASELINE NEW [AGAIN]\n"
	"\n"
	"Compares two recordings, or a baseline and a recording: threads are matched by\n"
	"program and order of birth, their calls, faults and signals aligned; arguments are\n"
	"compared without addresses, process numbers and descriptor numbers.\n"
	"\n"
	"options:\n"
	"      --fail-on RULES  what is a regression, rules separated by commas:\n"
	"                         METRIC > NUMBER, METRIC > +NUMBER%, new ERROR, new errors\n"
	"                       METRIC is calls errors faults exceptions signals interrupts\n"
	"                       switches wakeups differences user kernel instructions elapsed,\n"
	"                       or CALL.calls CALL.errors CALL.kernel.  Default:\n"
	"                       'differences > 0', and 'instructions > 0' if both are exact\n"
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
	"exit status: 0 no rule is broken; 1 a regression; 2 usage or input/output; 3 the two\n"
	"cannot be compared honestly: events are missing, or they ran other commands or on\n"
	"another machine.\n";

struct request {
	const char *rules, *ignore, *junit, *html;
	bool json, bless, force;
};

static int option_take(struct request *r, int option)
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

/* Are the two comparable?  0 or status 3. */
static int sides_check(const struct side *a, const struct side *b, struct error *why)
{
	for (int i = 0; i < 2; i++) {
		const struct side *s = i ? b : a;

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
			return error_set(why, 3, "%s: it holds no system call and no fault",
					 s->path);
	}
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
	if (strcmp(a->manifest, b->manifest) != 0)
		return error_set(why, 3,
				 "they were made on different machines (CPUs, memory, QEMU, mode or"
				 " seed); --force compares all the same");
	return 0;
}

static int ignore_read(struct ignore *g, const struct request *r, const char *base,
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

static int outputs_write(const struct request *r, const struct diff *d, const struct verdict *v,
			 struct error *why)
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

static int sides_compare(const struct request *r, struct side *a, struct side *b, struct error *why)
{
	struct ignore ignore;
	struct verdict v;
	struct diff d = { 0 };
	const char *rules =
		r->rules ? r->rules
			 : (a->exact && b->exact ? VERDICT_DEFAULT_EXACT : VERDICT_DEFAULT);
	int status = ignore_read(&ignore, r, a->path, why);

	status = status ? status : verdict_parse(&v, rules, why);
	if (!status && !r->force)
		status = sides_check(a, b, why);
	status = status ? status : diff_make(&d, a, b, &ignore, why);
	status = status ? status : verdict_judge(&v, &d, why);
	status = status ? status : outputs_write(r, &d, &v, why);
	diff_free(&d);
	return status ? status : v.broken ? 1 : 0;
}

static int compare(const struct request *r, char **paths, struct error *why)
{
	struct side a, b;
	int status = side_open(&a, paths[0], why);

	if (status)
		return status;
	status = side_open(&b, paths[1], why);
	if (!status) {
		status = sides_compare(r, &a, &b, why);
		side_close(&b);
	}
	side_close(&a);
	return status;
}

/* A baseline from a recording, or from two that must be equal. */
static int bless(char **paths, int count, struct error *why)
{
	struct side s, again;
	int status = side_open(&s, paths[1], why);

	if (status)
		return status;
	if (s.lost || !s.complete)
		status = error_set(why, 3, "%s: events are missing: not a baseline", s.path);
	if (!status && count == 3) {
		status = side_open(&again, paths[2], why);
		if (!status && (s.all.structure != again.all.structure ||
				(s.exact && s.all.spent != again.all.spent)))
			status = error_set(why, 3,
					   "%s and %s differ, so neither is a baseline; `ringscope"
					   " diff` of both shows where",
					   s.path, again.path);
		if (status != 2)
			side_close(&again);
	}
	status = status ? status : side_save(&s, paths[0], why);
	if (!status)
		printf("%s: %llu calls, %u threads, structure %016llx, costs %016llx\n", paths[0],
		       (unsigned long long)s.all.totals.calls, s.all.count,
		       (unsigned long long)s.all.structure, (unsigned long long)s.all.spent);
	side_close(&s);
	return status;
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
	struct request r = { 0 };
	struct error why = { 0 };
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? 2 : 0;
		if (option_take(&r, option))
			return complain_usage("diff", "unknown option or no argument for",
					      argv[optind - 1], 2);
	}
	if (argc - optind != 2 && !(r.bless && argc - optind == 3))
		return complain_usage("diff", "two files are compared", NULL, 2);
	status = r.bless ? bless(argv + optind, argc - optind, &why)
			 : compare(&r, argv + optind, &why);
	return why.status ? complain(&why) : status;
}
