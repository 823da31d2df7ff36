#include "tests/host/viewer_tale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/syscalls.h"
#include "tests/host/synthetic.h"

/* Two calls that the other recording does not have. */
static void calls_add(struct synthetic *s)
{
	synthetic_call(s, 0, NR_getpid, 0, 0, 0, 0, 0, 0, 0);
	synthetic_return(s, 0, 2);
	synthetic_call(s, 0, NR_close, 1, 99, 0, 0, 0, 0, 0);
	synthetic_return(s, 0, -9);
}

void tale_make(const char *path, enum variant variant)
{
	static struct synthetic s;

	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, variant == TALE_LONG ? 40000 : 150);
	if (variant == TALE_MORE)
		calls_add(&s);
	if (variant == TALE_LOSSY || variant == TALE_MORE) {
		for (int i = 0; variant == TALE_LOSSY && i < 7; i++)
			synthetic_lose(&s, 1, EV_syscall_enter, LOSS_RING_FULL);
		synthetic_flush(&s, 1);
		synthetic_tale(&s, 150);
	}
	assert_true(synthetic_close(&s, true, 0));
}

struct session *session_make(struct reader **r, const char *path)
{
	struct session *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(reader_open(r, path, NULL), 0);
	session_open(s, *r, path);
	return s;
}

void session_end(struct session *s, struct reader *r)
{
	session_close(s);
	free(s);
	reader_close(r);
}

void type(struct session *s, const char *keys)
{
	while (*keys != '\0')
		session_key(s, *keys++);
	while (session_work(s, 1000))
		continue;
	session_prepare(s);
}

void settle(struct session *s)
{
	do
		session_prepare(s);
	while (session_waits(s) && usleep(1000) == 0);
}

void expect_sound(const struct session *s)
{
	assert_true(s->scale.from >= 0 && s->scale.from < s->scale.to);
	assert_true(s->scale.to <= s->scale.length);
}

void expect_picture(const struct session *s, struct reader *r)
{
	const struct scale *t = &s->scale;
	const struct lod_query shown = { .from = t->from,
					 .to = t->to,
					 .columns = t->shown.query.columns };
	const struct lod_query whole = { .to = t->length, .columns = t->whole.query.columns };
	struct lod_picture picture;

	assert_true(scale_fresh(t));
	assert_int_equal(reader_lod(r, &shown, &picture, NULL), 0);
	assert_true(t->shown.row_count > 0);
	for (unsigned i = 0; i < t->shown.row_count; i++) {
		const struct scale_row *row = &t->shown.rows[i];
		unsigned at = 0;

		while (at < picture.lanes && picture.lane[at] != row->who.lane)
			at++;
		assert_true(at < picture.lanes);
		assert_int_equal(row->drawn,
				 i >= t->shown.first && i < t->shown.first + SCALE_DRAWN);
		if (!row->drawn)
			continue;
		assert_memory_equal(&t->shown.sums.sum[row->index * shown.columns],
				    &picture.sum[at * shown.columns],
				    shown.columns * sizeof(*picture.sum));
	}
	lod_free(&picture);
	assert_int_equal(reader_lod(r, &whole, &picture, NULL), 0);
	for (unsigned i = 0; i < t->whole.sums.lanes; i++)
		assert_memory_equal(&t->whole.sums.sum[i * whole.columns],
				    &picture.sum[i * whole.columns],
				    whole.columns * sizeof(*picture.sum));
	lod_free(&picture);
}
