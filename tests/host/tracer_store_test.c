/* Trace files: what is ours and what is not, complete and cut off, damaged.
 * Sources: tests/host/synthetic.c tests/host/synthetic_tale.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/host/synthetic.h"
#include "tracer/reader.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"

static const char path[] = "tracer_store_test.db";

static void trace_make(uint64_t records, bool end)
{
	static struct synthetic s;

	unlink(path);
	assert_true(synthetic_open(&s, path, 2));
	synthetic_tale(&s, records);
	synthetic_lose(&s, 1, EV_interrupt, LOSS_NESTED);
	assert_true(synthetic_close(&s, end, 0));
}

static int64_t ask(const char *sql)
{
	struct error why = { 0 };
	sqlite3 *db;
	int64_t answer;

	assert_int_equal(trace_open(&db, path, NULL, &why), 0);
	answer = sql_integer(db, sql, -1);
	sqlite3_close_v2(db);
	return answer;
}

static void bytes_write(const char *name, const void *bytes, size_t size)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static void tables_answer(void **state)
{
	(void)state;
	trace_make(2000, true);
	assert_true(ask("SELECT max(id) FROM event") > 2000 - 50);
	assert_int_equal(ask("SELECT count(*) FROM syscall WHERE name = 'pipe2' AND"
			     " args = '[3, 4], 0' AND result = 0"),
			 ask("SELECT count(*) FROM syscall WHERE name = 'pipe2'"));
	assert_int_equal(ask("SELECT count(*) FROM syscall WHERE exit IS NULL"),
			 ask("SELECT count(*) FROM syscall WHERE name = 'exit_group'"));
	assert_int_equal(ask("SELECT count(*) FROM page_fault WHERE exit_event IS NULL"), 0);
	assert_int_equal(ask("SELECT count(*) FROM crossing WHERE direction = 'in' AND"
			     " cause = 'syscall'"),
			 ask("SELECT sum(emitted) FROM counter WHERE name = 'syscall_enter'"));
	assert_int_equal(ask("SELECT count(*) FROM process WHERE ended = 'exited with 0'"),
			 ask("SELECT count(*) FROM process") - 1);
	assert_int_equal(ask("SELECT count(*) FROM event a JOIN event b ON b.id = a.id + 1"
			     " WHERE b.time < a.time"),
			 0);
}

static void identity_is_kept_and_checked(void **state)
{
	struct error why = { 0 };
	sqlite3 *db;

	(void)state;
	trace_make(500, true);
	assert_int_equal(ask("SELECT value FROM meta WHERE name = 'identity'"), 1);
	assert_int_equal(ask("SELECT sum(emitted - stored - lost) FROM counter"), 0);
	assert_int_equal(ask("SELECT count FROM loss WHERE cause = 'nested too deep'"), 1);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "UPDATE counter SET emitted = emitted + 1 WHERE event = 1 AND cpu = 0",
		     NULL, NULL, NULL);
	assert_int_equal(tables_identity(db, &why), 0);
	assert_non_null(strstr(why.text, "CPU 0"));
	sqlite3_exec(db, "DELETE FROM cpu", NULL, NULL, NULL);
	assert_int_equal(tables_identity(db, &why), -1);
	sqlite3_close(db);
}

static void cut_off_recordings_are_read(void **state)
{
	struct error why = { 0 };
	struct reader *r;

	(void)state;
	trace_make(1000, false);
	assert_int_equal(reader_open(&r, path, &why), 0);
	assert_false(reader_complete(r));
	assert_true(reader_count(r) > 900);
	reader_close(r);
	/* Now it is decoded, in place. */
	assert_int_equal(ask("SELECT value FROM meta WHERE name = 'decoded'"), 1);
}

static void read_only_recordings_are_read(void **state)
{
	struct error why = { 0 };
	struct reader *r;

	(void)state;
	trace_make(1000, false);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(reader_open(&r, path, &why), 0);
	assert_true(reader_count(r) > 900);
	reader_close(r);
}

static void foreign_files_are_refused_and_kept(void **state)
{
	static const char text[] = "a letter to my grandmother";
	struct error why = { 0 };
	struct store *s;
	struct stat st;
	sqlite3 *db;

	(void)state;
	unlink(path);
	bytes_write(path, text, sizeof(text));
	assert_int_equal(trace_open(&db, path, NULL, &why), 2);
	assert_int_equal(store_create(&s, path, false, &why), 2);
	assert_non_null(strstr(why.text, "not a Ringscope trace"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, sizeof(text));
	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE mine (x)", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_int_equal(store_create(&s, path, false, &why), 2);
	assert_int_equal(trace_open(&db, path, NULL, &why), 2);
	assert_int_equal(trace_open(&db, "no such file", NULL, &why), 2);
	assert_int_equal(trace_open(&db, ".", NULL, &why), 2);
}

static void our_own_and_empty_files_are_replaced(void **state)
{
	struct error why = { 0 };
	struct store *s;

	(void)state;
	trace_make(100, true);
	assert_int_equal(store_create(&s, path, false, &why), 0);
	/* While it is being written nobody else may. */
	struct store *other;
	assert_int_equal(store_create(&other, path, false, &why), 2);
	assert_int_equal(store_close(s, &why), 0);
	bytes_write(path, "", 0);
	assert_int_equal(store_create(&s, path, false, &why), 0);
	assert_int_equal(store_close(s, &why), 0);
	assert_int_equal(store_create(&s, "no such folder/x.db", false, &why), 2);
}

static void truncated_files_are_refused_or_read(void **state)
{
	struct error why = { 0 };
	struct reader *r;
	struct stat st;
	struct event e;
	int status;

	(void)state;
	trace_make(2000, true);
	assert_int_equal(stat(path, &st), 0);
	for (off_t size = 0; size < st.st_size; size += 3777) {
		trace_make(2000, true);
		assert_int_equal(truncate(path, size), 0);
		status = reader_open(&r, path, &why);
		assert_true(status == 0 || status == 2 || status == 3);
		if (status)
			continue;
		for (uint64_t id = 1; id <= reader_count(r) && id < 3000; id++)
			reader_event(r, id, &e, &why);
		reader_close(r);
	}
}

/* Bytes of the file changed at random: an error or an answer, nothing worse. */
static void damaged_files_do_no_harm(void **state)
{
	static char bytes[1 << 20];
	static struct event e;
	struct error why = { 0 };
	char text[256];
	size_t size;
	FILE *f;

	(void)state;
	trace_make(800, false);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	srand(5);
	for (int round = 0; round < 300; round++) {
		struct reader *r;

		unlink(path);
		for (int i = 0; i < 5; i++) {
			const size_t at = 100 + (size_t)rand() % (size - 100);
			const char was = bytes[at];

			bytes[at] = (char)rand();
			if (i == 4)
				bytes_write(path, bytes, size);
			if (round % 2)
				bytes[at] = was;
		}
		if (reader_open(&r, path, &why))
			continue;
		for (uint64_t id = 1; id <= reader_count(r) && id < 1000; id++)
			if (reader_event(r, id, &e, &why))
				reader_describe(r, &e, text, sizeof(text));
		reader_close(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_answer),
		cmocka_unit_test(identity_is_kept_and_checked),
		cmocka_unit_test(cut_off_recordings_are_read),
		cmocka_unit_test(read_only_recordings_are_read),
		cmocka_unit_test(foreign_files_are_refused_and_kept),
		cmocka_unit_test(our_own_and_empty_files_are_replaced),
		cmocka_unit_test(truncated_files_are_refused_or_read),
		cmocka_unit_test(damaged_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
