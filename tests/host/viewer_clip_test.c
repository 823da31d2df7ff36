/* What is copied: each event's line and its SQL, as the session hands them to the terminal.
 * Sources: tests/viewer/fake_reader.c tests/viewer/fake_story.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/clip.h"
#include "viewer/linear.h"
#include "viewer/session.h"

static void test_base64(void **state)
{
	static const char *const vectors[][2] = {
		/* RFC 4648, 10 */
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char *text = clip_base64(vectors[i][0]);

		assert_string_equal(text, vectors[i][1]);
		free(text);
	}
}

static void test_events(void **state)
{
	struct session *s = calloc(1, sizeof(*s));
	char *line = NULL, query[80];
	struct reader *r;
	struct span span;
	size_t size;
	FILE *out;

	(void)state;
	assert_non_null(s);
	assert_int_equal(reader_open(&r, "story", NULL), 0);
	session_open(s, r, "story");
	for (uint64_t id = 1; id <= reader_count(r); id++) {
		session_goto(s, id);
		while (session_work(s, 1000))
			continue;
		session_key(s, 'y');
		out = open_memstream(&line, &size);
		linear_line(r, &s->event, false, out);
		fclose(out);
		assert_int_equal(strlen(s->clip), size - 1);
		assert_memory_equal(s->clip, line, size - 1);
		free(line);
		session_key(s, 'Y');
		if (s->event.kind == EV_syscall_return) {
			assert_true(reader_span(r, id, &span));
			snprintf(query, sizeof(query), "SELECT * FROM syscall WHERE id = %llu",
				 (unsigned long long)span.begin);
			assert_string_equal(s->clip, query);
		} else if (s->event.kind == EV_context_switch) {
			snprintf(query, sizeof(query),
				 "SELECT * FROM ev_context_switch WHERE id = %llu",
				 (unsigned long long)id);
			assert_string_equal(s->clip, query);
		}
	}
	session_close(s);
	free(s);
	reader_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
