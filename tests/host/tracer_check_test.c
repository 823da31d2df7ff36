/* Logs of strace in all their forms, and what a kernel is said to lack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tracer/support/check.h"
#include "tracer/support/strace_log.h"

static struct buffer heard;

static void hear(void *context, const char *name, const char *arguments, const char *result)
{
	(void)context;
	buffer_printf(&heard, "%s|%s|%s\n", name, arguments, result);
}

/* What is found in the lines of a log. */
static const char *found_in(const char *text)
{
	struct strace_log *log = strace_log_new(hear, NULL);

	buffer_clear(&heard);
	while (*text) {
		const size_t length = strcspn(text, "\n");

		strace_log_line(log, text, length);
		text += length + (text[length] == '\n');
	}
	strace_log_end(log);
	return buffer_text(&heard);
}

static void heads_are_read(void **state)
{
	static const char *const heads[] = {
		"",
		"12 ",
		"12  ",
		"[pid    12] ",
		"[12] 0.000123 ",
		"12 12:34:56 ",
		"12:34:56.789012 ",
		"12 1795379155.509216 ",
		"     0.000021 ",
		"[pid 12] 12:34:56.789012 ",
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		snprintf(line, sizeof(line), "%sdup(3) = 4 <0.000012>\n", heads[i]);
		assert_string_equal(found_in(line), "dup|3|4 <0.000012>\n");
	}
}

static void parts_are_joined(void **state)
{
	(void)state;
	assert_string_equal(found_in("1 read(0,  <unfinished ...>\n"
				     "2 read(1,  <unfinished ...>\n"
				     "1 <... read resumed>\"a\", 1) = 1\n"
				     "2 <... read resumed>\"b\", 1) = 1\n"
				     "3 <... read resumed>\"c\", 1) = 1\n"
				     "[pid 4] pause( <unfinished ...>\n"),
			    "read|0,  \"a\", 1|1\nread|1,  \"b\", 1|1\npause| |\n");
}

static void other_lines_are_none(void **state)
{
	(void)state;
	assert_string_equal(found_in("--- SIGCHLD {si_signo=SIGCHLD} ---\n+++ exited with 0 +++\n"
				     "strace: Process 5 attached\n\n(\n123\n= 5\n\xff\xfe\x01\n"
				     "<... resumed>\n<... \n[pid\n[pid 5]\n[[[\n"),
			    "");
}

static void strings_hide_what_is_in_them(void **state)
{
	(void)state;
	assert_string_equal(found_in("open(\"a\\\")(,\", O_RDWR) = 3\n"),
			    "open|\"a\\\")(,\", O_RDWR|3\n");
	assert_string_equal(found_in("read(3</a)b,>, \"x\", 1) = 1\n"),
			    "read|3</a)b,>, \"x\", 1|1\n");
	assert_string_equal(found_in("ioctl(1, TCGETS, {c_cflag=B38400, ...}) = 0\n"),
			    "ioctl|1, TCGETS, {c_cflag=B38400, ...}|0\n");
	assert_string_equal(found_in("open(\"never ends, O_RDWR) = 3\n"),
			    "open|\"never ends, O_RDWR) = 3|\n");
}

/* The gaps that a log leaves, as text, of a kernel that has all but membarrier. */
static const char *gaps_of(const char *text)
{
	static struct handlers handlers;
	struct check *c = calloc(1, sizeof(*c));
	FILE *log = fmemopen((void *)text, strlen(text), "r");
	struct error why = { 0 };

	memset(handlers.has, true, sizeof(handlers.has));
	handlers.has[NR_membarrier] = false;
	c->handlers = &handlers;
	buffer_clear(&heard);
	if (check_read(c, log, "log", &why))
		buffer_string(&heard, why.text);
	for (size_t i = 0; i < c->count; i++)
		if (c->gaps[i].gap != GAP_PARTIAL)
			buffer_printf(&heard, "%d %s %s %lu\n", c->gaps[i].gap, c->gaps[i].call,
				      c->gaps[i].name, c->gaps[i].times);
	fclose(log);
	free(c);
	return buffer_text(&heard);
}

static void gaps_are_found(void **state)
{
	(void)state;
	assert_string_equal(gaps_of("membarrier(0, 0) = 0\nmembarrier(1, 0) = 0\n"),
			    "0 membarrier  2\n");
	assert_string_equal(gaps_of("membarrier(0, 0) = -1 ENOSYS (Function not implemented)\n"),
			    "");
	assert_string_equal(gaps_of("syscall_0x144(0) = 0\n"), "0 membarrier  1\n");
	assert_string_equal(gaps_of("new_call(0) = 0\n"), "0 new_call  1\n");
	assert_string_equal(gaps_of("openat(AT_FDCWD, \"O_FOO\", O_RDWR|O_CREAT, 0600) = 3\n"), "");
	assert_string_equal(gaps_of("openat(AT_FDCWD, \"a\", O_RDWR|O_FOO /* O_BAR */) = 3\n"),
			    "2 openat O_FOO 1\n");
	assert_string_equal(gaps_of("clone(child_stack=NULL, flags=CLONE_NEWNET|SIGCHLD) = 5\n"),
			    "1 clone CLONE_NEWNET 1\n");
	assert_string_equal(gaps_of("socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n"),
			    "1 socket AF_INET 1\n");
	assert_string_equal(gaps_of("ioctl(1, SNDCTL_TMR_TIMEBASE or TCGETS, 0x7) = 0\n"), "");
	assert_string_equal(gaps_of("ioctl(1, _IOC(_IOC_READ, 0x12, 8, 16), 0) = 0\n"),
			    "1 ioctl _IOC(_IOC_READ, 0x12, 8, 16) 1\n");
	assert_string_equal(gaps_of("nothing of strace\n"),
			    "log: no line of strace's in it; write it with strace -f");
}

static void many_different_gaps_are_counted(void **state)
{
	struct buffer text = { 0 };
	static struct handlers handlers;
	struct check *c = calloc(1, sizeof(*c));
	struct error why = { 0 };
	FILE *log;

	(void)state;
	for (int i = 0; i < CHECK_GAPS_MAX + 10; i++)
		buffer_printf(&text, "made_up_%d() = 0\n", i);
	log = fmemopen(text.data, text.length, "r");
	c->handlers = &handlers;
	assert_int_equal(check_read(c, log, "log", &why), 0);
	assert_int_equal(c->count, CHECK_GAPS_MAX);
	assert_int_equal(c->others, 10);
	assert_true(check_missing(c));
	fclose(log);
	free(c);
	buffer_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read),
		cmocka_unit_test(parts_are_joined),
		cmocka_unit_test(other_lines_are_none),
		cmocka_unit_test(strings_hide_what_is_in_them),
		cmocka_unit_test(gaps_are_found),
		cmocka_unit_test(many_different_gaps_are_counted),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buffer_free(&heard);
	return failed;
}
