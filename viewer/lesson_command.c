/* ringscope lesson. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "viewer/lesson_linear.h"
#include "viewer/record.h"
#include "viewer/score.h"
#include "viewer/screen.h"
#include "viewer/terminal.h"
#include "viewer/text.h"
#include "viewer/viewer.h"

#define TRACES_MAX 100

static const char usage[] =
	"usage: ringscope lesson [OPTION]... [NAME|FILE]\n"
	"Teaches one thing at the boundary between programs and kernel: records the lesson's\n"
	"program, stops where it matters, asks first and shows after.  The right answers are\n"
	"computed from the recording.  Without a name, lists the lessons and your best scores.\n"
	"\n"
	"  --trace FILE   teach on this recording instead of a new one (may be repeated for\n"
	"                 lessons that compare several)\n"
	"  --run OPTIONS  options of `ringscope run` for the recording, as '--cpus 4'\n"
	"  -o FILE        keep the recording there\n"
	"  --linear       plain lines, answers from standard input (for screen readers, pipes)\n"
	"  --check        walk through the lesson on its recording, tell whether each step finds\n"
	"                 its event and has an answer; FILE:LINE says what is wrong\n"
	"  --no-motion, --ascii, --mono   as `ringscope view` has them\n"
	"  --help         this text\n"
	"\n"
	"A lesson is a small text file: viewer/README.md tells how to write one.\n"
	"exit status: 0 done; 2 wrong usage, a lesson with a mistake, no recording, no terminal\n";

struct options {
	bool linear, check, still, ascii, mono;
	const char *name, *run, *output;
	const char *trace[TRACES_MAX];
	unsigned traces;
};

/* Recordings made here, gone at the end. */
struct recordings {
	char folder[64], path[TRACES_MAX][96];
	unsigned count;
};

static int fail(const struct error *why)
{
	text_print(stderr, false, "ringscope: %s", why->text);
	fputc('\n', stderr);
	return 2;
}

static int usage_fail(const char *what)
{
	fprintf(stderr, "ringscope: lesson: %s; see 'ringscope lesson --help'\n", what);
	return 2;
}

/* -1 to go on, else the exit status. */
static int options_read(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "trace", required_argument, NULL, 't' },  { "run", required_argument, NULL, 'r' },
		{ "output", required_argument, NULL, 'o' }, { "linear", no_argument, NULL, 'l' },
		{ "check", no_argument, NULL, 'c' },        { "no-motion", no_argument, NULL, 's' },
		{ "ascii", no_argument, NULL, 'a' },        { "mono", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", table, NULL)) != -1) {
		o->linear |= option == 'l';
		o->check |= option == 'c';
		o->still |= option == 's';
		o->ascii |= option == 'a';
		o->mono |= option == 'm';
		if (option == 'h')
			return fputs(usage, stdout) < 0 ? 2 : 0;
		if (option == '?')
			return usage_fail("an option is unknown or lacks its value");
		if (option == 't' && o->traces == TRACES_MAX)
			return usage_fail("too many traces");
		if (option == 't')
			o->trace[o->traces++] = optarg;
		if (option == 'r')
			o->run = optarg;
		if (option == 'o')
			o->output = optarg;
	}
	if (optind + 1 < argc)
		return usage_fail("one lesson at a time");
	o->name = optind < argc ? argv[optind] : NULL;
	return -1;
}

static int lessons_list(void)
{
	struct error why = { 0 };
	const char *name;

	puts("Lessons, in the order in which they teach:\n");
	for (unsigned at = 0; (name = lesson_name(at)) != NULL; at++) {
		struct lesson lesson;
		unsigned right, asked;

		if (lesson_load(&lesson, name, &why) != 0) {
			lesson_free(&lesson);
			return fail(&why);
		}
		if (score_best(name, &right, &asked))
			printf("  %-15s %-52s %u/%u\n", name, lesson.title.text, right, asked);
		else
			printf("  %-15s %s\n", name, lesson.title.text);
		lesson_free(&lesson);
	}
	puts("\n'ringscope lesson NAME' begins one; a file of your own goes in place of the name.");
	return fflush(stdout) == 0 ? 0 : 2;
}

static void recordings_drop(struct recordings *r)
{
	static const char *const tails[] = { "", "-wal", "-shm" };

	for (unsigned i = 0; i < r->count; i++) {
		for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
			char path[128];

			snprintf(path, sizeof(path), "%s%s", r->path[i], tails[t]);
			unlink(path);
		}
	}
	if (r->folder[0] != '\0')
		rmdir(r->folder);
}

/* As many recordings as the lesson compares, each with another seed. */
static int recordings_make(struct recordings *r, const struct lesson *l, struct options *o,
			   struct error *why)
{
	const unsigned runs = l->runs.text != NULL ? (unsigned)atoi(l->runs.text) : 1;
	const char *given = o->run != NULL            ? o->run
			    : l->options.text != NULL ? l->options.text
						      : "";

	snprintf(r->folder, sizeof(r->folder), "/tmp/ringscope-lesson-XXXXXX");
	if (mkdtemp(r->folder) == NULL) {
		r->folder[0] = '\0';
		return error_set(why, 2, "making a folder in /tmp failed: %s", strerror(errno));
	}
	for (unsigned i = 0; i < runs; i++) {
		char run[1024];

		if (runs > 1)
			snprintf(r->path[i], sizeof(r->path[i]), "%s/lesson-%u.db", r->folder,
				 i + 1);
		else
			snprintf(r->path[i], sizeof(r->path[i]), "%s/lesson.db", r->folder);
		r->count = i + 1;
		o->trace[i] = runs == 1 && o->output != NULL ? o->output : r->path[i];
		o->traces = i + 1;
		if (runs > 1)
			snprintf(run, sizeof(run), "--seed %u %s", i + 1, given);
		else
			snprintf(run, sizeof(run), "%s", given);
		fprintf(stderr, "recording %u of %u: ", i + 1, runs);
		text_print(stderr, false, "ringscope run %s -- %s", run, l->run.text);
		fputc('\n', stderr);
		if (record_run(o->trace[i], run, l->run.text, why) != 0)
			return 2;
	}
	return 0;
}

/* How each recording came out, counted in t; the first with the least is taught on. */
static int outcomes_count(struct tutor *t, const struct lesson *l, const struct options *o,
			  unsigned *least, struct error *why)
{
	char text[ASKER_TEXT], best[ASKER_TEXT] = "";

	*least = 0;
	for (unsigned i = 0; l->outcome.text != NULL && i < o->traces; i++) {
		struct reader *r;
		int status = reader_open(&r, o->trace[i], why);

		if (status != 0)
			return status;
		status = tutor_outcome(l, r, text, sizeof(text), why);
		reader_close(r);
		if (status != 0)
			return status;
		tutor_outcome_count(t, text);
		if (i == 0 || strtod(text, NULL) < strtod(best, NULL)) {
			snprintf(best, sizeof(best), "%s", text);
			*least = i;
		}
	}
	return 0;
}

static int lesson_show(struct tutor *t, struct reader *r, const char *path, const struct options *o,
		       struct error *why)
{
	const struct screen_options screen = {
		.path = path,
		.ascii = o->ascii || !terminal_utf8(),
		.mono = o->mono,
		.still = o->still,
		.tutor = t,
	};
	unsigned right, asked;
	int status;

	if (o->check) {
		status = tutor_check(t, why);
		if (status == 0)
			printf("%s: %u steps, %u questions, each with an answer in %s\n",
			       t->lesson.name, t->lesson.steps, tutor_questions(t), path);
		return status;
	}
	status = o->linear ? lesson_linear(t, screen.ascii, stdin, stdout, why)
			   : screen_run(r, &screen, why);
	tutor_score(t, &right, &asked);
	if (status == 0 && t->at == (int)t->lesson.steps && asked > 0)
		score_add(t->lesson.name, right, asked);
	return status;
}

static int lesson_teach(struct lesson *lesson, const struct options *o, struct error *why)
{
	struct tutor *t = calloc(1, sizeof(*t)), *counted = calloc(1, sizeof(*t));
	struct reader *r = NULL;
	unsigned least;
	int status;

	if (t == NULL || counted == NULL) {
		free(t);
		free(counted);
		return error_set(why, 2, "out of memory");
	}
	status = outcomes_count(counted, lesson, o, &least, why);
	if (status == 0)
		status = reader_open(&r, o->trace[least], why);
	if (status == 0)
		status = tutor_open(t, lesson, r, why);
	for (unsigned i = 0; status == 0 && i < counted->outcomes; i++)
		for (unsigned k = 0; k < counted->outcome[i].count; k++)
			tutor_outcome_count(t, counted->outcome[i].text);
	if (status == 0)
		status = lesson_show(t, r, o->trace[least], o, why);
	tutor_close(t);
	free(t);
	free(counted);
	reader_close(r);
	return status;
}

int lesson_main(int argc, char **argv)
{
	static struct options options;
	static struct recordings made;
	struct lesson lesson;
	struct error why = { 0 };
	int status = options_read(argc, argv, &options);

	if (status >= 0)
		return status;
	if (options.name == NULL)
		return lessons_list();
	if (!options.linear && !options.check && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return usage_fail("this is no terminal; --linear prints plain lines instead");
	status = lesson_load(&lesson, options.name, &why);
	if (status == 0 && options.traces == 0)
		status = recordings_make(&made, &lesson, &options, &why);
	if (status == 0)
		status = lesson_teach(&lesson, &options, &why);
	lesson_free(&lesson);
	recordings_drop(&made);
	return status == 0 ? 0 : fail(&why);
}
