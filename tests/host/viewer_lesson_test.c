/* Lessons: what a file may say, what a mistake in it is called and on which line; asking a
 * trace; a person in a lesson, who cannot look behind an open question; anything typed.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c
 * Timeout: 240 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "viewer/key.h"
#include "viewer/paint.h"
#include "viewer/render.h"
#include "viewer/teach.h"
#include "viewer/why.h"

#define TALE "viewer_lesson_test.db"

static const char sample[] = "# a comment\n"
			     "title  Faults\n"
			     "mistake  faults are\n"
			     "         bugs.\n"
			     "run    demand_zero\n"
			     "let    calls SELECT count(*) FROM syscall\n"
			     "\n"
			     "step\n"
			     "stop   page_fault where tid > 0\n"
			     "let    more SELECT count(*) FROM page_fault WHERE id > $event\n"
			     "highlight $tid\n"
			     "ask    How many faults follow event $event?\n"
			     "answer $more\n"
			     "show   page_fault where id > $event\n"
			     "tell   $more, and {who} did this one.\n"
			     "step\n"
			     "ask    Were there more than two calls?\n"
			     "a      yes\n"
			     "b      no\n"
			     "answer iif($calls > 2, 'a', 'b')\n"
			     "tell   There were $calls.\n";

static void parse(struct lesson *l, const char *text)
{
	struct error why = { 0 };

	if (lesson_parse(l, "sample", text, strlen(text), &why) != 0)
		fail_msg("%s", why.text);
	snprintf(l->file, sizeof(l->file), "sample");
}

static void test_parse(void **state)
{
	struct lesson l;

	(void)state;
	parse(&l, sample);
	assert_string_equal(l.title.text, "Faults");
	assert_string_equal(l.mistake.text, "faults are bugs.");
	assert_int_equal(l.steps, 2);
	assert_int_equal(l.step[0].line, 8);
	assert_string_equal(l.step[0].stop.table, "page_fault");
	assert_string_equal(l.step[0].stop.column, "id");
	assert_int_equal(l.step[1].choices, 2);
	lesson_free(&l);
}

/* Each with the line that is to be named and a part of what is to be said. */
static const struct {
	const char *text, *said;
} mistakes[] = {
	{ "", ":1: the lesson has no title" },
	{ "title a\nrun b\n", ": the lesson has no step" },
	{ "title a\nfoo b\n", ":2: no such line before the first step: foo" },
	{ "title a\ntitle b\n", ":2: stands twice here: title" },
	{ "title\n", ":1: has nothing behind it: title" },
	{ " title a\n", ":1: continues no line" },
	{ "title a\n  b\n  c\nlet 1x SELECT 1\n", ":4: let wants a name" },
	{ "title a\nlet x\n", ":2: let has no SQL" },
	{ "title a\nrun b\nstep now\n", ":3: step stands alone" },
	{ "title a\nrun b\nstep\nstop syscall id = 3\n", ":4: wanted: TABLE" },
	{ "title a\nrun b\nstep\nstop sys;call where 1\n", ":4: wanted: TABLE" },
	{ "title a\nrun b\nstep\nb no\n", ":4: choices are a, b, c" },
	{ "title a\nrun b\nstep\nrun c\n", ":4: a step has no such line: run" },
	{ "title a\nrun b\nstep\nview events\n", ":3: this step neither says nor asks" },
	{ "title a\nrun b\nstep\nask why?\ntell so\n", ":4: this question has no answer" },
	{ "title a\nrun b\nstep\nask why?\nanswer 1\n", ":4: this question has no tell" },
	{ "title a\nrun b\nstep\nask x\na y\nanswer 'a'\ntell z\n", ":4: one choice is none" },
	{ "title a\nrun b\nruns 20\nstep\nsay x\n", ": runs and outcome go together" },
	{ "title a\nrun b\nruns 1\noutcome 1\nstep\nsay x\n", ":3: runs wants a number" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct lesson l;
		struct error why = { 0 };

		assert_int_equal(
			lesson_parse(&l, "x", mistakes[i].text, strlen(mistakes[i].text), &why), 2);
		if (strstr(why.text, mistakes[i].said) == NULL)
			fail_msg("'%s' is not in '%s'", mistakes[i].said, why.text);
		lesson_free(&l);
	}
}

/* Any bytes are a lesson or a message, and nothing else. */
static void test_any_bytes(void **state)
{
	char text[sizeof(sample)];

	(void)state;
	srandom(5);
	for (int round = 0; round < 20000; round++) {
		struct lesson l;
		struct error why = { 0 };

		memcpy(text, sample, sizeof(sample));
		for (int i = 0; i < 1 + round % 8; i++)
			text[random() % (long)(sizeof(sample) - 1)] = (char)random();
		if (lesson_parse(&l, "x", text, (size_t)random() % sizeof(sample), &why) != 0)
			assert_true(strncmp(why.text, "x:", 2) == 0);
		lesson_free(&l);
	}
}

static bool text_in_file(const char *path, const char *text)
{
	char line[1024];
	FILE *file = fopen(path, "re");
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, text) != NULL;
	fclose(file);
	return found;
}

/* "kernel/mm/table.c:table_next": the function is defined in that file. */
static void source_check(const char *who, const char *source)
{
	char path[512], name[128];
	const char *colon = strchr(source, ':');

	if (colon == NULL) {
		fail_msg("%s: source %s wants FILE:FUNCTION", who, source);
		return;
	}
	snprintf(path, sizeof(path), "%s/%.*s", TEST_SOURCE_DIR, (int)(colon - source), source);
	snprintf(name, sizeof(name), "%s%s", colon + 1,
		 strcmp(colon - 2, ".S") == 0 || colon[-1] == 'S' ? ":" : "(");
	if (!text_in_file(path, name))
		fail_msg("%s: %s is not there", who, source);
}

/* Each built-in lesson is read, asks three times at least, and names real functions. */
static void test_built_in(void **state)
{
	const char *name;
	unsigned count = 0;

	(void)state;
	for (; (name = lesson_name(count)) != NULL; count++) {
		struct lesson l;
		struct error why = { 0 };
		unsigned asked = 0;

		if (lesson_load(&l, name, &why) != 0)
			fail_msg("%s", why.text);
		assert_non_null(l.mistake.text);
		for (unsigned i = 0; i < l.steps; i++) {
			asked += l.step[i].ask.text != NULL;
			if (l.step[i].source.text != NULL)
				source_check(name, l.step[i].source.text);
		}
		if (asked < 3)
			fail_msg("%s asks %u times", name, asked);
		lesson_free(&l);
	}
	assert_true(count >= 12);
}

/* A row of the panel as text, other than ASCII as a point. */
static const char *row_text(const struct grid *panel, int row)
{
	static char text[81];

	for (int col = 0; col < 80; col++) {
		const uint32_t glyph = grid_at(panel, col, row)->glyph;

		text[col] = glyph < 0x7f ? (char)glyph : '.';
	}
	return text;
}

/* On 80 columns each lesson's title is whole, and its end names the next lesson. */
static void test_panel(void **state)
{
	struct session *s = calloc(1, sizeof(*s));
	struct tutor *t = calloc(1, sizeof(*t));
	struct grid panel = { 0 };
	const char *name;

	(void)state;
	assert_non_null(s);
	assert_non_null(t);
	assert_true(grid_resize(&panel, 80, 40));
	s->tutor = t;
	for (unsigned at = 0; (name = lesson_name(at)) != NULL; at++) {
		const char *next = lesson_name(at + 1);
		bool named = false;

		assert_int_equal(lesson_load(&t->lesson, name, NULL), 0);
		for (t->at = TUTOR_INTRO; t->at <= (int)t->lesson.steps;
		     t->at += (int)t->lesson.steps + 1) {
			char line[80];
			int rows;

			grid_clear(&panel);
			rows = paint_lesson(s, &panel);
			assert_non_null(strstr(row_text(&panel, 0), t->lesson.title.text));
			snprintf(line, sizeof(line), "ringscope lesson %s ",
				 next != NULL ? next : "");
			for (int row = 1; row < rows; row++)
				named |= strstr(row_text(&panel, row), line) != NULL;
		}
		assert_int_equal(named, next != NULL);
		lesson_free(&t->lesson);
	}
	grid_free(&panel);
	free(t);
	free(s);
}

/* Each rule of w says where the kernel does it: that is there. */
static void test_rules(void **state)
{
	const char *rule, *source, *book;

	(void)state;
	for (unsigned at = 0; (rule = why_name(at)) != NULL; at++) {
		if (!why_where(rule, &source, &book))
			fail_msg("where.def lacks %s", rule);
		source_check(rule, source);
	}
}

static struct reader *tale_open(void)
{
	static struct synthetic s;
	struct reader *r;

	unlink(TALE);
	assert_true(synthetic_open(&s, TALE, 2));
	synthetic_tale(&s, 150);
	assert_true(synthetic_close(&s, true, 0));
	assert_int_equal(reader_open(&r, TALE, NULL), 0);
	return r;
}

static void test_ask(void **state)
{
	static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
				      "FROM n) SELECT count(*) FROM n";
	static const char *const refused[] = {
		"DELETE FROM syscall", "1; SELECT 2", "nothing_there", "$unknown", "", endless
	};
	struct asker a = { .reader = tale_open(), .lesson = "x" };
	struct lesson_text sql = { NULL, 7 };
	struct error why = { 0 };
	char answer[64];
	bool known;

	(void)state;
	asker_set_number(&a, "seven", 7);
	asker_set(&a, "nobody", NULL);
	sql.text = "$seven + 1";
	assert_int_equal(asker_ask(&a, &sql, answer, sizeof(answer), &known, &why), 0);
	assert_true(known);
	assert_string_equal(answer, "8");
	sql.text = "$nobody";
	assert_int_equal(asker_ask(&a, &sql, answer, sizeof(answer), &known, &why), 0);
	assert_false(known);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		sql.text = refused[i];
		assert_int_equal(asker_ask(&a, &sql, answer, sizeof(answer), &known, &why), 2);
		assert_true(strncmp(why.text, "x:7: ", 5) == 0);
	}
	reader_close(a.reader);
}

static struct session *session_make(struct reader *r)
{
	struct session *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	session_open(s, r, TALE);
	s->still = true;
	return s;
}

static void keys(struct session *s, const char *text)
{
	while (*text != '\0') {
		session_key(s, *text++);
		while (session_work(s, 1000))
			continue;
	}
}

static bool shows(const struct session *s, const char *text)
{
	struct grid grid = { 0 };
	bool found = false;

	assert_true(grid_resize(&grid, 100, 45));
	render(s, &grid);
	for (int row = 0; row < grid.rows; row++)
		found |= strstr(row_text(&grid, row), text) != NULL;
	grid_free(&grid);
	return found;
}

static void test_person(void **state)
{
	struct reader *r = tale_open();
	struct session *s = session_make(r);
	struct tutor t;
	struct lesson l;
	unsigned right, asked;
	char faults[ASKER_TEXT + 1];

	(void)state;
	parse(&l, sample);
	assert_int_equal(tutor_open(&t, &l, r, NULL), 0);
	teach_begin(s, &t);
	session_key(s, KEY_CODE_PAGE_DOWN);
	assert_int_equal(s->event.kind, EV_page_fault);
	assert_int_equal(s->count, s->now.id);
	assert_int_equal(s->highlight, s->event.tid);
	keys(s, ". G:ev 100\n");
	assert_int_equal(s->now.id, t.step[0].event);
	keys(s, ",");
	assert_true(s->now.id < t.step[0].event);
	keys(s, "y"); /* nothing that a lesson knows */
	keys(s, "w"); /* it would say too much */
	keys(s, ":why\n");
	assert_int_equal(s->popup, POPUP_NONE);
	assert_true(shows(s, "The lesson asks first"));
	snprintf(faults, sizeof(faults), "%s\n", t.step[0].right);
	keys(s, faults);
	assert_int_equal(t.step[0].state, TUTOR_RIGHT);
	keys(s, "w");
	assert_int_equal(s->popup, POPUP_WHY);
	session_key(s, KEY_CODE_ESCAPE);
	assert_false(shows(s, "The lesson asks first"));
	assert_int_equal(s->count, reader_count(r));
	assert_int_equal(s->now.id, t.step[0].show);
	session_key(s, KEY_CODE_ENTER);
	keys(s, t.step[1].right[0] == 'a' ? "b" : "a");
	assert_int_equal(t.step[1].state, TUTOR_WRONG);
	session_key(s, KEY_CODE_PAGE_UP);
	assert_int_equal(t.at, 0);
	session_key(s, KEY_CODE_PAGE_DOWN);
	session_key(s, KEY_CODE_PAGE_DOWN);
	assert_int_equal(t.at, 2);
	tutor_score(&t, &right, &asked);
	assert_int_equal(right, 1);
	assert_int_equal(asked, 2);
	session_close(s);
	tutor_close(&t);
	free(s);
	reader_close(r);
}

static void test_check(void **state)
{
	static const struct {
		const char *from, *to, *said;
	} changes[] = {
		{ "answer $more", "answer NULL ", "sample:13: this recording has no answer" },
		{ "answer iif($calls > 2, 'a'", "answer iif($calls > 2, 'c'",
		  "sample:20: the answer is 'c'" },
		{ "where tid > 0", "where tid < 0", "sample:9: this recording has no event" },
		{ "FROM syscall\n", "FROM sysball\n", "sample:6: no such table" },
	};
	struct reader *r = tale_open();

	(void)state;
	for (size_t i = 0; i <= sizeof(changes) / sizeof(changes[0]); i++) {
		const bool good = i == sizeof(changes) / sizeof(changes[0]);
		char text[sizeof(sample)];
		struct error why = { 0 };
		struct lesson l;
		struct tutor t;
		int status;

		memcpy(text, sample, sizeof(sample));
		if (!good)
			memcpy(strstr(text, changes[i].from), changes[i].to, strlen(changes[i].to));
		parse(&l, text);
		status = tutor_open(&t, &l, r, &why);
		if (status == 0)
			status = tutor_check(&t, &why);
		assert_int_equal(status, good ? 0 : 2);
		if (!good && strncmp(why.text, changes[i].said, strlen(changes[i].said)) != 0)
			fail_msg("'%s' does not begin '%s'", changes[i].said, why.text);
		tutor_close(&t);
	}
	reader_close(r);
}

static void test_random_keys(void **state)
{
	static const int some[] = { 'a',
				    'b',
				    'c',
				    '!',
				    '1',
				    '0',
				    '7',
				    ' ',
				    '.',
				    ',',
				    'L',
				    '\n',
				    ':',
				    'G',
				    '2',
				    '4',
				    'v',
				    'q',
				    '/',
				    KEY_CODE_TAB,
				    'g',
				    '=',
				    'w',
				    '?',
				    'e',
				    KEY_CODE_PAGE_DOWN,
				    KEY_CODE_PAGE_UP,
				    KEY_CODE_ENTER,
				    KEY_CODE_ESCAPE };
	struct reader *r = tale_open();
	struct session *s = session_make(r);
	struct grid grid = { 0 };
	struct tutor *t = NULL;

	(void)state;
	srandom(9);
	assert_true(grid_resize(&grid, 80, 24));
	for (int round = 0; round < 3000; round++) {
		if (round % 100 == 0) {
			struct lesson l;

			teach_end(s);
			if (t != NULL)
				tutor_close(t);
			free(t);
			t = calloc(1, sizeof(*t));
			assert_non_null(t);
			parse(&l, sample);
			assert_int_equal(tutor_open(t, &l, r, NULL), 0);
			teach_begin(s, t);
			session_resize(s, 1 + (int)(random() % 200), 1 + (int)(random() % 60));
			assert_true(grid_resize(&grid, s->cols, s->rows));
		}
		session_key(s, some[random() % (long)(sizeof(some) / sizeof(some[0]))]);
		session_tick(s, 33);
		session_work(s, 500);
		session_prepare(s);
		if (tutor_asks(s->tutor))
			assert_true(s->now.id <= t->step[t->at].event);
		render(s, &grid);
	}
	session_close(s);
	tutor_close(t);
	free(t);
	free(s);
	grid_free(&grid);
	reader_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),     cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_ask),       cmocka_unit_test(test_panel),
		cmocka_unit_test(test_rules),     cmocka_unit_test(test_person),
		cmocka_unit_test(test_check),     cmocka_unit_test(test_random_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
